import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
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


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("fr", "DATE_FORMAT", "1er décembre 2026"),
        ("fr", "MONTH_DAY_FORMAT", "1er décembre"),
        ("fr", "DATETIME_FORMAT", "1er décembre 2026, 7\xa0h\xa030"),
        ("fr", "SHORT_DATE_FORMAT", "2026-12-01"),
        ("en", "DATE_FORMAT", "December 1, 2026"),
        ("en", "jS", "1st"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(language, name, shown):
    first = datetime(2026, 12, 1, 7, 30)
    with translation.override(language):
        assert formats.date_format(first, name) == shown
        assert (
            Template("{{ day|date:name }}").render(Context({"day": first, "name": name})) == shown
        )
        assert not formats.date_format(first.replace(day=21), "jS F").startswith("21er")


def test_no_date_is_written_with_a_format_that_forgets_it():
    """A day beside its month in letters, spelt out in a template or a module, would miss the “er”."""
    day = re.compile(r"""(?:date:|date_format\(.*)["'][^"']*\bj [FNMEb]""")
    files = [*settings.BASE_DIR.glob("templates/**/*.*"), *settings.BASE_DIR.glob("[acd]*/**/*.py")]
    texts = {path: path.read_text() for path in files if path.suffix in {".html", ".txt", ".py"}}
    assert [path.name for path, text in texts.items() if day.search(text)] == []


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
