"""What each mail looks like, before anybody gets it.

A slice says with what its kinds are shown:

    @sample("campaign.launched")
    def launched(reader): return {...}      # as Kind.context gives it

The company's own campaigns and items where there are any, else invented ones; what would be
somebody's own (figures, codes) is always invented.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation

from activity.hearing import KINDS
from activity.models import Notification
from activity.rendering import in_the_words_of, letter_with
from activity.transports.email import Letter

Sample = Callable[[Any], dict]
SAMPLES: dict[str, Sample] = {}


@dataclass(frozen=True)
class Account:
    """A mail of the log-in, which is no notification. prefix: of its three templates."""

    prefix: str
    label: Any
    context: dict


ACCOUNTS: dict[str, Account] = {}


@dataclass(frozen=True)
class Template:
    """A mail in the list."""

    name: str
    label: Any


def sample(*names: str) -> Callable[[Sample], Sample]:
    """Decorates a function of the reader (a User) to what the templates of these kinds need."""

    def register(function):
        for name in names:
            SAMPLES[name] = function
        return function

    return register


def add_account_mail(name: str, prefix: str, label: Any, **context: Any) -> None:
    ACCOUNTS[name] = Account(prefix, label, context)


def by_mail() -> Iterator[Template]:
    """Every mail there is, in the order of the list."""
    for kind in sorted(KINDS.values(), key=lambda kind: str(kind.label)):
        if "email" in (kind.offered or kind.channels):
            yield Template(kind.name, kind.label)
    for name, account in ACCOUNTS.items():
        yield Template(name, account.label)


def letter(name: str, language: str, reader: Any) -> Letter | None:
    """The mail `name` as `reader` would get it in `language`; None for no such mail.

    Where a kind has no sample there are gaps; a test finds it.
    """
    if name in ACCOUNTS:
        return _account_letter(ACCOUNTS[name], language, reader)
    if name not in {template.name for template in by_mail()}:
        return None
    addressed = copy(reader)
    addressed.language = language
    notification = Notification(kind=name, recipient=addressed, channel="email")
    with in_the_words_of(addressed):
        return letter_with(notification, SAMPLES.get(name, _nothing)(addressed))


def _nothing(reader):
    return {}


def _account_letter(account, language, reader):
    with translation.override(language):
        shell = {
            "organisation": settings.ORGANISATION,
            "help_email": settings.HELP_EMAIL,
            "base_url": settings.BASE_URL,
            "html_lang": settings.HTML_LANG[language],
        }
        context = account.context | {"shell": shell, "email": reader.email, "user": reader}
        subject = render_to_string(f"{account.prefix}_subject.txt", context).strip()
        text = render_to_string(f"{account.prefix}_message.txt", context).strip()
        return Letter(
            to=reader.email,
            subject=subject,
            text=text,
            html=_html(account.prefix, context | {"subject": subject}),
            message_id="",
        )


def _html(prefix, context):
    """ "" where a mail is text alone."""
    try:
        return render_to_string(f"{prefix}_message.html", context)
    except TemplateDoesNotExist:
        return ""
