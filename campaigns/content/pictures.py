"""Pictures that were read or uploaded and never saved do not stay in the storage for ever."""

import logging
from datetime import datetime, timedelta

from django.core import signing
from django.core.files.storage import default_storage
from django.db.models.fields.json import KT

from campaigns.content.forms import KEPT
from campaigns.content.models import ComposerDraft, Content, Review, Version

log = logging.getLogger(__name__)

FOLDER = "content"
YOUNG = timedelta(days=2)


def sweep_pictures(now: datetime) -> int:
    """Deletes the files nobody refers to that are older than two days; how many."""
    old = [name for name in _stored() if default_storage.get_modified_time(name) < now - YOUNG]
    # Looked up after the files: what is saved meanwhile is young.
    used = _used() if old else set()
    unused = [name for name in old if name not in used]
    for name in unused:
        default_storage.delete(name)
    if unused:
        log.info("%d pictures that were never saved are deleted", len(unused))
    return len(unused)


def _stored():
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    return [f"{FOLDER}/{name}" for name in names]


def _used():
    """The pictures of items, of what they were when they were handed in or decided on, and of
    what is being written."""
    used = set(Content.objects.exclude(image="").values_list("image", flat=True))
    for rows, field in ((Version.objects, "words__image"), (Review.objects, "seen__image")):
        used |= set(rows.annotate(picture=KT(field)).values_list("picture", flat=True).distinct())
    return used | set(_being_written())


def _being_written():
    tokens = ComposerDraft.objects.filter(done_at=None).values_list("data__kept", flat=True)
    for token in (one for values in tokens for one in values or []):
        try:
            yield signing.loads(token, salt=KEPT)
        except signing.BadSignature:
            continue
