"""Working days, by the calendar of a place. Public holidays are not known: they count."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def working_days_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day, `days` working days later in `zone`: from Friday, one is Monday."""
    local = moment.astimezone(zone)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < SATURDAY
    return local
