"""What is looked at before a campaign may be reviewed, and again before it may start.

Everything is asked through the campaign itself: its contents are a later slice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ambassadors.accounts.holders import who_may

REVIEW, LAUNCH = "review", "launch"


@dataclass(frozen=True)
class Check:
    """One line of the list, as a sentence in the reader's language.

    blocks: the moments it stands in the way of (REVIEW, LAUNCH) when it is not `ok`; empty is
    advice. step: where in the wizard it is put right.
    """

    ok: bool
    text: str | Promise
    step: str
    blocks: tuple[str, ...] = (REVIEW, LAUNCH)


def checks(campaign: Any) -> list[Check]:
    """The whole list for `campaign`, in the order of the wizard."""
    contents = list(campaign.contents.prefetch_related("captions__network", "claims"))
    live = [content for content in contents if content.is_live]
    return [
        *_names(campaign),
        *approvers(campaign, contents),
        *_audience(campaign, live),
        _approved(live, contents),
        *(_texts(live) if live else []),
        *_claims(campaign, live),
        *_links(campaign, live),
        *_dates(campaign, live),
        *_disclosure(campaign),
    ]


def reasons_against(campaign: Any, moment: str) -> list[str]:
    """Why `campaign` cannot be reviewed (REVIEW) or started (LAUNCH) now; empty when it can."""
    return [
        str(check.text) for check in checks(campaign) if not check.ok and moment in check.blocks
    ]


def _names(campaign):
    complete = bool(campaign.name_en and campaign.objective_en)
    text = (
        _("Name and objective in French and in English")
        if complete
        else _("The name or the objective is missing in English: people will read the French one.")
    )
    yield Check(complete, text, "purpose", blocks=())


def approvers(campaign: Any, contents: list[Any]) -> Iterator[Check]:
    """Whether somebody is left to approve each of `contents` (with their captions)."""
    named = list(campaign.approvers.all())
    able = set(who_may("campaigns.approve_content")) & {person.pk for person in named}
    if named and not able:
        text = _("None of its approvers can approve any more: an administrator will have to.")
        yield Check(False, text, "purpose", blocks=())
    elif named and campaign.four_eyes:
        yield from _second_pair(able, contents)
    elif named:
        yield Check(True, _("Its approvers can approve each item"), "purpose")


def _second_pair(able, contents):
    """Four eyes: whoever wrote an item is not asked about it, and somebody has to be."""
    alone = [c for c in contents if not c.is_live and not able - c.writer_ids]
    if alone:
        text = ngettext(
            "Every approver has written %(n)d item, and four eyes are asked for: name one more.",
            "Every approver has written %(n)d items, and four eyes are asked for: name one more.",
            len(alone),
        )
        yield Check(False, text % {"n": len(alone)}, "purpose", blocks=())
    elif len(able) == 1:
        text = _("Only one approver, who cannot approve what they write themselves: name one more.")
        yield Check(False, text, "purpose", blocks=())
    else:
        yield Check(True, _("Somebody else than the author can approve each item"), "purpose")


def _audience(campaign, live):
    readers = Counter(campaign.audience.ambassadors().values_list("user__language", flat=True))
    total = sum(readers.values())
    if not total:
        yield Check(False, _("The audience holds no active ambassador yet."), "audience")
        return
    text = ngettext("%(n)d active ambassador", "%(n)d active ambassadors", total)
    yield Check(True, text % {"n": total}, "audience")
    if live:
        yield from _languages(readers, live)


def _languages(readers, live):
    written = {caption.language for content in live for caption in content.captions.all()}
    missing = {language: n for language, n in readers.items() if language not in written}
    if not missing:
        yield Check(True, _("Texts in the language of everybody in the audience"), "content")
    for language, n in missing.items():
        yield Check(False, _without_texts(language, n), "content", blocks=())


def _without_texts(language, n):
    if language == "en":
        text = ngettext(
            "No text in English: %(n)d person reads English.",
            "No text in English: %(n)d people read English.",
            n,
        )
    else:
        text = ngettext(
            "No text in French: %(n)d person reads French.",
            "No text in French: %(n)d people read French.",
            n,
        )
    return text % {"n": n}


def _approved(live, contents):
    if live:
        text = ngettext("%(n)d approved item", "%(n)d approved items", len(live))
        return Check(True, text % {"n": len(live)}, "content")
    if any(content.is_waiting for content in contents):
        # The campaign and its content may wait for the same second person.
        text = _("No item is approved yet: at least one must be before the start.")
        return Check(False, text, "content", blocks=(LAUNCH,))
    return Check(False, _("No item yet: write at least one and submit it."), "content")


def _texts(live):
    captions = [caption for content in live for caption in content.captions.all()]
    bare = [content for content in live if not content.captions.all()]
    long = [caption for caption in captions if caption.is_too_long]
    if long:
        text = ngettext(
            "%(n)d text is too long for its network.",
            "%(n)d texts are too long for their network.",
            len(long),
        )
        yield Check(False, text % {"n": len(long)}, "content")
    else:
        yield Check(True, _("Every text is within its network’s limit"), "content")
    if bare:
        text = ngettext(
            "%(n)d item has no suggested text.", "%(n)d items have no suggested text.", len(bare)
        )
        yield Check(False, text % {"n": len(bare)}, "content", blocks=())


def _claims(campaign, live):
    claims = [claim for content in live for claim in content.claims.all()]
    bare = [claim for claim in claims if not (claim.source or claim.source_url)]
    last = campaign.ends_at.astimezone(campaign.zone).date()
    short = [claim for claim in claims if claim.valid_until and claim.valid_until < last]
    if bare:
        text = ngettext(
            "%(n)d claim without a source: say where it comes from.",
            "%(n)d claims without a source: say where they come from.",
            len(bare),
        )
        yield Check(False, text % {"n": len(bare)}, "content", blocks=())
    elif claims:
        yield Check(True, _("Each claim has its source"), "content")
    if short:
        text = ngettext(
            "%(n)d claim is out of date before the campaign ends: its item leaves the feed.",
            "%(n)d claims are out of date before the campaign ends: their items leave the feed.",
            len(short),
        )
        yield Check(False, text % {"n": len(short)}, "content", blocks=())


def _links(campaign, live):
    urls = [content.url for content in live]
    if campaign.fallback_url:
        urls.append(campaign.fallback_url)
    odd = [url for url in urls if not url.startswith(("https://", "http://"))]
    if odd:
        text = _("These links do not start with http:// or https://: %(links)s")
        yield Check(False, text % {"links": ", ".join(odd)}, "content")
    elif urls:
        yield Check(True, _("Every link is a web address"), "content")


def _dates(campaign, live):
    if campaign.ends_at <= timezone.now() + campaign.UNDO:
        yield Check(False, _("The end is already past: choose a later one."), "rhythm")
        return
    yield Check(True, _("The dates are in order"), "rhythm")
    short = [c for c in live if c.expires_at and c.expires_at < campaign.ends_at]
    if short:
        text = ngettext(
            "%(n)d item expires before the campaign ends.",
            "%(n)d items expire before the campaign ends.",
            len(short),
        )
        yield Check(False, text % {"n": len(short)}, "content", blocks=())


def _disclosure(campaign):
    if campaign.disclosure_fr and campaign.disclosure_en:
        yield Check(True, _("A disclosure line opens every post, in both languages"), "rhythm")
    elif campaign.kind == campaign.Kind.MARKETING:
        text = _(
            "No disclosure line in both languages: whoever praises their employer’s products "
            "should say who employs them."
        )
        yield Check(False, text, "rhythm", blocks=())
