"""A recall: the company takes back what people have posted, says so, and asks what became of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, already_told, key_around_pk, notify
from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.sharing.models import Recall, Share
from campaigns.sharing.moments import is_working_time

ASK_AGAIN = timedelta(days=2)
# Who has not answered after that will not; a beat that was down this long does not wake them.
GIVE_UP = timedelta(days=14)
REMINDED = "recall.reminder"


# --- Whom it concerns --------------------------------------------------------------------------
def posts_of(content: Content | str) -> QuerySet[Share]:
    """What is out there: declared, or clicked by somebody, whatever its sharer said."""
    out_there = Q(declared_at__isnull=False) | Q(seen_at__isnull=False)
    return Share.objects.filter(out_there, link__content=content)


def people_to_tell(entry: Entry) -> Iterable[int]:
    """Everybody still in the programme with a post out there; each has a Recall from now on.

    Written here, in the transaction that also writes what they are told: neither is ever without
    the other, and whoever withdraws an item does not wait for ten thousand rows.
    """
    posts = posts_of(entry.subject_id).exclude(link__ambassador=None)
    people = list(posts.order_by("link__ambassador").values_list("link__ambassador", flat=True))
    rows = [
        Recall(content_id=int(entry.subject_id), ambassador_id=person, told_at=entry.at)
        for person in dict.fromkeys(people)
    ]
    Recall.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return [row.ambassador_id for row in rows]


# --- What they are told ------------------------------------------------------------------------
def facts(entry: Entry) -> dict:
    content = Content.objects.select_related("campaign").get(pk=entry.subject_id)
    return _facts(content, entry.data.get("note", ""))


def _facts(content, note):
    campaign = content.campaign
    return {
        "title": content.title,
        "campaign": {"fr": campaign.name_fr, "en": campaign.name_en},
        "note": note,
        "path": reverse("campaigns:recall-answer", args=[content.pk]),
    }


def letter(notification: Notification) -> dict | None:
    """What is withdrawn, why, and what to do on each network where the person has posted it."""
    recall = Recall.objects.of(notification.recipient_id).select_related("content")
    recall = recall.filter(content=notification.subject_id).first()
    if recall is None or (notification.kind == REMINDED and recall.answer):
        return None
    return {
        "content": recall.content,
        "note": notification.data.get("note", ""),
        "places": places_of(recall),
        "url": settings.BASE_URL + notification.data["path"],
        "label": _("Say what became of it"),
    }


def places_of(recall: Recall) -> list[tuple[Share, str]]:
    """(the latest post, what can be done about it) for each network."""
    posts = posts_of(recall.content).by(recall.ambassador).select_related("link__network")
    latest = {post.link.network: post for post in posts.order_by("opened_at")}
    return [(post, what_to_do(network)) for network, post in latest.items()]


HOW = {
    "linkedin": gettext_lazy("The menu “…” of your post has “Edit” and “Delete”."),
    "x": gettext_lazy("Delete it from its menu “…”, or reply to it with the correction."),
    "facebook": gettext_lazy("The menu “…” of your post has “Edit” and “Move to trash”."),
    "threads": gettext_lazy("Delete it from its menu “…”, or reply to it with the correction."),
    "bluesky": gettext_lazy("Delete it from its menu “…”, or reply to it with the correction."),
    "mastodon": gettext_lazy("The menu “…” of your post has “Edit” and “Delete”."),
    "whatsapp": gettext_lazy(
        "Delete the message for everyone while that is possible; else write once more to those "
        "who got it."
    ),
    "telegram": gettext_lazy("Edit the message, or delete it for everyone."),
    "reddit": gettext_lazy("A title cannot be changed: delete the post, or comment on it."),
    "email": gettext_lazy("Write once more to those who got it."),
}
ANYWHERE = gettext_lazy("Delete it where you can; else add a comment saying that it is corrected.")


def what_to_do(network: Network) -> str:
    """On a network of the company's own making: what holds anywhere."""
    return HOW.get(network.slug, ANYWHERE)


# --- Asking again ------------------------------------------------------------------------------
def ask_again(now: datetime) -> None:
    """One reminder, after two days, to whoever has not answered; in their working hours."""
    waiting = (
        Recall.objects.open()
        .filter(told_at__lte=now - ASK_AGAIN, told_at__gt=now - GIVE_UP)
        .filter(ambassador__in=Ambassador.objects.enrolled(), ambassador__user__is_active=True)
        .annotate(key=key_around_pk(f"{REMINDED}:", ""))
        .exclude(already_told("key", Notification.Channel.EMAIL))
        .select_related("ambassador__user", "content__campaign")
    )
    notify(REMINDER, (_addressed(recall) for recall in waiting if _is_awake(recall, now)))


def _is_awake(recall, now):
    return is_working_time(now.astimezone(ZoneInfo(recall.ambassador.user.time_zone)))


def _addressed(recall):
    entries = Entry.objects.filter(verb="content.withdrawn", subject_id=str(recall.content_id))
    entry = entries.filter(subject_type=Content._meta.label_lower).first()
    note = entry.data.get("note", "") if entry else ""
    return Addressed(
        person=recall.ambassador_id,
        key=f"{REMINDED}:{recall.pk}",
        subject_id=str(recall.content_id),
        data=_facts(recall.content, note),
    )


announce(
    Kind(
        name="content.withdrawn",
        label=gettext_lazy("Something I shared is withdrawn"),
        line=gettext_lazy("“%(title)s”, which you shared, has been withdrawn."),
        icon="warning",
        verbs=("content.withdrawn",),
        people=people_to_tell,
        facts=facts,
        context=letter,
        channels=("email", "bell"),
        transactional=True,
    )
)
REMINDER = announce(
    Kind(
        name=REMINDED,
        label=gettext_lazy("Something I shared is withdrawn, and I have not answered"),
        line=gettext_lazy("What became of your post of “%(title)s”, which was withdrawn?"),
        icon="warning",
        context=letter,
        channels=("email", "bell"),
        transactional=True,
    )
)
