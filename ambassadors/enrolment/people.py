"""The people list of those who run the programme.

A manager sees who takes part, never who said no: somebody who declined or left looks like somebody
who has not answered, and inviting them again answers as it does for everybody.
"""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, CharField, Q, TextField, Value, When
from django.db.models.functions import Concat
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from activity.mailing.suppression import mark_held_back
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.accounts.policy import permission_required
from ambassadors.directory.models import Department, Location
from ambassadors.enrolment.models import Ambassador, Invitation
from ambassadors.enrolment.sign_up.models import SignUp

State = Ambassador.State
STANDINGS = {
    "active": pgettext_lazy("ambassador", "Active"),
    "joining": pgettext_lazy("ambassador", "Joining"),
    "invited": pgettext_lazy("ambassador", "Invited"),
    "outside": pgettext_lazy("ambassador", "Not invited"),
}
PAGE = 50


def people_with_standing(viewer):
    """Everybody who works here and whom `viewer` oversees, each with what a manager may see."""
    here = User.objects.active().employees().overseen_by(viewer).filter(person__isnull=False)
    return with_standing(here).select_related("person__department", "person__location")


def with_standing(people):
    """`people` by name, each with the standing a manager may see."""
    return people.annotate(
        standing=Case(
            When(
                ambassador__state__in=[State.ACTIVE, State.PAUSED],
                then=Value("active"),
            ),
            When(ambassador__state=State.JOINING, then=Value("joining")),
            When(
                ambassador__state__in=[State.INVITED, State.DECLINED, State.LEFT],
                then=Value("invited"),
            ),
            default=Value("outside"),
            output_field=CharField(),
        )
    ).order_by("last_name", "first_name", "pk")


class PeopleFilter(forms.Form):
    q = forms.CharField(label=_("Name or address"), required=False, max_length=100)
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department"),
        required=False,
        empty_label=pgettext_lazy("filter", "All"),
    )
    location = forms.ModelChoiceField(
        Location.objects.all(),
        label=_("Place"),
        required=False,
        empty_label=pgettext_lazy("filter", "All"),
    )
    standing = forms.ChoiceField(
        label=_("Standing"),
        required=False,
        choices=[("", pgettext_lazy("filter", "All")), *STANDINGS.items()],
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        departments = Department.objects.open().overseen_by(viewer)
        # Of a limited manager also teams: perhaps they oversee no whole department.
        asked = str(self.data.get("department", ""))
        top = Q(parent=None) | Q(pk=asked if asked.isdecimal() and len(asked) < 10 else None)
        shown = departments if viewer.is_limited else departments.filter(top)
        self.fields["department"].queryset = shown

    def narrow(self, people):
        """`people` after the filters that were filled in; one that makes no sense is left out."""
        if not self.is_valid():
            return people
        asked = self.cleaned_data
        if asked["department"]:
            within = Department.objects.beneath([asked["department"].pk])
            people = people.filter(Q(person__department__in=within) | Q(person__team__in=within))
        if asked["location"]:
            people = people.filter(person__location=asked["location"])
        if asked["standing"]:
            people = people.filter(standing=asked["standing"])
        return search(people, asked["q"])


def search(people, words):
    """Each word must be somewhere in the name or the address; accents and capitals are forgiven."""
    people = people.annotate(
        everything=Concat(
            "first_name",
            Value(" "),
            "preferred_name",
            Value(" "),
            "last_name",
            Value(" "),
            "email",
            # An address is a type of its own.
            output_field=TextField(),
        )
    )
    for word in words.split():
        people = people.filter(
            Q(everything__unaccent__icontains=word) | Q(person__employee_id__iexact=word)
        )
    return people


@require_GET
@permission_required("ambassadors.see_people")
def person_list(request):
    form = PeopleFilter(request.GET or None, viewer=request.user)
    people = people_with_standing(request.user)
    people = form.narrow(people) if form.is_bound else people
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    for user in page:
        user.standing_name = STANDINGS[user.standing]
    mark_held_back(page)
    note_look(request.user, [user.pk for user in page], Look.What.PEOPLE)
    return render(
        request,
        "ambassadors/person_list.html",
        {
            "form": form,
            "page": page,
            "sign_ups": _sign_ups(request.user),
            "filtered": any(form.data.values()) if form.is_bound else False,
        },
    )


def _sign_ups(user):
    if not user.has_perm("ambassadors.answer_sign_ups"):
        return 0
    return SignUp.objects.filter(state=SignUp.State.AWAITING).count()


class Invite(forms.Form):
    person = forms.ModelMultipleChoiceField(
        User.objects.none(),
        error_messages={"required": _("Tick at least one person.")},
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_with_standing(viewer)


@require_POST
@permission_required("ambassadors.invite_people")
def person_invite(request):
    """Invites those who were ticked. Whoever said no or left is passed over without a word."""
    form = Invite(request.POST, viewer=request.user)
    if not form.is_valid():
        messages.warning(request, "; ".join(e for errors in form.errors.values() for e in errors))
        return redirect("ambassadors:person-list")
    people = form.cleaned_data["person"]
    for user in people.filter(Q(ambassador=None) | Q(ambassador__state=State.INVITED)):
        Invitation.send(user, by=request.user)
    # No figure of who was really written to: with one person ticked it would tell their answer.
    messages.success(request, _("Done. People who already answered are left alone."))
    return redirect("ambassadors:person-list")
