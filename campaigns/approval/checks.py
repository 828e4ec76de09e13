"""What a reviewer need not count or compare by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.content.models import Caption, Content


@dataclass(frozen=True)
class Check:
    """One line, as a sentence in the reader's language. Advice: nothing here decides."""

    ok: bool
    text: str


def checks_of(content: Content, captions: Iterable[Caption]) -> list[Check]:
    """What is worth knowing about an item and its `captions` (with their network and content)."""
    captions = list(captions)
    return [
        *_lengths(captions),
        *_languages(content, captions),
        *_evidence(content),
        *_picture(content),
        *_end(content),
    ]


def lengths_of(caption: Caption) -> list[Check]:
    """The same for one changed text of an item that is live."""
    return list(_lengths([caption]))


def _lengths(captions: list[Caption]) -> Iterator[Check]:
    long = [str(caption.network) for caption in captions if caption.is_too_long]
    if long:
        text = _("Too long, with its disclosure line and its link: %(networks)s")
        yield Check(False, text % {"networks": ", ".join(sorted(set(long)))})
    elif captions:
        yield Check(True, _("Texts within the limit of each network"))
    else:
        yield Check(False, _("No suggested text: people write their own words from nothing"))


def _languages(content, captions):
    written = {caption.language for caption in captions}
    if written and written != dict(settings.LANGUAGES).keys():
        missing = _("No text in English") if "en" not in written else _("No text in French")
        yield Check(False, missing)
    line = all(content.disclosure(language) for language in written)
    if written:
        yield Check(
            line,
            _("The disclosure line opens every text")
            if line
            else _("A text would open without a disclosure line"),
        )


def _evidence(content):
    claims = list(content.claims.all())
    bare = [claim for claim in claims if not (claim.source or claim.source_url)]
    if content.stale_claims:
        yield Check(False, _("Something it claims is no longer valid: it cannot be approved"))
    if bare:
        text = ngettext("%(n)d claim without a source", "%(n)d claims without a source", len(bare))
        yield Check(False, text % {"n": len(bare)})
    elif claims:
        yield Check(True, _("Each claim has its source"))


def _picture(content):
    if content.image:
        yield Check(True, _("A picture, with words for those who cannot see it"))
    else:
        yield Check(False, _("No picture: networks show the page’s own"))


def _end(content):
    if content.expires_at and content.expires_at > content.campaign.ends_at:
        yield Check(False, _("It expires after its campaign has ended"))
