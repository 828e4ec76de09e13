"""Who has which role, and the page that changes it. Nobody changes their own."""

from typing import ClassVar

from django import forms
from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from ambassadors.accounts import matrix
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import LastAdmin, User
from ambassadors.accounts.policy import Standing, permission_required, require
from ambassadors.accounts.roles import Role
from ambassadors.accounts.stepup import fresh_login_required

FOUND_SHOWN = 20
# The most powerful first.
RANK = Case(
    When(role=Role.ADMIN, then=Value(0)),
    When(role=Role.MANAGER, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class RoleForm(forms.Form):
    """A role, and for a manager how far it reaches."""

    WHOLE, SOME = "whole", "some"
    REACHES: ClassVar = [
        (WHOLE, gettext_lazy("The whole company")),
        # Translators: fr: Seulement ces services, et tout ce qui en dépend
        (SOME, gettext_lazy("Only these departments, and everything beneath them")),
    ]

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role.choices, widget=forms.RadioSelect
    )
    reach = forms.ChoiceField(
        # Translators: fr: Jusqu’où, pour un responsable RH
        label=gettext_lazy("How far, for an HR manager"),
        choices=REACHES,
        widget=forms.RadioSelect,
        required=False,
    )
    departments = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Departments and teams"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, person, **kwargs):
        self.person = person
        chosen = list(person.oversees.values_list("pk", flat=True))
        reach = self.SOME if person.is_limited else self.WHOLE
        initial = {"role": person.role, "reach": reach, "departments": chosen}
        super().__init__(*args, initial=initial, **kwargs)
        departments = person.oversees.model.objects
        self.fields["departments"].choices = departments.by_full_name()

    def clean(self):
        data = super().clean()
        if self._is_limited(data) and not data.get("departments"):
            self.add_error("departments", _("Choose at least one department."))
        return data

    def _is_limited(self, data):
        return data.get("role") == Role.MANAGER and data.get("reach") == self.SOME

    def save(self, by):
        """Raises LastAdmin."""
        data, departments = self.cleaned_data, None
        if self._is_limited(data):
            departments = self.person.oversees.model.objects.filter(pk__in=data["departments"])
        self.person.change_role(data["role"], by=by, departments=departments)


class PersonSearch(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Name or address"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"type": "search"}),
    )

    @property
    def words(self):
        return self.cleaned_data["q"].split() if self.is_valid() else []


@require_GET
@permission_required("ambassadors.change_role")
def role_list(request):
    """Those who run the programme; anybody else by their name."""
    form = PersonSearch(request.GET)
    employees = User.objects.active().employees().prefetch_related("oversees")
    runners = employees.with_role(Role.MANAGER, Role.ADMIN)
    runners = list(runners.order_by(RANK, "last_name", "first_name"))
    found = list(employees.named_like(form.words)[:FOUND_SHOWN]) if form.words else None
    note_look(request.user, [each.pk for each in [*runners, *(found or [])]], Look.What.ROLES)
    context = {
        "form": form,
        "runners": runners,
        "found": found,
        "asked": " ".join(form.words),
    }
    return render(request, "ambassadors/role_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.change_role")
@fresh_login_required
def role_edit(request, pk):
    person = get_object_or_404(User.objects.active().employees(), pk=pk)
    require(request.user, "ambassadors.change_role", person)
    form = RoleForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            form.save(by=request.user)
        except LastAdmin:
            form.add_error("role", _("Somebody has to stay administrator: name another one first."))
        else:
            messages.success(request, _("Saved. %(name)s is told by e-mail.") % {"name": person})
            return redirect("ambassadors:role-list")
    note_look(request.user, [person.pk], Look.What.ROLES)
    status = 422 if form.errors else 200
    context = {"form": form, "person": person}
    return render(request, "ambassadors/role_edit.html", context, status=status)


@require_GET
@permission_required("ambassadors.see_matrix")
def role_matrix(request):
    """Who may do what, as the policy says; in short for everybody, whole for administrators."""
    is_whole = request.user.has_perm("ambassadors.change_role")
    context = {
        "standings": list(Standing),
        "mine": Standing.of(request.user),
        "groups": matrix.table() if is_whole else [],
        "promises": matrix.promises(),
    }
    return render(request, "ambassadors/role_matrix.html", context)
