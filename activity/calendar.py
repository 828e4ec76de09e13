"""When a person may be written to: their working days, without the nights, holidays and leave.

Pure: times in, times out. Public holidays come from the library `holidays`, computed, never asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from holidays import country_holidays

SATURDAY = 5
# Of a person who said nothing, by the company's settings; ux.md and the charter say the same.
QUIET_FROM, QUIET_UNTIL = time(18), time(7, 30)
# No holiday, weekend and leave lasts longer; who says so is written to when it is over.
FURTHEST = timedelta(days=800)

NONE = "none"
REGIONS = [
    ("CA-QC", _("Québec")),
    ("CA-ON", _("Ontario")),
    ("CA-NB", _("New Brunswick")),
    ("CA", _("Elsewhere in Canada")),
    ("FR", _("France")),
    (NONE, _("No public holidays")),
]
# Where a time zone lies, for who said nothing else.
REGION_OF_ZONE = {
    "America/Montreal": "CA-QC",
    "America/Toronto": "CA-ON",
    "America/Moncton": "CA-NB",
    "America/St_Johns": "CA",
    "America/Halifax": "CA",
    "America/Winnipeg": "CA",
    "America/Regina": "CA",
    "America/Edmonton": "CA",
    "America/Vancouver": "CA",
    "America/Martinique": "FR",
    "America/Cayenne": "FR",
    "Europe/Paris": "FR",
    "Indian/Reunion": "FR",
    "Pacific/Noumea": "FR",
}


def region_of(zone: str) -> str:
    """The public holidays that go with a time zone, unless the person says otherwise."""
    return REGION_OF_ZONE.get(zone, NONE)


@cache
def _holidays(region):
    country, _sep, province = region.partition("-")
    return country_holidays(country, subdiv=province or None)


def is_holiday(day: date, region: str) -> bool:
    """Whether nobody works on `day` there. region: of REGIONS; elsewhere there are none."""
    return region not in ("", NONE) and day in _holidays(region)


@dataclass(frozen=True)
class Times:
    """When a person may be written to.

    quiet_from, quiet_until: by their own clock; the same twice: never quiet by the hour. Between
    them lies the night, or, where they are the other way round, the day (who works at night).
    away: the first and the last day of a leave, or None.
    """

    zone: str
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL
    weekends: bool = False
    region: str = NONE
    away: tuple[date, date] | None = None

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(ZoneInfo(self.zone))
        return self._is_working_day(local.date()) and not self._is_quiet(local.time())

    def opening(self, moment: datetime) -> datetime:
        """`moment` itself if they may be written to then; else the next moment they may, in UTC.

        After a night whose clock skips the hour it would be, that is the first one that exists.
        """
        if self.is_open(moment):
            return moment
        return next((at for at in self._openings(moment) if at > moment), moment + FURTHEST)

    def next_week(self, moment: datetime) -> datetime:
        """The first moment of next week at which they may be written to, in UTC."""
        zone = ZoneInfo(self.zone)
        monday = self.week(moment) + timedelta(days=7)
        return self.opening(datetime.combine(monday, time(), zone).astimezone(UTC))

    def week(self, moment: datetime) -> date:
        """The Monday of the week, by their clock."""
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        return day - timedelta(days=day.weekday())

    def _openings(self, moment) -> Iterator[datetime]:
        zone = ZoneInfo(self.zone)
        first = moment.astimezone(zone).date()
        days = (first + timedelta(days=n) for n in range(FURTHEST.days))
        for day in days:
            if self._is_working_day(day):
                yield from self._openings_of(day, zone)

    def _openings_of(self, day, zone):
        """Midnight, where the night before was a day off; and the end of the quiet hours."""
        for wall in sorted({time(), self.quiet_until}):
            at = datetime.combine(day, wall, zone).astimezone(UTC)
            if self.is_open(at):
                yield at

    def _is_working_day(self, day):
        if self.away and self.away[0] <= day <= self.away[1]:
            return False
        if not self.weekends and day.weekday() >= SATURDAY:
            return False
        return not is_holiday(day, self.region)

    def _is_quiet(self, wall):
        begin, end = self.quiet_from, self.quiet_until
        if begin <= end:
            return begin <= wall < end
        return wall >= begin or wall < end


def quiet_hours() -> tuple[time, time] | None:
    """Those of the company, for who said nothing; None where it keeps none."""
    return settings.QUIET_HOURS or None
