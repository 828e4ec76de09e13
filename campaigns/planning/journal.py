"""What happened to a campaign and to what it hands out, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from activity.models import Entry

SENTENCES = {
    "campaign.created": gettext_noop("{who} created the campaign"),
    "campaign.changed": gettext_noop("{who} changed the campaign"),
    "campaign.reopened": gettext_noop("{who} reopened the campaign: it must be approved again"),
    "campaign.in_review": gettext_noop("{who} asked for the campaign to be approved"),
    "campaign.approved": gettext_noop("{who} approved the campaign"),
    "campaign.sent_back": gettext_noop("{who} asked for changes to the campaign"),
    "campaign.scheduled": gettext_noop("{who} launched the campaign"),
    "campaign.unscheduled": gettext_noop("{who} took the launch back"),
    "campaign.running": gettext_noop("The campaign started"),
    "campaign.paused": gettext_noop("{who} paused the campaign"),
    "campaign.resumed": gettext_noop("{who} resumed the campaign"),
    "campaign.ended": gettext_noop("The campaign ended"),
    "campaign.archived": gettext_noop("{who} archived the campaign"),
    "content.created": gettext_noop("{who} wrote “{what}”"),
    "content.brought_in": gettext_noop("A source brought in “{what}”"),
    "content.changed": gettext_noop("{who} changed “{what}”"),
    "content.in_review": gettext_noop("{who} submitted “{what}”"),
    "content.reminded": gettext_noop("“{what}” waited: those who decide were reminded"),
    "content.escalated": gettext_noop("“{what}” waited too long: others were told"),
    "content.taken_back": gettext_noop("{who} took “{what}” back before a decision"),
    "content.changes_requested": gettext_noop("{who} asked for changes to “{what}”"),
    "content.agreed": gettext_noop("{who} approved “{what}”; others still have to"),
    "content.approved": gettext_noop("{who} approved “{what}”"),
    "content.published": gettext_noop("“{what}” was published"),
    "content.link_dead": gettext_noop("The page of “{what}” no longer answers"),
    "content.expired": gettext_noop("“{what}” expired"),
    "content.revived": gettext_noop("{who} took “{what}” up again as a draft"),
    "content.put_aside": gettext_noop("{who} put “{what}” aside"),
    "content.withdrawn": gettext_noop("{who} withdrew “{what}”"),
    "address.given": gettext_noop("{who} gave “{what}” a short address"),
    "address.moved": gettext_noop("{who} brought a short address to “{what}”"),
    "address.off": gettext_noop("{who} turned a short address of “{what}” off"),
    "address.on": gettext_noop("{who} turned a short address of “{what}” on again"),
    "claim.lapsed": gettext_noop("What “{what}” claims is no longer valid"),
    "claim.renewed": gettext_noop("{who} moved the date of what “{what}” claims"),
    "caption.in_review": gettext_noop("{who} changed a text of “{what}”"),
    "caption.reminded": gettext_noop("A text of “{what}” waited: those who decide were reminded"),
    "caption.escalated": gettext_noop("A text of “{what}” waited too long: others were told"),
    "caption.restored": gettext_noop("{who} returned to the approved text of “{what}”"),
    "caption.changes_requested": gettext_noop("{who} asked for changes to a text of “{what}”"),
    "caption.agreed": gettext_noop("{who} approved a text of “{what}”; others still have to"),
    "caption.approved": gettext_noop("{who} approved a text of “{what}”"),
}


@dataclass(frozen=True)
class Line:
    """A sentence with the name in bold, when it happened, and the words left with it."""

    at: datetime
    sentence: str
    note: str


def journal(campaign: Any, limit: int | None = None) -> list[Line]:
    """The log of `campaign` and of its contents, newest first; all of it without a `limit`."""
    titles = _titles(campaign)
    entries = _entries(titles).filter(verb__in=SENTENCES).select_related("actor")
    return [_line(entry, titles) for entry in entries.order_by("-id")[:limit]]


def _titles(campaign):
    """What each subject is called, by the type and number the entries know it under."""
    titles = {("campaigns.campaign", str(campaign.pk)): campaign.name}
    for content in campaign.contents.prefetch_related("captions", "claims", "addresses"):
        titles["campaigns.content", str(content.pk)] = content.title
        for claim in content.claims.all():
            titles["campaigns.claim", str(claim.pk)] = content.title
        for address in content.addresses.all():
            titles["campaigns.shortaddress", str(address.pk)] = content.title
        for caption in content.captions.all():
            titles["campaigns.caption", str(caption.pk)] = content.title
    return titles


def _entries(titles):
    about = Q()
    for subject_type in {kind for kind, _pk in titles}:
        keys = [pk for kind, pk in titles if kind == subject_type]
        about |= Q(subject_type=subject_type, subject_id__in=keys)
    return Entry.objects.filter(about)


def _line(entry, titles):
    sentence = format_html(
        _(SENTENCES[entry.verb]),
        who=format_html("<b>{}</b>", _name(entry)),
        what=titles[entry.subject_type, entry.subject_id],
    )
    return Line(entry.at, sentence, entry.data.get("note", ""))


def _name(entry):
    """The trail outlives the people in it: an actor may have been erased."""
    if entry.actor_id is None:
        return "Porte-voix"
    return str(entry.actor) if entry.actor else _("Somebody who has left")
