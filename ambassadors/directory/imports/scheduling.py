"""The page of the list that is fetched every day, for administrators."""

import re

from django import forms
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from activity import outside
from activity.outside.places import place_of
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.directory.imports.headers import FIELDS
from ambassadors.directory.imports.schedule import ImportSchedule

SHOWN = 10
# Our own request says these, or they change what it is.
NOT_THEIRS = {"host", "content-length", "transfer-encoding", "connection", "cookie", "accept"}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLAIN = re.compile(r"[\x20-\x7e]+")
_FILE = re.compile(r"[^/\\\0]+")
Place = ImportSchedule.Place

may_schedule = permission_required("ambassadors.schedule_import")


class Schedule(forms.ModelForm):
    secret = forms.CharField(
        label=gettext_lazy("Its value"),
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = ImportSchedule
        fields = [
            "is_on",
            "place",
            "pattern",
            "url",
            "header_name",
            "at",
            "most_leaving",
            "most_errors",
            "invite",
        ]
        widgets = {
            "place": forms.RadioSelect,
            "at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "url": forms.URLInput(attrs={"placeholder": "https://"}),
        }
        help_texts = {
            "pattern": gettext_lazy("A * stands for anything. The newest file is taken."),
            "header_name": gettext_lazy("Where the address asks who is calling: Authorization."),
            "at": gettext_lazy("In the company’s time zone."),
            "most_leaving": gettext_lazy("In % of the people who are here."),
            "most_errors": gettext_lazy("In % of the lines of the file."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.has_secret:
            self.fields["secret"].help_text = _(
                "One is kept, and never shown. Leave this empty to keep it."
            )

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        if not url:
            return url
        try:
            place = place_of(url)
        except outside.Unreachable as error:
            raise forms.ValidationError(str(error)) from None
        if place.scheme != "https" and not place.is_allowed:
            raise forms.ValidationError(_("The address must begin with https://."))
        return url

    def clean_header_name(self):
        name = self.cleaned_data["header_name"].strip()
        if name and (not _HEADER.fullmatch(name) or name.lower() in NOT_THEIRS):
            raise forms.ValidationError(_("This is not the name of a header that can be sent."))
        return name

    def clean_secret(self):
        secret = self.cleaned_data["secret"]
        if secret and not _PLAIN.fullmatch(secret):
            raise forms.ValidationError(_("Only plain letters, figures and signs, on one line."))
        return secret

    def clean_pattern(self):
        pattern = self.cleaned_data["pattern"].strip()
        if pattern and (not _FILE.fullmatch(pattern) or pattern in {".", ".."}):
            raise forms.ValidationError(_("The name of a file, without a folder."))
        return pattern

    def clean(self):
        said = super().clean()
        if not said.get("is_on"):
            return said
        needed = "url" if said.get("place") == Place.ADDRESS else "pattern"
        if not said.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Needed to fetch the list."))
        if said.get("place") == Place.FOLDER and not settings.IMPORT_FOLDER:
            self.add_error(
                "place", _("This server has no import folder: whoever runs it sets IMPORT_FOLDER.")
            )
        if said.get("secret") and not said.get("header_name") and "header_name" not in self.errors:
            self.add_error("header_name", _("A value needs the name of its header."))
        return said


@require_http_methods(["GET", "POST"])
@may_schedule
@fresh_login_required
def import_schedule(request):
    schedule = ImportSchedule.the_one()
    form = Schedule(request.POST or None, instance=schedule)
    if form.is_bound and form.is_valid():
        had_secret = schedule.has_secret
        form.instance.set_up(by=request.user, secret=form.cleaned_data["secret"])
        messages.success(request, _("Saved."))
        if had_secret and not form.instance.has_secret:
            messages.warning(request, _("The value kept was for another address: it is forgotten."))
        return redirect("ambassadors:import-schedule")
    status = 422 if form.is_bound else 200
    page = {"form": form, **_standing(ImportSchedule.the_one())}
    return render(request, "ambassadors/import_schedule.html", page, status=status)


def _standing(schedule):
    columns = [(header, FIELDS.get(name)) for header, name in schedule.columns]
    runs = schedule.imports.select_related("created_by").order_by("-created_at")
    return {
        "schedule": schedule,
        "folder": settings.IMPORT_FOLDER,
        "columns": [(header, field.label) for header, field in columns if field],
        "runs": runs[:SHOWN],
    }


@require_POST
@may_schedule
def import_schedule_now(request):
    if ImportSchedule.the_one().ask_now(by=request.user):
        messages.info(request, _("The list is fetched within a minute."))
    else:
        messages.warning(request, _("Turn it on first."))
    return redirect("ambassadors:import-schedule")
