"""The composer reads the page one wants to share, and fills in what nobody has typed yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from activity import outside
from campaigns.content.addresses import validate_public
from campaigns.content.forms import already_there, keep, known
from campaigns.content.images import UnusableImage, make_cover
from campaigns.content.models import Content
from campaigns.content.pages import Card, card_of

MOST_IN_A_MINUTE = 30
LONGEST_WHY = 140
# The hidden fields that say what was filled in, so that the next page may replace it.
SAID = "read-"
# A page that cannot be read takes back what the last one has filled in: it was another page's.
NOTHING = {"title": "", "why": "", "language": "", "image_alt": ""}


class AddressForm(forms.Form):
    url = forms.URLField(max_length=2000, assume_scheme="https", validators=[validate_public])


@dataclass(frozen=True)
class Reading:
    """What came of reading a page: its card, or the trouble with it, as a sentence.

    picture: the name of its cover in the storage, or "" and `picture_trouble`. known: an item of
    the library about the same page, with its declared `shares`. said: words by form field.
    """

    card: Card | None = None
    trouble: str = ""
    picture: str = ""
    picture_trouble: str = ""
    known: Content | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def picture_url(self) -> str:
        return default_storage.url(self.picture) if self.picture else ""

    @property
    def title(self) -> str:
        return self.card.title or _("A page without a title")

    @property
    def site(self) -> str:
        return self.card.site_name or urlsplit(self.card.canonical_url).hostname or ""

    @property
    def known_text(self) -> str:
        return already_there(self.known)


def read(url: str, *, by: Any, content: Content, wants_picture: bool) -> Reading:
    """Reads the page at `url` within five seconds, its picture included.

    content: the item being written, which is not its own double. Never raises for what is outside.
    """
    form = AddressForm({"url": url})
    if not form.is_valid():
        return Reading(trouble=" ".join(form.errors["url"]))
    if not has_turns_left(by):
        return Reading(trouble=_("That was many pages for one minute: wait a little."))
    deadline, url = outside.Deadline(), form.cleaned_data["url"]
    # A picture somebody chose is not ours to put or to take away.
    no_picture = {"kept": ""} if wants_picture else {}
    try:
        page = outside.fetch(url, outside.PAGES, cut=True, deadline=deadline)
    except outside.Unreachable as error:
        wrong_kind = isinstance(error, outside.WrongKind)
        trouble = _("It is not a web page.") if wrong_kind else str(error)
        return Reading(trouble=trouble, known=known([url], content), said=NOTHING | no_picture)
    card = card_of(page.body, page.url, page.charset)
    picture, trouble = cover_from(card.image, deadline) if wants_picture else ("", "")
    return Reading(
        card=card,
        picture=picture,
        picture_trouble=trouble,
        known=known([url, page.url, card.canonical_url], content),
        said=_said(card, picture) | ({"kept": keep(picture)} if picture else no_picture),
    )


def has_turns_left(person: Any) -> bool:
    """Whether `person` may have another page read in this minute; counts this one."""
    key = f"pages-read:{person.pk}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) <= MOST_IN_A_MINUTE
    except ValueError:
        # The minute ended between the two.
        return True


def cover_from(url: str | None, deadline: outside.Deadline) -> tuple[str, str]:
    """The page's picture as one of ours: its name in the storage, or what is wrong with it."""
    if not url:
        return "", ""
    most = settings.IMAGE_MAX_BYTES
    try:
        found = outside.fetch(url, outside.PICTURES, most=most, deadline=deadline)
        cover = make_cover(ContentFile(found.body))
    except (outside.Unreachable, UnusableImage) as error:
        return "", str(error)
    return default_storage.save(f"content/{cover.name}", cover), ""


def _said(card, picture):
    """What the page has to say to each field of the form."""
    return {
        "title": card.title or "",
        "why": Truncator(card.description or "").chars(LONGEST_WHY),
        "language": card.language or "",
        "image_alt": (card.image_alt or "") if picture else "",
    }


def filled(data: Any, said: Mapping[str, str], *, is_new: bool) -> Any:
    """A copy of the posted `data`, with what the page says in fields that nobody has touched.

    Untouched is what is empty, or as the last page left it; the language also while it is the one
    every new item begins with.
    """
    data = data.copy()
    for name, words in said.items():
        untouched = {"", data.get(f"{SAID}{name}", "")}
        if name == "language":
            untouched |= {settings.LANGUAGE_CODE} if is_new else set()
        if data.get(name, "") in untouched and (words or name != "language"):
            data[name] = words
    return data
