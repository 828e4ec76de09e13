"""What a person sets about when, and by which way, they are written to."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity import calendar
from activity.models import Browser, Hours
from activity.preferences import Section, add_section
from activity.rhythm.models import Via, times_of

# Less than that between two quiet times, and nothing would ever reach the person.
LEAST_OPEN = timedelta(hours=2)
OF_THE_ZONE = "zone"
NEVER_BLANK = ("quiet_from", "quiet_until", "region")
OWN = ["via", "quiet_from", "quiet_until", "weekends", "region", "away_from", "away_until"]


class Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


@add_section
class HoursForm(Section):
    """Nights, weekends, holidays and leave. What falls inside waits, and comes together."""

    title = _("When we leave you alone")
    note = _(
        "What falls inside comes after it, together. At most three messages a week; more only "
        "where you ask for it."
    )
    comes_last = True

    via = forms.ChoiceField(
        label=_("Where we write to you"), choices=Via.choices, widget=forms.RadioSelect
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=Clock)
    quiet_until = forms.TimeField(label=_("until"), widget=Clock)
    weekends = forms.BooleanField(label=_("Write to me on weekends too"), required=False)
    region = forms.ChoiceField(
        label=_("Public holidays"),
        choices=[(OF_THE_ZONE, _("Those of my time zone")), *calendar.REGIONS],
    )
    away_from = forms.DateField(
        label=_("Away from"),
        widget=Day,
        required=False,
        help_text=_("Your next leave: nobody but you sees it."),
    )
    away_until = forms.DateField(label=_("to, included"), widget=Day, required=False)

    @classmethod
    def for_person(cls, person, data=None):
        hours = Hours.objects.filter(person=person).first()
        form = cls(data, initial=_initial(hours, person.time_zone))
        form.person = person
        for name in NEVER_BLANK:
            # What a page did not ask for stays as it is.
            form.fields[name].required = data is None or name in data
        if not Browser.objects.of(person).exists() and form.initial["via"] == Via.EMAIL:
            # Offered once there is a device to write to.
            del form.fields["via"]
        return form

    def clean(self):
        cleaned = super().clean()
        for name in NEVER_BLANK:
            if name not in self.data:
                cleaned[name] = self.initial[name]
        begin, end = cleaned.get("away_from"), cleaned.get("away_until")
        if bool(begin) != bool(end):
            self.add_error(
                "away_until" if begin else "away_from", _("A leave has a first and a last day.")
            )
        elif begin and end < begin:
            self.add_error("away_until", _("The last day comes before the first."))
        if _open_for(cleaned.get("quiet_from"), cleaned.get("quiet_until")) < LEAST_OPEN:
            self.add_error("quiet_until", _("Leave at least two hours in which we may write."))
        return cleaned

    def save(self):
        if self.changed_data:
            fields = {name: self.cleaned_data[name] for name in OWN if name in self.fields}
            if fields["region"] == OF_THE_ZONE:
                fields["region"] = ""
            Hours.objects.update_or_create(person=self.person, defaults=fields)


def _initial(hours, zone):
    times = times_of(hours, zone)
    leave_is_over = hours and hours.away_until and hours.away_until < timezone.localdate()
    return {
        "via": hours.via if hours else Via.EMAIL,
        "quiet_from": times.quiet_from,
        "quiet_until": times.quiet_until,
        "weekends": times.weekends,
        "region": (hours and hours.region) or OF_THE_ZONE,
        "away_from": None if leave_is_over or not hours else hours.away_from,
        "away_until": None if leave_is_over or not hours else hours.away_until,
    }


def _open_for(begin, end) -> timedelta:
    """How long of a day is not quiet; a whole day where either is missing or both are the same."""
    if begin is None or end is None or begin == end:
        return timedelta(days=1)
    day = datetime(2000, 1, 1)
    opened = datetime.combine(day, begin) - datetime.combine(day, end)
    return opened % timedelta(days=1)
