"""A member's proposal is answered: they hear of it."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry
from campaigns.sources.models import Proposal


def proposer(entry: Entry) -> Iterable[int]:
    return Proposal.objects.filter(pk=entry.subject_id).values_list("proposer", flat=True)


def facts(entry: Entry) -> dict:
    proposal = Proposal.objects.get(pk=entry.subject_id)
    return {"title": str(proposal), "note": proposal.answer, "path": reverse("campaigns:feed")}


announce(
    Kind(
        name="proposal.taken_up",
        label=gettext_lazy("A page I proposed is taken up"),
        line=gettext_lazy("Your proposal “%(title)s” is taken up: somebody is writing it."),
        icon="idea",
        verbs=("proposal.taken_up",),
        people=proposer,
        facts=facts,
        channels=("bell",),
    )
)
announce(
    Kind(
        name="proposal.declined",
        label=gettext_lazy("A page I proposed is not going ahead"),
        line=gettext_lazy("Your proposal “%(title)s” is not going ahead."),
        icon="idea",
        verbs=("proposal.declined",),
        people=proposer,
        facts=facts,
        channels=("bell",),
    )
)
