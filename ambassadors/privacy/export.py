"""Everything held about a person as a ZIP: a JSON, and a CSV per table, in both languages."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from activity.spreadsheet import BOM, guarded
from ambassadors.privacy.models import Export
from ambassadors.privacy.notices import tell_ready
from ambassadors.privacy.registry import HOLDINGS, Holding, sorts
from ambassadors.privacy.rights import bases
from ambassadors.privacy.words import in_both, label_of

CHUNK = 2000


def make(export: Export) -> None:
    """Makes the file and tells its owner; a second worker does no harm."""
    if export.ready_at is None and export.keep(zip_of(export.user)):
        tell_ready(export)


def zip_of(user) -> bytes:
    """my-data.json and csv/<table>.csv, each only where there are rows."""
    tables = [(holding, _rows(holding, user)) for holding in HOLDINGS]
    tables = [(holding, rows) for holding, rows in tables if rows]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", _json(user, tables))
        for holding, rows in tables:
            archive.writestr(f"csv/{holding.name}.csv", _csv(holding, rows))
    return out.getvalue()


def _rows(holding: Holding, user) -> list[list[Any]]:
    fields = holding.columns
    related = [field.name for field in fields if field.is_relation]
    rows = holding.of(user).select_related(*related).iterator(chunk_size=CHUNK)
    return [[_value(row, field) for field in fields] for row in rows]


def _value(row, field) -> Any:
    """A thing by its name; everything else as it is stored."""
    value = getattr(row, field.name)
    if isinstance(value, models.Model):
        # Another person by name, as they are known at work; nothing else of them.
        is_person = isinstance(value, get_user_model())
        return value.get_full_name() if is_person else str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def _json(user, tables: Iterable[tuple[Holding, list]]) -> str:
    held, by_right = dict(tables), bases()
    said = {
        "person": user.email,
        "made_at": timezone.now(),
        "held": [
            {
                "about": in_both(lambda s=sort: s.label),
                "why": in_both(lambda s=sort: s.why),
                "basis": in_both(lambda s=sort: by_right[s.key]),
                "kept": in_both(lambda s=sort: s.kept),
                "seen_by": in_both(lambda s=sort: s.seen_by),
                "tables": [_table(each, held[each]) for each in holdings if each in held],
            }
            for sort, holdings in sorts().items()
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=1, default=_plain)


def _table(holding, rows):
    names = [field.name for field in holding.columns]
    return {
        "name": holding.name,
        "label": in_both(lambda: holding.label),
        "columns": {f.name: in_both(lambda f=f: label_of(f)) for f in holding.columns},
        "rows": [dict(zip(names, row, strict=True)) for row in rows],
    }


def _plain(value):
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _csv(holding, rows) -> str:
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    headers = [in_both(lambda f=field: label_of(f)) for field in holding.columns]
    writer.writerow([" / ".join(dict.fromkeys(header.values())) for header in headers])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=_plain)
    return guarded(str(value))
