"""What waits too long: those who decide are reminded of it, then others are told.

Once for each version, however often this runs: the row itself says how far it has come.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from activity.expansion import Addressed, notify
from activity.hearing import Kind
from ambassadors.accounts.holders import who_may
from ambassadors.accounts.models import User
from campaigns.approval import others
from campaigns.approval.lines import LATE_DAYS, waiting_items, waiting_texts
from campaigns.approval.working import working_days_after
from campaigns.content.models import Caption, Content

REMIND_DAYS = 1

Words = Content | Caption


@transaction.atomic
def remind(now: datetime, reminder: Kind, escalation: Kind) -> None:
    """Reminds, or escalates, whatever is due at `now`: one message per person, whatever its length.

    What was overlooked for so long that it is late already is escalated at once.
    """
    deciders = list(User.objects.filter(pk__in=who_may("campaigns.approve_content")))
    reminded, escalated = defaultdict(list), defaultdict(list)
    for subject in _waiting():
        level = level_due(subject, now)
        if level <= subject.reminders or not subject.note_reminder(level):
            continue
        if level == subject.ESCALATED:
            _add(escalated, _above(subject, deciders), subject)
        else:
            _add(reminded, _asked(subject, deciders), subject)
    for level, subject, people in others.newly_due(deciders, now):
        _add(escalated if level == others.ESCALATED else reminded, people, subject)
    notify(reminder, _messages(reminder, reminded, now))
    notify(escalation, _messages(escalation, escalated, now))


def level_due(subject: Words, now: datetime) -> int:
    """How often `subject` should have been spoken of by `now`: 0, 1, or 2 for escalated."""
    zone = subject.campaign.zone
    if now >= working_days_after(subject.handed_in_at, LATE_DAYS, zone):
        return subject.ESCALATED
    return int(now >= working_days_after(subject.handed_in_at, REMIND_DAYS, zone))


def _waiting() -> Iterator[Words]:
    # In one order, so that two runs at once wait for each other and do not lock each other out.
    yield from waiting_items().order_by("pk")
    yield from waiting_texts().order_by("pk")


def _asked(subject, people):
    """Whose decision it waits for; never who wrote it."""
    return [p for p in people if p.pk not in subject.writer_ids and subject.has_to_decide(p)]


def _above(subject, people):
    """The owner of its campaign and the administrators; never who wrote it."""
    owner = subject.campaign.owner_id
    others = [p for p in people if p.pk not in subject.writer_ids]
    return [p for p in others if p.pk == owner or p.has_perm("campaigns.decide_overdue")]


def _add(messages, people, subject):
    for person in people:
        messages[person.pk].append(subject)


def _messages(kind: Kind, messages: dict[int, list[Words]], now) -> Iterable[Addressed]:
    for person, subjects in messages.items():
        key = f"{kind.name}:{person}:{now.isoformat()}"
        yield Addressed(person=person, key=key, data=_facts(subjects))


def _facts(subjects):
    keys = [f"{subject._meta.model_name}-{subject.pk}" for subject in subjects]
    path = reverse("campaigns:approval-queue")
    return {
        "keys": keys,
        "what": {language: _what(subjects, language) for language, _name in settings.LANGUAGES},
        "path": f"{path}?item={keys[0]}" if len(keys) == 1 else path,
    }


def _what(subjects, language):
    """“This item”, or “This item” and 2 more: which, in a `language`."""
    more = len(subjects) - 1
    with override(language):
        title = _title(subjects[0])
        if not more:
            return _("“%(title)s”") % {"title": title}
        text = ngettext("“%(title)s” and %(n)d more", "“%(title)s” and %(n)d more", more)
        return text % {"title": title, "n": more}


def _title(subject):
    """Of an item, of what a text or a draft belongs to, of a campaign, or of a proposal."""
    return str(getattr(subject, "content", None) or subject)
