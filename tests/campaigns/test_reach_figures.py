"""How the report writes numbers and days, estimates an audience, and draws."""

from datetime import date

import pytest
from django.utils import translation

from ambassadors.models import Ambassador
from campaigns.reach.audience import estimate
from campaigns.reach.charts import line_charts, path, small_line, steps, width
from campaigns.reach.period import Period
from campaigns.templatetags import figures

Band = Ambassador.Band
NBSP = "\u00a0"


# --- Words and numbers -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "written"),
    [
        (
            "fr",
            (
                f"1{NBSP}284",
                f"36{NBSP}%",
                "4,0",
                f"26{NBSP}octobre{NBSP}2026",
                f"1er{NBSP}novembre",
            ),
        ),
        ("en", ("1,284", "36%", "4.0", f"October{NBSP}26,{NBSP}2026", f"November{NBSP}1")),
    ],
)
def test_numbers_and_days_are_written_as_each_language_does(language, written):
    with translation.override(language):
        assert written == (
            figures.count(1284),
            figures.percent(0.357),
            figures.ratio(4.04),
            figures.whole_day(date(2026, 10, 26)),
            figures.day_of_year(date(2026, 11, 1)),
        )


def test_next_to_nothing_is_not_written_as_nothing():
    with translation.override("en"):
        assert [figures.percent(part) for part in (0, 0.004, 0.005, 1)] == [
            "0%",
            f"<{NBSP}1%",
            "0%",
            "100%",
        ]


def test_what_is_not_known_is_a_dash_and_not_a_zero():
    assert {figures.count(None), figures.percent(None), figures.ratio(None)} == {"–"}


# --- Periods ---------------------------------------------------------------------------------
def test_the_period_before_has_as_many_days_and_ends_the_day_before():
    period = Period.of_days(28, date(2026, 11, 22))
    assert period == Period(date(2026, 10, 26), date(2026, 11, 22))
    assert period.before() == Period(date(2026, 9, 28), date(2026, 10, 25))


def test_a_year_earlier_has_the_same_dates_and_february_29_becomes_the_28th():
    leap = Period(date(2028, 2, 1), date(2028, 2, 29))
    assert leap.a_year_before() == Period(date(2027, 2, 1), date(2027, 2, 28))


def test_twelve_months_end_the_day_before_they_began():
    assert Period.of_a_year(date(2026, 11, 22)) == Period(date(2025, 11, 23), date(2026, 11, 22))


def test_the_day_the_clocks_change_has_25_hours():
    fall = Period.of_days(1, date(2026, 11, 1))
    assert (fall.end.timestamp() - fall.start.timestamp()) / 3600 == 25


def test_the_weeks_of_a_period_are_whole_and_end_with_it():
    weeks = Period.of_days(28, date(2026, 11, 22)).weeks(3)
    assert [(week.first.day, week.last.day, week.days) for week in weeks] == [
        (2, 8, 7),
        (9, 15, 7),
        (16, 22, 7),
    ]


# --- Potential reach -------------------------------------------------------------------------
def test_potential_reach_is_the_sum_of_the_low_and_of_the_high_ends():
    found = estimate({Band.UP_TO_200: 22, Band.UP_TO_500: 38, Band.UP_TO_1000: 27, "": 52}, 5)
    assert (found.low, found.high, found.is_open) == (21_000, 51_000, False)


def test_over_a_thousand_has_no_upper_end():
    found = estimate({Band.OVER_1000: 9}, 5)
    assert (found.low, found.high, found.is_open) == (9000, 9000, True)


def test_nobodys_own_answer_can_be_told_from_the_ranges():
    one_more = estimate({Band.UP_TO_500: 39, Band.OVER_1000: 2}, 5)
    found = estimate({Band.UP_TO_500: 38, Band.OVER_1000: 1}, 5)
    assert one_more.bands == found.bands
    assert [band.people for band in found.bands] == [40, None]


def test_four_answers_are_too_few_to_estimate_from():
    assert estimate({Band.UP_TO_500: 4, "": 90}, 5) is None


# --- Drawings --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, [0, 1]),
        (3, [0, 1, 2, 3]),
        (79, [0, 20, 40, 60, 80]),
        (80, [0, 20, 40, 60, 80]),
        (1284, [0, 500, 1000, 1500]),
    ],
)
def test_an_axis_has_a_few_round_figures_and_begins_at_nothing(highest, expected):
    assert steps(highest) == expected


def test_a_line_is_interrupted_where_a_figure_is_missing():
    assert path([(0, 0), (10, 5), None, (30, 2.5), (40, 0)]) == "M0 0L10 5M30 2.5L40 0"


def test_a_drawing_is_the_same_whatever_the_decimal_sign():
    drawn = lambda: line_charts([1.5, 2, 3], [0, 1, 2], ["a", "b", "c"])  # noqa: E731
    with translation.override("fr"):
        french = drawn()
    assert french == drawn()
    assert "," not in french[0].lines[0].path


@pytest.mark.parametrize(("now", "before"), [(40, 41), (41, 40), (40, 40), (0, 0), (80, 79)])
def test_the_words_at_the_ends_of_the_lines_never_cover_each_other(now, before):
    wide = line_charts([50, now], [30, before], ["a", "b"])[0]
    first, second = (float(line.end.words_y) for line in wide.lines)
    assert abs(first - second) >= 30


def test_a_line_without_any_figure_is_left_out():
    wide, narrow = line_charts([1, 2], [None, None], ["a", "b"])
    assert [bool(line.end) for line in wide.lines] == [False, True]
    assert [bool(line.end) for line in narrow.lines] == [False, True]


def test_small_drawings_share_one_scale():
    assert small_line([0.1, 0.2], 0.4).path == "M4 51L160 36"
    assert small_line([None, None], 0.4).path == ""


def test_a_bar_of_next_to_nothing_can_still_be_seen():
    assert [width(part, 1000) for part in (0, 1, 500, 1000)] == ["0", "0.8", "50", "100"]
