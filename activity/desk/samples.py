"""With what the mails about channels and complaints are shown before anybody gets them."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from activity.desk.previews import sample


@sample("endpoint.disabled")
def stopped(reader: Any) -> dict:
    return {
        "name": _("News in Slack"),
        "trouble": "404 no_service",
        "url": settings.BASE_URL,
        "label": _("Look at it"),
    }


@sample("complaint.received")
def complaint(reader: Any) -> dict:
    return {"url": settings.BASE_URL, "label": _("Look at it")}
