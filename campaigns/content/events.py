"""What channels and other systems are told of items."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.endpoints.events import Event, Post, tell
from activity.models import Entry
from campaigns.content.models import Content
from campaigns.planning.events import FIELDS as CAMPAIGN_FIELDS
from campaigns.planning.events import campaign_data, is_for_the_company

FIELDS = {
    "content.id": "its number here",
    "content.title": "its title, in the language of its page",
    "content.language": "fr or en",
    "content.page": "the page that is shared, without anything that tracks",
    "content.url": "the item here, for those who may see it",
    **CAMPAIGN_FIELDS,
}


def _content(entry):
    contents = Content.objects.select_related("campaign__audience")
    return contents.filter(pk=entry.subject_id).first()


def data(entry: Entry) -> dict | None:
    """Nobody who wrote, approved or shared it."""
    content = _content(entry)
    return content and {
        "content": {
            "id": content.pk,
            "title": content.title,
            "language": content.language,
            "page": content.url,
            "url": settings.BASE_URL + content.get_absolute_url(),
        },
        "campaign": campaign_data(content.campaign),
    }


def published(entry: Entry) -> Post | None:
    content = _content(entry)
    if content is None or not is_for_the_company(content.campaign):
        return None
    panel = settings.BASE_URL + reverse("campaigns:share-panel", args=[content.pk])
    return Post(
        title=content.title,
        text=content.why,
        facts=((_("Campaign"), content.campaign.name),),
        buttons=((_("Share it"), panel), (_("Read it"), content.url)),
        about=_("Posted because there is something new to share. Sharing is up to you."),
    )


def withdrawn(entry: Entry) -> Post | None:
    content = _content(entry)
    if content is None or not is_for_the_company(content.campaign):
        return None
    return Post(
        title=_("Taken back: %(title)s") % {"title": content.title},
        text=_("Please do not share it any more. Whoever has shared it is told what to do."),
        about=_("Posted because an item was taken back."),
    )


tell(
    Event(
        "content.published",
        gettext_lazy("An item is there to be shared"),
        ("content.published",),
        data,
        FIELDS,
        published,
    )
)
tell(
    Event(
        "content.withdrawn",
        gettext_lazy("An item is taken back"),
        ("content.withdrawn",),
        data,
        FIELDS,
        withdrawn,
    )
)
tell(Event("content.expired", gettext_lazy("An item expires"), ("content.expired",), data, FIELDS))
