from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import formats, timezone, translation

MOMENT = datetime(2026, 11, 23, 13, 40, tzinfo=ZoneInfo("America/Montreal"))


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("fr", "TIME_FORMAT", "13\xa0h\xa040"),
        ("fr", "DATE_FORMAT", "23 novembre 2026"),
        ("fr", "DATETIME_FORMAT", "23 novembre 2026, 13\xa0h\xa040"),
        ("fr", "SHORT_DATE_FORMAT", "2026-11-23"),
        ("en", "TIME_FORMAT", "1:40\xa0p.m."),
        ("en", "DATE_FORMAT", "November 23, 2026"),
        ("en", "SHORT_DATE_FORMAT", "2026-11-23"),
    ],
)
def test_dates_and_times_are_written_as_the_language_does(language, name, shown):
    with translation.override(language), timezone.override("America/Montreal"):
        assert formats.date_format(timezone.localtime(MOMENT), name) == shown


@pytest.mark.parametrize(("language", "shown"), [("fr", "1\xa0284,5"), ("en", "1,284.5")])
def test_numbers_are_written_as_the_language_does(language, shown):
    with translation.override(language):
        assert formats.localize(1284.5) == shown


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["fr-CA", "fr-FR,fr;q=0.9", "fr"])
def test_every_french_gets_french(client, asked):
    answer = client.get("/accounts/login/", headers={"accept-language": asked})
    assert answer.headers["Content-Language"] == "fr"


def test_the_small_hours_have_no_leading_zero_in_french():
    with translation.override("fr"):
        early = datetime(2026, 11, 24, 7, 30, tzinfo=ZoneInfo("America/Montreal"))
        assert formats.time_format(early, "TIME_FORMAT") == "7\xa0h\xa030"
