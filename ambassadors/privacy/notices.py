"""Two mails: the file is ready; on which day one will be erased, and how to stay."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.expansion import Addressed, notify
from activity.hearing import Kind, announce
from activity.models import Notification
from ambassadors.privacy.models import ErasureRequest, Export


def file_ready(notification: Notification) -> dict | None:
    export = Export.objects.filter(pk=notification.subject_id).first()
    if export is None or not export.is_there:
        return None
    return {"url": export.url, "label": _("Download your data"), "expires_at": export.expires_at}


def erasure_asked(notification: Notification) -> dict | None:
    asked = ErasureRequest.objects.filter(pk=notification.recipient_id).first()
    if asked is None:
        return None
    url = settings.BASE_URL + reverse("ambassadors:my-data")
    return {"url": url, "label": _("Keep my data"), "due_at": asked.due_at}


FILE_READY = announce(
    Kind(
        name="export.ready",
        label=gettext_lazy("A file of my data that I asked for"),
        line=gettext_lazy("The file of your data is ready."),
        icon="download",
        context=file_ready,
        channels=("email", "bell"),
        transactional=True,
    )
)
ERASURE_ASKED = announce(
    Kind(
        name="erasure.asked",
        label=gettext_lazy("My request to be erased"),
        context=erasure_asked,
        transactional=True,
    )
)


def tell_ready(export: Export) -> None:
    """A second worker that made the same file writes no second mail."""
    path = reverse("ambassadors:my-data-download", args=[export.token])
    key = f"{FILE_READY.name}:{export.pk}"
    addressed = Addressed(export.user_id, key, str(export.pk), {"path": path})
    notify(FILE_READY, [addressed])


def tell_asked(asked: ErasureRequest) -> None:
    key = f"{ERASURE_ASKED.name}:{asked.pk}:{asked.asked_at:%s}"
    notify(ERASURE_ASKED, [Addressed(asked.user_id, key, str(asked.pk))])
