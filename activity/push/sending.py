"""A message to every browser a person asked to be told in."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from activity import bell
from activity.hearing import KINDS
from activity.models import Notification
from activity.outside import Deadline, Unreachable, post
from activity.push import crypto
from activity.push.models import Browser, PushKey
from activity.rendering import in_the_words_of, letter_of
from activity.transports import Permanent, Temporary
from activity.vault import Unreadable

log = logging.getLogger(__name__)

# Whose browsers there are: Chrome and its kin, Firefox, Edge, Safari. Anything else an address
# could be is a place that somebody wants us to knock at.
SERVICES = (
    "fcm.googleapis.com",
    "jmt17.google.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    ".push.apple.com",
)
SECONDS = 15
# What is not shown within half a day is no news.
KEPT_SECONDS = 12 * 3600
GONE = {404, 410}
LONGEST_TITLE, LONGEST_BODY = 200, 600


class NoBrowser(Permanent):
    """The person has none left that would take it."""


@dataclass(frozen=True)
class Push:
    """What a browser shows. tag: a later one of the same tag takes an earlier one's place."""

    person: int
    title: str
    body: str
    path: str
    tag: str
    language: str

    def as_bytes(self) -> bytes:
        shown = {
            "title": self.title[:LONGEST_TITLE],
            "body": self.body[:LONGEST_BODY],
            "path": self.path,
            "tag": self.tag,
            "lang": self.language,
        }
        text = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
        # Characters are not bytes: a title of 200 pictures would not fit.
        return text if len(text) <= crypto.MOST_BYTES else _shortened(shown)


def _shortened(shown):
    shown |= {"title": shown["title"][:60], "body": shown["body"][:60]}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def is_a_service(address: str) -> bool:
    """Whether `address` is one of a push service's."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    known = any(host == name.removeprefix(".") or host.endswith(name) for name in _dotted())
    return parts.scheme == "https" and known


def _dotted():
    return [name if name.startswith(".") else f".{name}" for name in SERVICES]


def push_of(notification: Notification) -> Push | None:
    """The push a notification is, as of now; None when there is nothing to say any more."""
    with in_the_words_of(notification.recipient):
        words = _words(notification)
        if words is None:
            return None
        return Push(
            person=notification.recipient_id,
            title=words,
            body=str(KINDS[notification.kind].label),
            path=notification.data.get("path") or reverse("home"),
            tag=str(notification.pk),
            language=settings.HTML_LANG[get_language()],
        )


def _words(notification):
    """A mail's subject, or else what the bell says; None once the mail would not be true."""
    kind = KINDS[notification.kind]
    if Notification.Channel.EMAIL in (*kind.channels, *kind.offered):
        letter = letter_of(notification)
        return letter and letter.subject
    return bell.Line(notification, 0).words


def send(push: Push, before: Callable[[], None]) -> None:
    """Hands it to each of the person's browsers. Raises Permanent or Temporary.

    before: called when the text is about to leave.
    """
    browsers = list(Browser.objects.of(push.person))
    if not browsers:
        raise NoBrowser("no browser is registered")
    before()
    send_to(browsers, push)


def send_to(browsers: list[Browser], push: Push) -> None:
    """One that takes it is enough: the others' failure is in the log. A browser that is gone is
    forgotten. Raises Permanent or Temporary."""
    told = [_reached(browser, push) for browser in browsers]
    if True in told:
        return
    if None in told:
        raise Temporary("no push service took it")
    raise NoBrowser("no browser takes it any more")


def _reached(browser, push):
    """True, False for never, None for not now."""
    try:
        status = _post(browser, push).status
    except Unreadable as error:
        raise Permanent("the key of this server has changed") from error
    except Unreachable as error:
        log.warning("The push service of browser %s: %s", browser.pk, error.code)
        return None
    if 200 <= status < 300:
        browser.mark_reached()
        return True
    if status in GONE:
        browser.delete()
        return False
    log.warning("The push service of browser %s answered %s", browser.pk, status)
    return None if status == 429 or status >= 500 else False


def _post(browser, push):
    key = PushKey.current()
    headers = {
        "Authorization": crypto.authorization(
            browser.address, key.public, key.private, settings.HELP_EMAIL
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "normal",
        # Sent twice, it is shown once: the service keeps the later of a topic.
        "Topic": push.tag.replace("-", "")[:32],
    }
    body = crypto.encrypt(push.as_bytes(), browser.key, browser.auth)
    return post(browser.address, body, headers, deadline=Deadline(SECONDS))
