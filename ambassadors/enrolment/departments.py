"""The tree of departments: who works where, who takes part, and how the company is reorganised."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.models import User
from ambassadors.accounts.policy import permission_required
from ambassadors.directory import reshaping
from ambassadors.directory.models import Department
from ambassadors.directory.reshaping import Refused
from ambassadors.enrolment.models import Ambassador

TAKING_PART = [Ambassador.State.ACTIVE, Ambassador.State.PAUSED]
DEEPEST = 4  # levels that are set in; deeper ones stand under the last
MANAGERS_SHOWN = 20


@dataclass
class Unit:
    """A department in the tree, with all who work in it or beneath it."""

    department: Department
    level: int
    people: int = 0
    members: int = 0
    managers: list[Any] = field(default_factory=list)
    above: Department | None = None

    def __str__(self):
        return str(self.department)

    @property
    def set_in(self):
        return min(self.level, DEEPEST)


class Tree:
    """The open departments a person may see. Three queries, whatever its size."""

    def __init__(self, viewer: User):
        self.viewer = viewer
        seen = Department.objects.open().overseen_by(viewer).prefetch_related("overseers")
        self.by_key = {each.pk: each for each in seen}

    @cached_property
    def units(self) -> list[Unit]:
        """Each above its teams, in the order of their names."""
        tops = [each for each in self.by_key.values() if each.parent_id not in self.by_key]
        return [unit for top in self._by_name(tops) for unit in self._walk(top, 0)]

    def unit(self, department: Department) -> Unit | None:
        return next((unit for unit in self.units if unit.department == department), None)

    def teams_of(self, department: Department) -> list[Unit]:
        """Those right beneath it."""
        return [unit for unit in self.units if unit.department.parent_id == department.pk]

    def _walk(self, department, level):
        own = Unit(department, level, *self._here.get(department.pk, (0, 0)))
        own.above = self.by_key.get(department.parent_id)
        own.managers = [each for each in department.overseers.all() if each.is_active]
        beneath = [list(self._walk(team, level + 1)) for team in self._teams[department.pk]]
        for team, *_rest in beneath:
            own.people += team.people
            own.members += team.members
        return [own, *(unit for units in beneath for unit in units)]

    @cached_property
    def _teams(self):
        found = {pk: [] for pk in self.by_key}
        for each in self.by_key.values():
            if each.parent_id in found:
                found[each.parent_id].append(each)
        return {pk: self._by_name(teams) for pk, teams in found.items()}

    @cached_property
    def _here(self):
        """By department (key): people and members who are in no team beneath it."""
        rows = (
            working_here()
            .values_list("person__department", "person__team")
            .annotate(
                people=Count("pk"), members=Count("pk", filter=Q(ambassador__state__in=TAKING_PART))
            )
        )
        people, members = Counter(), Counter()
        for department, team, n, n_members in rows.order_by():
            people[team or department] += n
            members[team or department] += n_members
        return {pk: (n, members[pk]) for pk, n in people.items()}

    @staticmethod
    def _by_name(departments):
        return sorted(departments, key=lambda each: str(each).casefold())


def working_here():
    return User.objects.active().employees().filter(person__isnull=False)


class NamesForm(forms.Form):
    name = forms.CharField(
        # Translators: fr: Nom
        label=pgettext_lazy("of a department", "Name"),
        max_length=150,
    )
    name_en = forms.CharField(
        label=pgettext_lazy("of a department", "Name in English"),
        help_text=gettext_lazy("Only where it has one."),
        max_length=150,
        required=False,
    )


def _choice(label, empty):
    return forms.ModelChoiceField(
        Department.objects.none(), label=label, required=False, empty_label=empty
    )


class PlaceForm(forms.Form):
    # Translators: fr: Dépend de
    parent = _choice(gettext_lazy("Comes under"), gettext_lazy("Nothing: it is a department"))

    def __init__(self, *args, but=None, **kwargs):
        super().__init__(*args, **kwargs)
        there = Department.objects.open()
        beneath = Department.objects.beneath([but.pk]) if but else set()
        field = self.fields["parent"]
        field.queryset = there.exclude(pk__in=beneath)
        names = [each for each in there.by_full_name() if each[0] not in beneath]
        field.choices = [("", field.empty_label), *names]


class AddForm(NamesForm, PlaceForm):
    field_order = ("name", "name_en", "parent")


class MergeForm(forms.Form):
    into = _choice(gettext_lazy("Merge into"), "")

    def __init__(self, *args, source, **kwargs):
        super().__init__(*args, **kwargs)
        beneath = Department.objects.beneath([source.pk])
        field = self.fields["into"]
        field.required = True
        field.queryset = Department.objects.open().exclude(pk__in=beneath)
        names = [each for each in Department.objects.by_full_name() if each[0] not in beneath]
        field.choices = [("", gettext_lazy("Choose a department")), *names]


@require_GET
@permission_required("ambassadors.see_departments")
def department_list(request):
    return _list(request, AddForm())


def _list(request, form, status=200):
    tree = Tree(request.user)
    closed = Department.objects.exclude(closed_on=None).overseen_by(request.user)
    context = {
        "form": form,
        "units": tree.units,
        "nowhere": _nowhere(request.user),
        "closed": closed.select_related("merged_into").order_by("-closed_on", "name"),
    }
    return render(request, "ambassadors/department_list.html", context, status=status)


def _nowhere(viewer):
    """How many people no department is known of."""
    if viewer.is_limited:
        return 0
    return working_here().filter(person__department=None, person__team=None).count()


@require_POST
@permission_required("ambassadors.change_departments")
def department_add(request):
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            made = reshaping.add(**form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error("name", refused.says)
        else:
            messages.success(request, _("%(name)s is added.") % {"name": made})
            return redirect("ambassadors:department-list")
    return _list(request, form, status=422)


def _seen(request, pk):
    open_ones = Department.objects.open().select_related("parent")
    return get_object_or_404(open_ones.overseen_by(request.user), pk=pk)


@require_GET
@permission_required("ambassadors.see_departments")
def department_detail(request, pk):
    return _detail(request, _seen(request, pk))


def _detail(request, department, status=200, **forms_sent):
    tree = Tree(request.user)
    people = working_here().filter(_within(department))
    managers = _managers(people)
    note_look(request.user, [manager.pk for manager, _n in managers], Look.What.PEOPLE)
    own = {
        "names": NamesForm(initial={"name": department.name, "name_en": department.name_en}),
        "place": PlaceForm(but=department, initial={"parent": department.parent_id}),
        "merge": MergeForm(source=department),
    }
    context = {
        "department": department,
        "parent": tree.by_key.get(department.parent_id),
        "unit": tree.unit(department),
        "teams": tree.teams_of(department),
        "places": _places(people),
        "managers": managers,
    }
    context |= own | forms_sent
    return render(request, "ambassadors/department_detail.html", context, status=status)


def _within(department):
    units = Department.objects.beneath([department.pk])
    return Q(person__department__in=units) | Q(person__team__in=units)


def _places(people):
    """(place, how many work there), most first."""
    rows = people.exclude(person__location=None).values_list("person__location__name")
    return list(rows.annotate(n=Count("pk")).order_by("-n", "person__location__name"))


def _managers(people):
    """(who is written down as somebody's manager, of how many), most first."""
    rows = people.exclude(person__manager=None).values_list("person__manager")
    counts = dict(rows.annotate(n=Count("pk")).order_by("-n", "person__manager")[:MANAGERS_SHOWN])
    users = User.objects.in_bulk(list(counts))
    return [(users[pk], n) for pk, n in counts.items()]


@require_POST
@permission_required("ambassadors.change_departments")
def department_rename(request, pk):
    department = _seen(request, pk)
    form = NamesForm(request.POST)
    if form.is_valid():
        try:
            reshaping.rename(department, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error("name", refused.says)
        else:
            messages.success(request, _("Saved."))
            return redirect("ambassadors:department-detail", pk)
    return _detail(request, department, status=422, names=form)


@require_POST
@permission_required("ambassadors.change_departments")
def department_move(request, pk):
    department = _seen(request, pk)
    # Also what would be a circle may be sent: it is refused in words.
    form = PlaceForm(request.POST)
    if form.is_valid():
        try:
            reshaping.move(department, form.cleaned_data["parent"], by=request.user)
        except Refused as refused:
            form.add_error("parent", refused.says)
        else:
            messages.success(request, _("Moved, with all who work there."))
            return redirect("ambassadors:department-detail", pk)
    return _detail(request, department, status=422, place=form)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.change_departments")
def department_merge(request, pk):
    """What a merge would do, then the merge: it cannot be undone."""
    source = _seen(request, pk)
    form = MergeForm(request.POST or request.GET, source=source)
    if not form.is_valid():
        return _detail(request, source, status=422, merge=form)
    target = form.cleaned_data["into"]
    if request.method == "POST":
        return _merge(request, source, target)
    context = {
        "source": source,
        "target": target,
        "unit": Tree(request.user).unit(source),
        "teams": source.children.open(),
        "managers": source.overseers.filter(is_active=True),
    }
    return render(request, "ambassadors/department_merge.html", context)


def _merge(request, source, target):
    try:
        n = reshaping.merge(source, target, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.says)
        return redirect("ambassadors:department-list")
    said = ngettext(
        "%(source)s is merged into %(target)s, with %(n)d person.",
        "%(source)s is merged into %(target)s, with %(n)d people.",
        n,
    )
    messages.success(request, said % {"source": source, "target": target, "n": n})
    return redirect("ambassadors:department-detail", target.pk)


@require_POST
@permission_required("ambassadors.change_departments")
def department_close(request, pk):
    department = _seen(request, pk)
    try:
        reshaping.close(department, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.says)
        return redirect("ambassadors:department-detail", pk)
    messages.success(request, _("%(name)s is closed.") % {"name": department})
    return redirect("ambassadors:department-list")
