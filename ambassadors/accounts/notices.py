"""Another role is not given in secret: whoever gets it is told, by name of whoever gave it."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.hearing import Kind, announce
from activity.models import Entry, Notification
from ambassadors.accounts.models import User
from ambassadors.accounts.roles import Role


def concerned(entry: Entry) -> list[int]:
    people = User.objects.active().filter(pk=entry.subject_id)
    return list(people.values_list("pk", flat=True))


def facts(entry: Entry) -> dict:
    return {"path": reverse("ambassadors:role-matrix"), "entry": entry.pk}


def new_role(notification: Notification) -> dict | None:
    """What it was and what it is; None once it is another one again."""
    entry = Entry.objects.select_related("actor").get(pk=notification.data["entry"])
    person = notification.recipient
    if person.role != entry.data["after"]:
        return None
    before = entry.data["before"]
    return {
        "by": entry.actor,
        "role": person.get_role_display(),
        "before": Role(before).label if before in Role.values else "",
        "limits": person.overseen_names if person.is_limited else "",
        "is_limited": person.is_limited,
        "url": settings.BASE_URL + reverse("ambassadors:role-matrix"),
        "label": _("See who may do what"),
    }


announce(
    Kind(
        name="role.changed",
        label=gettext_lazy("My role changes"),
        line=gettext_lazy("Your role has changed."),
        icon="key",
        verbs=("user.role_changed",),
        people=concerned,
        facts=facts,
        context=new_role,
        channels=("email", "bell"),
        transactional=True,
    )
)
