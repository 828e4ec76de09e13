"""Decisions on an item, or on one changed text of it, told to whoever wrote it; and to those who
may decide, that something waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.accounts.holders import who_may
from campaigns.content import claims
from campaigns.content.models import Caption, Claim, Content
from campaigns.planning.models import Campaign

# An approval that publishes at once is one piece of news, not two.
SAME_BREATH = timedelta(minutes=1)


def subject_of(entry: Entry) -> Content | Caption:
    """The item, or the one text of it, that was decided on."""
    if entry.subject_type == Caption._meta.label_lower:
        captions = Caption.objects.select_related("content__campaign")
        captions = captions.prefetch_related("content__campaign__approvers")
        return captions.get(pk=entry.subject_id)
    contents = Content.objects.select_related("campaign")
    contents = contents.prefetch_related("captions", "campaign__approvers")
    return contents.get(pk=entry.subject_id)


def content_of(entry: Entry) -> Content:
    subject = subject_of(entry)
    return subject.content if isinstance(subject, Caption) else subject


def facts(entry: Entry) -> dict:
    content = content_of(entry)
    campaign = content.campaign
    return {
        "title": content.title,
        "campaign": {"fr": campaign.name_fr, "en": campaign.name_en},
        "path": content.get_absolute_url(),
        "note": entry.data.get("note", ""),
    }


def agreed_facts(entry: Entry) -> dict:
    return facts(entry) | {"n": entry.data["n"], "of": entry.data["of"]}


def queue_facts(entry: Entry) -> dict:
    subject = subject_of(entry)
    item = f"{subject._meta.model_name}-{subject.pk}"
    return facts(entry) | {"path": f"{reverse('campaigns:approval-queue')}?item={item}"}


def writer(entry: Entry) -> Iterable[int]:
    subject = subject_of(entry)
    return [subject.writer_id if isinstance(subject, Caption) else subject.author_id]


def approvers(entry: Entry) -> Iterable[int]:
    """Who may decide on it: where four eyes are asked for, not those who wrote it."""
    return set(who_may("campaigns.approve_content", subject_of(entry))) - {*writer(entry)}


def author_unless_just_told(entry: Entry) -> Iterable[int]:
    told = Entry.objects.filter(
        verb="content.approved",
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        at__gte=entry.at - SAME_BREATH,
    )
    return [] if told.exists() else writer(entry)


def approved(notification: Notification) -> dict | None:
    """The good news, with when people can share it; None once it is no longer so."""
    entry = _entry(notification)
    content = content_of(entry)
    if not content.is_live:
        return None
    return _decision(entry, content) | {
        "is_published": content.status == Content.Status.PUBLISHED,
        "is_running": content.campaign.state == Campaign.State.RUNNING,
        "url": settings.BASE_URL + content.get_absolute_url(),
        "label": _("Open the item"),
    }


def changes_requested(notification: Notification) -> dict | None:
    """What to change; None once the writer has sent it in again."""
    entry = _entry(notification)
    subject = subject_of(entry)
    if subject.status != "changes_requested":
        return None
    page = "caption-edit" if isinstance(subject, Caption) else "content-edit"
    return _decision(entry, content_of(entry)) | {
        "caption": subject if isinstance(subject, Caption) else None,
        "url": settings.BASE_URL + reverse(f"campaigns:{page}", args=[subject.pk]),
        "label": _("Make the changes"),
    }


def published(notification: Notification) -> dict | None:
    entry = _entry(notification)
    content = content_of(entry)
    if content.status != Content.Status.PUBLISHED:
        return None
    return _decision(entry, content) | {
        "url": settings.BASE_URL + content.get_absolute_url(),
        "label": _("Open the item"),
    }


def claim_of(entry: Entry) -> Claim:
    return Claim.objects.select_related("content__campaign").get(pk=entry.subject_id)


def who_answers_for(entry: Entry) -> Iterable[int]:
    """Whoever keeps the claim true, and whoever wrote the item."""
    claim = claim_of(entry)
    return {claim.owner_id, claim.content.author_id}


def claim_facts(entry: Entry) -> dict:
    return claims.facts_of(claim_of(entry))


def lapsed(notification: Notification) -> dict | None:
    """What may no longer be said; None once its date has been moved."""
    claim = _claim(notification)
    return _evidence(claim) if claim and claim.lapsed_at else None


def ending(notification: Notification) -> dict | None:
    """What will soon be over; None once it has another date, or its item has left the feed."""
    claim = _claim(notification)
    same = claim and str(claim.valid_until) == notification.data["until"]
    return _evidence(claim) if same and claim.content.is_live else None


def _claim(notification):
    known = Claim.objects.select_related("content__campaign")
    return known.filter(pk=notification.subject_id).first()


def _evidence(claim):
    return {
        "claim": claim,
        "content": claim.content,
        "campaign": claim.content.campaign,
        "url": settings.BASE_URL + claims.address_of(claim.content),
        "label": _("Open the item"),
    }


def warn_of_claims(now: datetime) -> None:
    """Tells whom it concerns of the claims that end soon; a second run finds nothing to say."""
    claims.warn_due(now, CLAIM_ENDING)


def _entry(notification):
    return Entry.objects.select_related("actor").get(pk=notification.data["entry"])


def _decision(entry, content):
    return {
        "content": content,
        "campaign": content.campaign,
        "reviewer": entry.actor,
        "note": entry.data.get("note", ""),
    }


announce(
    Kind(
        name="content.submitted",
        label=gettext_lazy("An item awaits approval"),
        line=gettext_lazy("“%(title)s” awaits approval."),
        icon="approve",
        verbs=("content.in_review", "caption.in_review"),
        people=approvers,
        facts=queue_facts,
        channels=("bell",),
        perm="campaigns.approve_content",
    )
)
announce(
    Kind(
        name="content.approved",
        label=gettext_lazy("An item of mine is approved"),
        line=gettext_lazy("“%(title)s” is approved."),
        icon="done",
        verbs=("content.approved",),
        people=writer,
        facts=facts,
        context=approved,
        channels=("email", "bell"),
        transactional=True,
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="content.agreed",
        label=gettext_lazy("One of several has approved an item of mine"),
        line=gettext_lazy("“%(title)s”: %(n)s of %(of)s have approved."),
        icon="check",
        verbs=("content.agreed", "caption.agreed"),
        people=writer,
        facts=agreed_facts,
        channels=("bell",),
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="content.changes_requested",
        label=gettext_lazy("Changes are requested in an item of mine"),
        line=gettext_lazy("Changes are requested in “%(title)s”."),
        icon="edit",
        verbs=("content.changes_requested", "caption.changes_requested"),
        people=writer,
        facts=facts,
        context=changes_requested,
        channels=("email", "bell"),
        transactional=True,
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="caption.approved",
        label=gettext_lazy("A changed text of mine is approved"),
        line=gettext_lazy("Your text for “%(title)s” is approved."),
        icon="done",
        verbs=("caption.approved",),
        people=writer,
        facts=facts,
        channels=("bell",),
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="content.published",
        label=gettext_lazy("An item of mine is published"),
        line=gettext_lazy("“%(title)s” is published."),
        icon="share",
        verbs=("content.published",),
        people=author_unless_just_told,
        facts=facts,
        context=published,
        channels=("bell",),
        offered=("email", "bell"),
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="content.taken_back",
        label=gettext_lazy("An item of mine is withdrawn"),
        line=gettext_lazy("“%(title)s”, which you wrote, was withdrawn."),
        icon="undo",
        verbs=("content.withdrawn",),
        people=writer,
        facts=facts,
        channels=("bell",),
        perm="campaigns.write_content",
    )
)
CLAIM_ENDING = announce(
    Kind(
        name="claim.ending",
        label=gettext_lazy("Something an item claims will soon be out of date"),
        line=gettext_lazy("“%(claim)s” may be said until %(day)s only: look at its source."),
        icon="clock",
        context=ending,
        channels=("email", "bell"),
        perm="campaigns.write_content",
    )
)
announce(
    Kind(
        name="claim.lapsed",
        label=gettext_lazy("Something an item claims is out of date"),
        line=gettext_lazy("“%(title)s” left the feed: what it claims is no longer valid."),
        icon="warning",
        verbs=("claim.lapsed",),
        people=who_answers_for,
        facts=claim_facts,
        context=lapsed,
        channels=("email", "bell"),
        transactional=True,
        perm="campaigns.write_content",
    )
)
