"""A message in words: in its reader's language, at its reader's time of day."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.template import Context, engines
from django.urls import reverse
from django.utils import timezone, translation

from activity.bell import Line
from activity.hearing import KINDS
from activity.models import Notification
from activity.tokens import unsubscribe_url
from activity.transports.email import Letter


@contextmanager
def in_the_words_of(person: AbstractBaseUser) -> Iterator[None]:
    """Their language and their time zone, whoever's process this is."""
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        yield


def letter_of(notification: Notification) -> Letter | None:
    """The mail a notification is, as of now; None when there is nothing to say any more.

    A kind's context may hold, beside what its templates need: `sender` (a name to put before our
    address) and `reply_to`.
    """
    with in_the_words_of(notification.recipient):
        about = KINDS[notification.kind].context(notification)
        return None if about is None else letter_with(notification, about)


def letters_of(rows: list[Notification]) -> dict[UUID, Letter | None]:
    """The same for many of one kind, {id: its mail}. What reads alike is rendered once."""
    kind = KINDS[rows[0].kind]
    if kind.contexts is None:
        return {row.pk: letter_of(row) for row in rows}
    return _copies(rows, kind.contexts(rows))


def _copies(rows, abouts):
    moulds, letters = {}, {}
    for row in rows:
        about, person = abouts[row.pk], row.recipient
        # The language, the time of day, and what waited beside it: else all read the same.
        alike = (id(about), person.language, person.time_zone)
        if about is None:
            letters[row.pk] = None
        elif row.data.get("also") or alike not in moulds:
            with in_the_words_of(person):
                letters[row.pk] = letter_with(row, about | {"person": None})
            if not row.data.get("also"):
                moulds[alike] = letters[row.pk]
        else:
            letters[row.pk] = _copy(moulds[alike], row)
    return letters


def _copy(mould, row):
    """`mould`, a mail to somebody else, as a mail to the recipient of `row`."""
    stop = mould.unsubscribe and unsubscribe_url(row.recipient_id, row.kind)
    return replace(
        mould,
        to=row.recipient.email,
        message_id=row.message_id,
        unsubscribe=stop,
        text=mould.text.replace(mould.unsubscribe, stop) if stop else mould.text,
        html=mould.html.replace(mould.unsubscribe, stop) if stop else mould.html,
    )


def letter_with(notification: Notification, about: dict) -> Letter:
    """The mail with `about`: what its kind gave, or a sample. In the language spoken now."""
    context = _shared(notification) | about
    name = f"mail/{notification.kind}"
    context["subject"] = _words(f"{name}.subject.txt", context).strip()
    return Letter(
        to=notification.recipient.email,
        subject=context["subject"],
        text=_words(f"{name}.txt", context),
        html=_template(f"{name}.html").render(Context(context)),
        message_id=notification.message_id,
        sender=context.get("sender", ""),
        reply_to=context.get("reply_to", ""),
        unsubscribe=context.get("unsubscribe", ""),
    )


def _shared(notification):
    """What templates/mail/base.* need."""
    context = {
        "person": notification.recipient,
        "base_url": settings.BASE_URL,
        "organisation": settings.ORGANISATION,
        "help_email": settings.HELP_EMAIL,
        "html_lang": settings.HTML_LANG[translation.get_language()],
    }
    if notification.data.get("also"):
        context["also"] = said_along(notification)
    if not KINDS[notification.kind].transactional:
        person = notification.recipient_id
        context["unsubscribe"] = unsubscribe_url(person, notification.kind)
        context["preferences"] = settings.BASE_URL + reverse("activity:preferences")
    return context


def said_along(notification: Notification) -> list[dict]:
    """What waited too and is said within this one, as {words, url}: what still holds of it."""
    carried = Notification.objects.within(notification).order_by("created_at")
    lines = [Line(row, 0) for row in carried if KINDS[row.kind].context(row) is not None]
    # An earlier digest has no line of its own: what it would have shown is in a later one.
    return [
        {"words": line.words, "url": settings.BASE_URL + line.notification.data.get("path", "/")}
        for line in lines
        if KINDS[line.notification.kind].line
    ]


def _words(name, context):
    """A plain text: nothing escaped, no line that is empty for a template's sake alone."""
    text = _template(name).render(Context(context, autoescape=False))
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _template(name):
    return engines["django"].engine.get_template(name)
