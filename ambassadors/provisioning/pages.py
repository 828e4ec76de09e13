"""The administrator's page of provisioning: what to enter at the company's directory, its groups
here, and what it asked for lately, in words."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.tokens import ApiToken
from ambassadors.directory.models import Department
from ambassadors.provisioning import groups
from ambassadors.provisioning.models import Call, DirectoryGroup, provisioned

SHOWN = 20
DEEDS = {
    ("POST", "Users"): gettext_lazy("Add a person"),
    ("PUT", "Users"): gettext_lazy("Change a person"),
    ("PATCH", "Users"): gettext_lazy("Change a person"),
    ("DELETE", "Users"): gettext_lazy("Remove a person"),
    ("GET", "Users"): gettext_lazy("Look people up"),
    ("POST", "Groups"): gettext_lazy("Add a group"),
    ("PUT", "Groups"): gettext_lazy("Change a group"),
    ("PATCH", "Groups"): gettext_lazy("Change a group"),
    ("DELETE", "Groups"): gettext_lazy("Remove a group"),
    ("GET", "Groups"): gettext_lazy("Look groups up"),
}
PROBLEMS = {
    "uniqueness": gettext_lazy("Somebody else has this already."),
    "invalidValue": gettext_lazy("This value cannot be taken."),
    "invalidFilter": gettext_lazy("People cannot be looked up by this."),
    "invalidPath": gettext_lazy("This field is not one of ours."),
    "noTarget": gettext_lazy("There is nothing to change at this place."),
    "mutability": gettext_lazy("This field cannot be changed or emptied."),
    "invalidSyntax": gettext_lazy("The message could not be read."),
    "401": gettext_lazy("The token is missing, wrong, expired or revoked."),
    "403": gettext_lazy("The last administrator stays, or this is not allowed."),
    "404": gettext_lazy("There is no such person or group here."),
    "405": gettext_lazy("This address does not answer that."),
    "412": gettext_lazy("It was changed in the meantime."),
    "413": gettext_lazy("The message is too long."),
    "501": gettext_lazy("This part of SCIM is not offered."),
}
OTHER_DEED = gettext_lazy("Ask about the service")
OTHER_PROBLEM = gettext_lazy("Refused.")
# Where the plain words for a field are not its name in the message.
FIELDS = {
    "userName": gettext_lazy("name to log in by"),
    "emails": gettext_lazy("e-mail address"),
    "employeeNumber": gettext_lazy("employee number"),
    "externalId": gettext_lazy("identifier in the directory"),
    "manager": gettext_lazy("manager"),
    "members": gettext_lazy("members"),
    "displayName": gettext_lazy("name of the group"),
    "department": gettext_lazy("department"),
    "title": gettext_lazy("job title"),
    "active": gettext_lazy("active"),
}


@dataclass(frozen=True)
class Told:
    """A call in words."""

    call: Call

    @property
    def deed(self):
        kind = self.call.path.strip("/").partition("/")[0]
        return DEEDS.get((self.call.method, kind), OTHER_DEED)

    @property
    def is_refused(self):
        return self.call.status >= 400

    @property
    def problem(self):
        return PROBLEMS.get(self.call.problem, OTHER_PROBLEM) if self.is_refused else ""

    @property
    def field(self):
        return FIELDS.get(self.call.attribute, self.call.attribute)


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        Department.objects.open().filter(parent__isnull=False).select_related("parent"),
        required=False,
    )


@require_safe
@permission_required("ambassadors.run_provisioning")
def provisioning_detail(request):
    """Everything of it on one page."""
    return render(request, "ambassadors/provisioning.html", _page())


def _page():
    return {
        "base_url": f"{settings.BASE_URL}/scim/v2",
        "invites": settings.SCIM_INVITES,
        "people": provisioned().filter(identity__isnull=False, is_active=True).count(),
        "tokens": ApiToken.objects.of(ApiToken.Scope.SCIM).filter(revoked_at=None),
        "groups": DirectoryGroup.objects.with_size().select_related("team__parent"),
        "teams": Department.objects.open().filter(parent__isnull=False).select_related("parent"),
        "refused": [Told(call) for call in Call.objects.failed()[:SHOWN]],
        "calls": [Told(call) for call in Call.objects.all()[:SHOWN]],
    }


@require_POST
@permission_required("ambassadors.run_provisioning")
def provisioning_team(request, pk):
    """The administrator's word on which team a group is; none is an answer too."""
    group = get_object_or_404(DirectoryGroup.objects.select_related("team"), pk=pk)
    form = TeamForm(request.POST)
    if form.is_valid():
        groups.give_team(group, form.cleaned_data["team"], by=request.user)
        messages.success(request, _("Saved."))
    return redirect("ambassadors:provisioning-detail")
