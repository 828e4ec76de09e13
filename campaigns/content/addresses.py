"""Which web addresses may be shared, and when two of them are the same page."""

import re
from hashlib import blake2b
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from activity.outside import is_public

WEB_ONLY = URLValidator(schemes=["http", "https"])
# What campaigns and networks add to a link says where a visit came from, not which page it is.
ADDED_BY_NETWORKS = re.compile(
    r"^(utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|mkt_tok|igshid|xtor|at_medium|at_campaign|_hs(enc|mi))$"
)
PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".intranet", ".home.arpa")
ODD_CHARACTERS = re.compile(r"[\\\s\x00-\x1f\x7f]")


def validate_public(url: str) -> None:
    """Refuses what nobody outside could open, and what hides where it leads.

    Looks at the words only: no name is resolved and nothing is fetched.
    """
    if ODD_CHARACTERS.search(url):
        raise ValidationError(_("The link holds a space or a backslash."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValidationError(_("This is not a web address.")) from None
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("The link holds a user name or a password: take it out."))
    if port not in {None, 80, 443}:
        raise ValidationError(_("The link names a port: public pages have none."))
    if not _is_public(parts.hostname or ""):
        raise ValidationError(_("Nobody outside the company could open this link."))


def _is_public(host):
    host = host.rstrip(".").lower()
    try:
        return is_public(host)
    except ValueError:
        return "." in host and not host.endswith(PRIVATE_SUFFIXES) and not _looks_numeric(host)


def _looks_numeric(host):
    """0x7f.1 and 127.1 are addresses too, to a browser."""
    return re.fullmatch(r"(0x[0-9a-f]+|\d+)", host.rsplit(".", 1)[-1]) is not None


def same_page_key(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Equal for two addresses of the same page: host, path and what is asked, in any order."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    asked = (
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not ADDED_BY_NETWORKS.match(name)
    )
    return host, parts.path.rstrip("/"), tuple(sorted(asked))


def page_key(url: str) -> str:
    """same_page_key() as 32 characters, to be stored and looked up."""
    return blake2b(repr(same_page_key(url)).encode(), digest_size=16).hexdigest()


def without_tracking(url: str) -> str:
    """The same page without what campaigns and networks have added; the rest as it was written.

    Scheme and host come back in small letters.
    """
    parts = urlsplit(url)
    asked = [
        piece
        for piece in parts.query.split("&")
        if not ADDED_BY_NETWORKS.match(piece.partition("=")[0])
    ]
    netloc = parts.netloc.lower()
    return parts._replace(netloc=netloc, query="&".join(asked), fragment="").geturl()
