"""Days and spans of days, in the organisation's own time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.utils import timezone

DAY = timedelta(days=1)


def zone() -> ZoneInfo:
    """Where a day begins and ends for every report, wherever its reader is."""
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    return timezone.localdate(timezone=zone())


def midnight(day: date) -> datetime:
    """The first moment of `day`: 23 or 25 hours before the next one, twice a year."""
    return datetime.combine(day, time.min, zone())


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @classmethod
    def of_days(cls, days: int, last: date) -> "Period":
        return cls(last - (days - 1) * DAY, last)

    @classmethod
    def of_a_year(cls, last: date) -> "Period":
        return cls(last - relativedelta(years=1) + DAY, last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + DAY)

    @property
    def is_over(self) -> bool:
        return self.last < today()

    def before(self) -> "Period":
        """As many days, right before."""
        return self.shifted(-self.days)

    def a_year_before(self) -> "Period":
        """The same dates; February 29 becomes the 28th."""
        year = relativedelta(years=1)
        return Period(self.first - year, self.last - year)

    def shifted(self, days: int) -> "Period":
        return Period(self.first + days * DAY, self.last + days * DAY)

    def weeks(self, number: int) -> list["Period"]:
        """The last `number` spans of seven whole days up to its end, oldest first."""
        ends = (self.last - 7 * back * DAY for back in reversed(range(number)))
        return [Period.of_days(7, end) for end in ends]
