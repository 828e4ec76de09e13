"""With what the mails about campaigns and items are shown before anybody gets them.

The newest campaign and the newest items of the company, where there are any; else invented ones.
"""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activity.desk.pretending import Pretend
from activity.desk.previews import sample
from ambassadors.samples import COLLEAGUE, at
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign

SHOWN = 3


def campaign():
    return Campaign.objects.order_by("-starts_at").first() or Pretend(
        _("Come and work with us"),
        objective=_("Thirty applications from people our people know."),
        ends_at=timezone.now() + timedelta(days=42),
        pk=1,
    )


def contents():
    found = Content.objects.filter(status=Content.Status.PUBLISHED).select_related("campaign")
    return list(found.order_by("-published_at")[:SHOWN]) or [_content()]


def content():
    return contents()[0]


def _content():
    title = _("Five questions to a colleague")
    return Pretend(
        title,
        title=title,
        why=_("It shows what a day here is like."),
        campaign=campaign(),
        publish_at=timezone.now() + timedelta(days=1),
        expires_at=timezone.now() + timedelta(days=30),
        pk=1,
    )


def _network():
    return Network.objects.first() or "LinkedIn"


def _note():
    return _("The figure needs its source, and the picture a description.")


def _days_ago(days):
    return timezone.now() - timedelta(days=days)


@sample("campaign.launched")
def launched(reader):
    shown = contents()
    return {
        "campaign": campaign(),
        "contents": shown,
        "count": len(shown),
        "url": at("campaigns:feed"),
        "label": _("See what there is to share"),
    }


@sample("campaign.sent_back")
def sent_back(reader):
    return _decision(at("campaigns:campaign-list"), _("Open the campaign"))


@sample("content.approved", "content.published")
def approved(reader):
    about = _decision(at("campaigns:content-list"), _("Open the item"))
    return about | {"is_published": True, "is_running": True, "note": ""}


@sample("content.changes_requested")
def changes(reader):
    return _decision(at("campaigns:content-list"), _("Make the changes"))


def _decision(url, label):
    shown = content()
    return {
        "campaign": shown.campaign,
        "content": shown,
        "reviewer": COLLEAGUE,
        "note": _note(),
        "url": url,
        "label": label,
    }


@sample("approval.reminder", "approval.escalated")
def waiting(reader):
    lines = [
        Pretend(each, title=each.title, writer=COLLEAGUE, campaign=each.campaign, age=_("2 days"))
        for each in contents()
    ]
    return {
        "lines": lines,
        "count": len(lines),
        "title": lines[0].title,
        "url": at("campaigns:approval-queue"),
        "label": _("Open the queue"),
    }


@sample("claim.ending", "claim.lapsed")
def claim(reader):
    text, until = _("Nine in ten customers come back."), timezone.localdate() + timedelta(days=7)
    return {
        "claim": Pretend(text, text=text, source="example.com", valid_until=until),
        "content": content(),
        "campaign": content().campaign,
        "url": at("campaigns:content-list"),
        "label": _("Open the item"),
    }


@sample("content.link_dead", "source.failing")
def broken(reader):
    return {
        "content": content(),
        "source": Pretend(_("The company’s blog"), failures=5),
        "trouble": _("The page does not exist there (404)."),
        "since": _days_ago(3),
        "url": at("campaigns:desk"),
        "label": _("Open the desk"),
    }


@sample("proposal.declined")
def declined(reader):
    return {
        "proposal": content().title,
        "note": _("We spoke of it last month. Propose the next one all the same."),
        "url": at("campaigns:proposal-list"),
        "label": _("My proposals"),
    }


@sample("content.withdrawn", "recall.reminder")
def withdrawn(reader):
    share = Pretend("", declared_at=_days_ago(4), link=Pretend("", network=_network()))
    return {
        "content": content(),
        "note": _("A figure in it was wrong."),
        "places": [(share, _("Open the post, then its menu, then “Delete”."))],
        "url": settings.BASE_URL,
        "label": _("Say what became of it"),
    }


@sample("share.reminder")
def reminder(reader):
    return {
        "content": content(),
        "network": _network(),
        "words": _("I have worked here for six years, and this is why."),
        "url": at("campaigns:feed"),
        "label": _("Open it as I left it"),
    }


@sample("campaign.reminder")
def campaign_reminder(reader):
    return {
        "campaign": campaign(),
        "content": content(),
        "is_last": False,
        "mute_url": at("activity:preferences"),
        "url": at("campaigns:feed"),
        "label": _("Share"),
    }


@sample("digest")
def digest(reader):
    shown = contents()
    return {
        "contents": shown,
        "count": len(shown),
        "minutes": 2,
        "visits": 12,
        "rhythm": "weekly",
        "day": timezone.localdate(),
        "impact_url": at("campaigns:impact"),
    }


@sample("reach.report")
def report(reader):
    figures = [
        {"label": _("measured"), "what": _("visits"), "value": "839", "delta": ""},
        {"label": _("declared"), "what": _("shares"), "value": "127", "delta": ""},
    ]
    return {
        "snapshot": Pretend(_("The whole programme"), name=_("The whole programme")),
        "words": {"period": "", "figures": figures, "answers": [], "is_hidden": False},
        "url": at("campaigns:reach-report"),
        "label": _("Read the report as it was mailed"),
        "live_url": settings.BASE_URL + reverse("campaigns:reach-report"),
        "stop_url": settings.BASE_URL + reverse("campaigns:reach-view-list"),
    }
