"""The mail of the morning for those who run the programme: what waits for them, if anything does.

At eight by their own clock, on working days, everything in one. A day is decided once: whoever had
nothing to do at eight is not written to at ten.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activity.desk.previews import sample
from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from ambassadors.accounts.holders import who_may
from ambassadors.accounts.models import User
from campaigns.home.todo import somebody_has_to, todo_of

KIND = "desk.brief"
START = time(8)
# A beat that was down makes up for it until then; a brief of the afternoon is none.
LATE = timedelta(hours=3)
SATURDAY = 5


def send_due(now: datetime) -> None:
    """Decides for everybody whose morning it is; a second run finds it decided."""
    people = User.objects.filter(pk__in=who_may("campaigns.see_campaigns"))
    mornings = {person: day for person in people if (day := morning_of(person, now))}
    decided = set(
        Notification.objects.filter(
            kind=KIND, recipient__in=mornings, created_at__gte=now - timedelta(days=1)
        ).values_list("key", flat=True)
    )
    new = {p: day for p, day in mornings.items() if f"{key_of(p, day)}:email" not in decided}
    notify(BRIEF, _addressed(new, now))


def morning_of(person: User, now: datetime) -> date | None:
    """Which day's brief is due for `person` at `now`; None for no day's."""
    local = now.astimezone(ZoneInfo(person.time_zone))
    start = datetime.combine(local.date(), START, local.tzinfo)
    due = local.weekday() < SATURDAY and start <= local < start + LATE
    return local.date() if due else None


def key_of(person: User, day: date) -> str:
    return f"{KIND}:{day}:{person.pk}"


def _addressed(mornings, now) -> Iterator[Addressed]:
    for person, day in mornings.items():
        waits = somebody_has_to(todo_of(person, now))
        yield Addressed(
            person=person.pk,
            key=key_of(person, day),
            data={"day": day.isoformat(), "path": reverse("campaigns:desk")},
            skipped="" if waits else "nothing waits",
        )


def letter(notification: Notification) -> dict | None:
    """What waits at the moment of sending; None when that is nothing, or the day is over."""
    person, now = notification.recipient, timezone.now()
    if timezone.localdate(now).isoformat() != notification.data["day"]:
        return None
    todo = todo_of(person, now)
    return in_words(todo) if somebody_has_to(todo) else None


def in_words(todo: dict) -> dict:
    """The lines of the mail: a sentence, and the address where it is done."""
    lines = [{"words": words, "url": settings.BASE_URL + path} for words, path in _lines(todo)]
    return {
        "lines": lines,
        "count": len(lines),
        "url": settings.BASE_URL + reverse("campaigns:desk"),
        "label": _("Open the desk"),
    }


def _lines(todo) -> Iterator[tuple[str, str]]:
    queue = reverse("campaigns:approval-queue")
    if n := todo["to_approve"]:
        yield _approvals(n, todo["overdue"]), queue
    for campaign in todo["to_review"]:
        words = _("The campaign “%(name)s” waits for your approval.")
        yield words % {"name": campaign.name}, campaign.get_absolute_url()
    if n := todo["to_answer"]:
        words = ngettext(
            "%(n)d page is proposed, and nobody has answered.",
            "%(n)d pages are proposed, and nobody has answered.",
            n,
        )
        yield words % {"n": n}, queue
    for campaign in todo["to_launch"]:
        words = _("“%(name)s” is approved, and not launched.")
        yield words % {"name": campaign.name}, campaign.get_absolute_url()
    yield from _mending(todo)


def _approvals(n, overdue):
    words = ngettext("%(n)d item waits for your approval", "%(n)d items wait for your approval", n)
    told = words % {"n": n}
    if not overdue:
        return f"{told}."
    late = ngettext("%(n)d of all that waits is late", "%(n)d of all that waits are late", overdue)
    return f"{told}; {late % {'n': overdue}}."


def _mending(todo) -> Iterator[tuple[str, str]]:
    contents = reverse("campaigns:content-list")
    if n := todo["to_rewrite"]:
        words = ngettext(
            "%(n)d item of yours came back with a request.",
            "%(n)d items of yours came back with a request.",
            n,
        )
        yield words % {"n": n}, f"{contents}?status=changes_requested"
    if n := todo["dead_links"]:
        words = ngettext(
            "%(n)d item leads to a page that no longer answers.",
            "%(n)d items lead to pages that no longer answer.",
            n,
        )
        yield words % {"n": n}, f"{contents}?only=failing"
    if n := todo["failing_sources"]:
        words = ngettext(
            "%(n)d source can no longer be read.", "%(n)d sources can no longer be read.", n
        )
        yield words % {"n": n}, reverse("campaigns:source-list")
    for stopped in todo["imports"]:
        words = _("The import “%(name)s” has stopped: %(why)s.")
        path = reverse("ambassadors:import-check", args=[stopped.pk])
        yield words % {"name": stopped.name, "why": stopped.waits_text}, path
    if n := todo["not_arrived"]:
        words = ngettext(
            "%(n)d message of the last 24 hours did not arrive, or perhaps did not.",
            "%(n)d messages of the last 24 hours did not arrive, or perhaps did not.",
            n,
        )
        yield words % {"n": n}, reverse("activity:sending-list")


@sample(KIND)
def example(reader: User) -> dict:
    nothing = {"to_review": [], "to_launch": [], "imports": [], "dead_links": 0, "not_arrived": 0}
    some = {"to_approve": 4, "overdue": 1, "to_answer": 2, "to_rewrite": 1, "failing_sources": 1}
    return in_words(nothing | some)


BRIEF = announce(
    Kind(
        name=KIND,
        # Translators: fr: Le matin, ce qui m’attend (seulement si quelque chose attend)
        label=gettext_lazy("In the morning, what waits for me, if anything does"),
        context=letter,
        perm="campaigns.see_campaigns",
    )
)
