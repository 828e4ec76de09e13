"""Which group of the company's directory gives which role, whoever tells of the group.

SCIM tells of groups when they change, single sign-on at each login; both read these lines.
"""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.groups import GroupRole
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.roles import Role
from ambassadors.accounts.sso.models import Provider
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.provisioning import groups
from ambassadors.provisioning.models import DirectoryGroup


class GroupRoleForm(forms.Form):
    # Translators: fr: Groupe
    group = forms.CharField(
        label=gettext_lazy("Group"),
        max_length=200,
        help_text=gettext_lazy("Its name in the company’s directory, or its identifier there."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[choice for choice in Role.choices if choice[0] != Role.AMBASSADOR],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.change_role")
@fresh_login_required(to_look=False)
def group_role_list(request):
    """Posting here gives a group a role."""
    form = GroupRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        groups.give_role(asked["group"], asked["role"], by=request.user)
        messages.success(request, _("Its members have the role from now on."))
        return redirect("ambassadors:group-role-list")
    status = 422 if form.errors else 200
    context = {
        "form": form,
        "lines": _with_sizes(GroupRole.objects.all()),
        "providers": Provider.objects.exclude(groups_claim=""),
    }
    return render(request, "ambassadors/group_role_list.html", context, status=status)


def _with_sizes(lines):
    """Each with how many people SCIM has put in the group: `size`, None for one it never sent."""
    told = DirectoryGroup.objects.with_size()
    sizes = {name.lower(): group.size for group in told for name in group.names}
    for line in lines:
        line.size = sizes.get(line.group.lower())
    return lines


@require_POST
@permission_required("ambassadors.change_role")
@fresh_login_required
def group_role_remove(request, pk):
    groups.drop_role(get_object_or_404(GroupRole, pk=pk), by=request.user)
    messages.success(request, _("The group gives no role any more."))
    return redirect("ambassadors:group-role-list")
