"""What is told of sources, of pages that are gone, and of what members propose."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce, when
from activity.models import Entry, Notification
from activity.outside import in_words
from ambassadors.accounts.holders import who_may
from campaigns.content.models import Content
from campaigns.content.notices import facts as content_facts
from campaigns.content.notices import writer
from campaigns.sources import dead_links
from campaigns.sources.models import Proposal, Source


# --- Sources -----------------------------------------------------------------------------------
def source_owner(entry: Entry) -> Iterable[int]:
    return Source.objects.filter(pk=entry.subject_id).values_list("owner", flat=True)


def source_facts(entry: Entry) -> dict:
    source = Source.objects.get(pk=entry.subject_id)
    return {"name": source.name, "path": source.get_absolute_url()}


def source_failing(notification: Notification) -> dict | None:
    """Why it cannot be read; None once it can, or nobody wants it to be."""
    entry = Entry.objects.get(pk=notification.data["entry"])
    source = Source.objects.failing().filter(pk=entry.subject_id).first()
    if source is None:
        return None
    return {
        "source": source,
        "trouble": source.error_text,
        "url": settings.BASE_URL + source.get_absolute_url(),
        "label": _("Open the source"),
    }


# --- Dead links --------------------------------------------------------------------------------
def link_dead(notification: Notification) -> dict | None:
    """How the page answers; None once it is well again, or the item is over."""
    entry = Entry.objects.get(pk=notification.data["entry"])
    failing = dead_links.live().filter(link_failing_since__isnull=False)
    content = failing.select_related("campaign").filter(pk=entry.subject_id).first()
    if content is None:
        return None
    return {
        "content": content,
        "trouble": in_words(content.link_error),
        "since": content.link_failing_since,
        "url": settings.BASE_URL + content.get_absolute_url(),
        "label": _("Open the item"),
    }


# --- Proposals ---------------------------------------------------------------------------------
def proposer(entry: Entry) -> Iterable[int]:
    return Proposal.objects.filter(pk=entry.subject_id).values_list("proposer", flat=True)


def answerers(entry: Entry) -> Iterable[int]:
    return who_may("campaigns.answer_proposals")


def facts(entry: Entry) -> dict:
    proposal = Proposal.objects.get(pk=entry.subject_id)
    path = reverse("campaigns:proposal-list")
    return {"title": str(proposal), "note": proposal.answer, "path": path}


def published_facts(entry: Entry) -> dict:
    """As it is called by now; it leads to where it can be shared, if that is for its proposer."""
    proposal = Proposal.objects.select_related("proposer").get(pk=entry.subject_id)
    offered = Content.objects.shareable_by(proposal.proposer).filter(proposal=proposal).first()
    if offered is None:
        return facts(entry)
    return {"title": offered.title, "path": reverse("campaigns:share-panel", args=[offered.pk])}


def queue_facts(entry: Entry) -> dict:
    path = reverse("campaigns:approval-queue")
    return facts(entry) | {"path": f"{path}?item=proposal-{entry.subject_id}"}


def declined(notification: Notification) -> dict | None:
    proposal = Proposal.objects.filter(pk=notification.subject_id).first()
    if proposal is None or proposal.state != Proposal.State.DECLINED:
        return None
    return {
        "proposal": proposal,
        "note": proposal.answer,
        "url": settings.BASE_URL + reverse("campaigns:proposal-list"),
        "label": _("My proposals"),
    }


def acknowledge(proposal: Proposal) -> None:
    """Tells the proposer that it has arrived. An entry would leave out who has just done it."""
    about = {"title": str(proposal), "path": reverse("campaigns:proposal-list")}
    key = f"{RECEIVED.name}:{proposal.pk}"
    notify(RECEIVED, [Addressed(proposal.proposer_id, key, str(proposal.pk), about)])


@when("content.published")
def tell_proposer(entry: Entry) -> None:
    """At once; what is missed here is found by the hourly task."""
    for proposal in Proposal.objects.out().filter(content=entry.subject_id):
        proposal.note_published()


announce(
    Kind(
        name="source.failing",
        label=gettext_lazy("A source of mine can no longer be read"),
        line=gettext_lazy("The source “%(name)s” can no longer be read."),
        icon="warning",
        verbs=("source.failing",),
        people=source_owner,
        facts=source_facts,
        context=source_failing,
        channels=("email", "bell"),
        perm="campaigns.change_sources",
    )
)
announce(
    Kind(
        name="content.link_dead",
        label=gettext_lazy("The page of an item of mine no longer answers"),
        line=gettext_lazy("The page of “%(title)s” no longer answers."),
        icon="warning",
        verbs=(dead_links.TOLD,),
        people=writer,
        facts=content_facts,
        context=link_dead,
        channels=("email", "bell"),
        perm="campaigns.write_content",
    )
)
RECEIVED = announce(
    Kind(
        name="proposal.received",
        label=gettext_lazy("A page I proposed has arrived"),
        line=gettext_lazy("Your proposal “%(title)s” has arrived: you will hear more of it."),
        icon="idea",
        channels=("bell",),
    )
)
announce(
    Kind(
        name="proposal.waiting",
        label=gettext_lazy("A member proposes a page"),
        line=gettext_lazy("A page is proposed: “%(title)s”."),
        icon="idea",
        verbs=("proposal.received",),
        people=answerers,
        facts=queue_facts,
        channels=("bell",),
        perm="campaigns.approve_content",
    )
)
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
        name="proposal.published",
        label=gettext_lazy("A page I proposed is published"),
        line=gettext_lazy("“%(title)s”, which you proposed, is published: it can be shared."),
        icon="share",
        verbs=("proposal.published",),
        people=proposer,
        facts=published_facts,
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
        context=declined,
        channels=("email", "bell"),
        transactional=True,
    )
)
