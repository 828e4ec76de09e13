"""What a source would bring, read once and stored nowhere."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from activity.outside import Unreachable
from campaigns.content.addresses import page_key
from campaigns.content.models import Content
from campaigns.content.reading import has_turns_left
from campaigns.sources.articles import Article
from campaigns.sources.intake import look
from campaigns.sources.models import Sighting, Source

SHOWN = 10
# For the turn to ask a site that workers are asking too, in seconds.
PATIENCE = 5


@dataclass(frozen=True)
class Trial:
    """rows: the first articles, each with whether it is known here. trouble: why there are none."""

    trouble: str = ""
    title: str = ""
    count: int = 0
    passed_over: int = 0
    moved_to: str = ""
    rows: list[tuple[Article, bool]] = field(default_factory=list)


def try_out(kind: str, url: str, *, by: Any) -> Trial:
    """Reads what is at `url` now. Never raises for what is outside."""
    if not has_turns_left(by):
        return Trial(_("That was many pages for one minute: wait a little."))
    try:
        # Not the saved one: it would only be told that nothing is new.
        found = look(Source(kind=kind, url=url), PATIENCE)
    except Unreachable as error:
        return Trial(str(error))
    if found is None:
        return Trial(_("The site’s answer makes no sense."))
    shown = found.articles[:SHOWN]
    known = _known({page_key(article.url) for article in shown})
    return Trial(
        title=found.title,
        count=len(found.articles),
        passed_over=found.passed_over,
        moved_to=found.moved_to,
        rows=[(article, page_key(article.url) in known) for article in shown],
    )


def _known(keys):
    models = (Content, Sighting)
    found = (model.objects.filter(page_key__in=keys) for model in models)
    return {key for rows in found for key in rows.values_list("page_key", flat=True)}
