"""What allauth asks of a provider, over the one guarded way outside (activity.outside).

It looks to allauth like a session of `requests`, as far as allauth uses one.
"""

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode, urlsplit

from django.conf import settings
from requests.exceptions import InvalidJSONError, RequestException

from activity.outside import ANYTHING, Elsewhere, Unreachable, fetch, post

MOST_BYTES = 512 * 2**10
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class NotReached(RequestException):
    """`str()` says why, in the reader's language."""


class NotSafe(NotReached):
    """Plain http: whoever sits between could log in as anybody."""


def must_be_secure(url: str) -> None:
    """Raises NotSafe, but for a provider on the machine of somebody who tries the product."""
    parts = urlsplit(url)
    tried_here = settings.LOCAL and parts.hostname in settings.LOCAL_HOSTS
    if parts.scheme != "https" and not tried_here:
        raise NotSafe


@dataclass(frozen=True)
class Answer:
    status_code: int
    content: bytes
    headers: dict

    @property
    def text(self):
        return self.content.decode(errors="replace")

    def json(self):
        """An object, whatever the type says. Raises InvalidJSONError."""
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise InvalidJSONError from error
        if not isinstance(found, dict):
            raise InvalidJSONError
        return found

    def raise_for_status(self):
        """fetch() has raised already for whatever is not a 2xx."""


class Session:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def get(self, url, headers=None):
        """Follows no redirect: it would carry the token along, and no provider needs one."""
        must_be_secure(url)
        try:
            found = fetch(url, ANYTHING, most=MOST_BYTES, headers=headers, pause=_stay)
        except Unreachable as error:
            raise NotReached(str(error)) from error
        return Answer(found.status, found.body, _headers(found))

    def request(self, method, url, *, data=None, headers=None, auth=None, params=None):
        """POSTs a form: the one thing that is asked this way is a token."""
        must_be_secure(url)
        if auth:
            headers = (headers or {}) | {"Authorization": _basic(auth)}
        body = urlencode(data or {}).encode()
        try:
            found = post(url, body, FORM | (headers or {}), most=MOST_BYTES)
        except Unreachable as error:
            raise NotReached(str(error)) from error
        return Answer(found.status, found.body, _headers(found))


def _stay(host):
    raise Elsewhere


def _basic(auth):
    # Encoded first, as RFC 6749 2.3.1 has it: an ID may hold a colon.
    pair = f"{quote_plus(auth.username)}:{quote_plus(auth.password)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _headers(found):
    return {"content-type": "application/json"} | dict(found.headers)
