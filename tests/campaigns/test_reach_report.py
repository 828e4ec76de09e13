"""The reach report on a company small enough to count on one's fingers."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from ambassadors.models import Ambassador
from campaigns.models import Campaign
from campaigns.reach.forms import ReachFilter
from campaigns.reach.headcount import count_days
from campaigns.reach.report import Report
from campaigns.tracking.models import ClickKind
from tests.factories import (
    make_admin,
    make_campaign,
    make_caption,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("America/Montreal")
NOW = datetime(2026, 11, 23, 9, tzinfo=HERE)
YESTERDAY = date(2026, 11, 22)
LAST_MONTH = date(2026, 10, 20)


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def at_noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=HERE)


def share(member, content, network="linkedin", day=YESTERDAY, **fields):
    """A share declared at noon of `day`; gives its link."""
    link = member.links.filter(content=content, network__slug=network).first()
    link = link or make_link(member, content, network)
    fields = {"opened_at": at_noon(day), "declared_at": at_noon(day)} | fields
    make_share(link, **fields)
    return link


def count_heads(days=(-1, 0, 1, 27, 28, 55)):
    """The days that an ordinary report looks at, counted from yesterday backwards."""
    count_days(YESTERDAY - timedelta(days=n) for n in days)


def report(**asked):
    form = ReachFilter.of(_query(asked))
    assert form.is_valid(), form.errors
    return Report(form.scope, form.order)


def _query(asked):
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    query.update(asked)
    return query


def page(client, **asked):
    response = client.get(reverse("campaigns:reach-report"), asked)
    assert response.status_code == 200
    return response.content.decode()


def words(html):
    return re.sub(r"\s+", " ", unescape(strip_tags(html)))


class Company:
    """Sales: 6 enrolled, 3 of them active. Works: 8 enrolled, 5 of them active. 16 invited.

    In the 28 days up to November 22: 11 shares, 4 of them seen, and 40 visits. Before: 4 and 12.
    """

    def __init__(self):
        self.sales = make_department(name="Ventes")
        self.works = make_department(name="Chantiers")
        self.school = make_content(title="École passive")
        self.jobs = make_content(
            title="Douze postes",
            campaign=make_campaign(kind=Campaign.Kind.RECRUITING, name_fr="On embauche"),
        )
        self.sellers = [make_member(self.sales, audience_band="200-500") for _ in range(6)]
        self.builders = [make_member(self.works) for _ in range(8)]
        for _ in range(2):
            make_member(self.works, state=Ambassador.State.INVITED, joined_at=None)
        self._this_month()
        self._the_month_before()
        count_heads()

    def _this_month(self):
        for seller in self.sellers[:3]:
            link = share(seller, self.school, seen_at=NOW)
            make_tally(link, day=YESTERDAY, clicks=10, uniques=7)
            make_tally(link, day=YESTERDAY, kind=ClickKind.BOT, clicks=50)
            share(seller, self.jobs, day=YESTERDAY - timedelta(days=3))
        for builder in self.builders[:5]:
            share(builder, self.jobs, "facebook", day=YESTERDAY - timedelta(days=20))
        link = share(self.builders[0], self.jobs, "facebook", opened_at=NOW, declared_at=None)
        make_tally(link, day=YESTERDAY - timedelta(days=1), clicks=10, uniques=10)
        make_tally(link, day=YESTERDAY, kind=ClickKind.PREVIEW, clicks=2)
        make_tally(link, day=YESTERDAY, kind=ClickKind.SELF, clicks=1)
        make_share(
            make_link(self.builders[1], self.school, "x"),
            opened_at=at_noon(YESTERDAY),
            declared_at=None,
        )

    def _the_month_before(self):
        for builder in self.builders[4:8]:
            make_tally(share(builder, self.school, day=LAST_MONTH), day=LAST_MONTH, clicks=3)


# --- Figures ---------------------------------------------------------------------------------
def test_the_three_figures_are_what_one_counts_by_hand():
    Company()
    three = report().three
    assert (three.visits.now, three.visits.before) == (40, 12)
    assert (three.shares.now, three.shares.before) == (11, 4)
    assert (three.seen, three.unanswered, three.daily_uniques) == (3, 1, 31)
    assert three.reach is None  # three people gave a range


def test_clicks_of_other_kinds_are_set_aside_and_never_added():
    Company()
    three = report().three
    assert [number for _label, number in three.set_aside] == [150, 2, 1]
    assert three.set_aside_total == 153


def test_active_people_are_counted_once_and_out_of_those_enrolled():
    Company()
    alive = report().alive
    assert (alive.active.now, alive.enrolled.now, alive.invited.now) == (8, 14, 16)
    assert alive.active.before == 4


def test_the_trend_counts_each_week_by_itself():
    Company()
    count_heads(range(0, 91, 7))
    rows = report().alive.trend.rows
    assert [row.values[0] for row in rows] == [0] * 8 + [4, 0, 5, 0, 3]
    assert rows[-1].name == date(2026, 11, 16)


def test_networks_and_their_part_of_the_visits():
    Company()
    rows = report().where.networks.rows
    assert [(row.name.slug, list(row.values)) for row in rows] == [
        ("linkedin", [6, 30, 0.75]),
        ("facebook", [5, 10, 0.25]),
    ]


def test_departments_least_active_first():
    Company()
    rows = report().where.departments.rows
    assert [(str(row.name), list(row.values)) for row in rows] == [
        ("Ventes", [6, 3, 0.5]),
        ("Chantiers", [8, 5, 0.625]),
    ]


def test_items_with_their_total_most_visited_first():
    Company()
    contents = report().what.contents
    assert [(row.name, list(row.values[:3])) for row in contents.rows] == [
        ("École passive", [3, 30, 10.0]),
        ("Douze postes", [8, 10, 1.25]),
    ]
    assert list(contents.total.values[:2]) == [11, 40]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("-shares", "Douze postes"),
        ("shares", "École passive"),
        ("title", "Douze postes"),
        ("-title", "École passive"),
    ],
)
def test_items_can_be_sorted(sort, first):
    Company()
    assert report(sort=sort).what.contents.rows[0].name == first


def test_the_wording_used_most_is_a_part_of_the_shares_in_any_words():
    content = make_content()
    text, other = make_caption(content), make_caption(content, text="Autre chose.")
    for n in range(12):
        member = make_member()
        share(
            member,
            content,
            caption=text if n < 3 else other if n < 5 else None,
            is_own_words=n == 0,
        )
    count_heads([0])
    [row] = report(period="7").what.contents.rows
    assert row.values[3] == pytest.approx(2 / 12)


@pytest.mark.parametrize(
    ("asked", "visits", "shares"),
    [
        ({"campaign": "jobs"}, 10, 8),
        ({"kind": "marketing"}, 30, 3),
        ({"network": "facebook"}, 10, 5),
        ({"department": "sales"}, 30, 6),
        ({"department": "works"}, 10, 5),
        ({"language": "en"}, 0, 0),
        ({"kind": "recruiting", "network": "linkedin"}, 0, 3),
        ({"period": "7"}, 40, 6),
    ],
)
def test_each_filter_counts_its_own(asked, visits, shares):
    company = Company()
    names = {
        "jobs": company.jobs.campaign.slug,
        "sales": company.sales.pk,
        "works": company.works.pk,
    }
    found = report(**{name: names.get(value, value) for name, value in asked.items()}).three
    assert (found.visits.now, found.shares.now) == (visits, shares)


def test_potential_reach_adds_the_ranges_of_those_who_shared():
    company = Company()
    for seller in company.sellers[3:5]:
        share(seller, company.school)
    count_heads()
    reach = report().three.reach
    assert (reach.low, reach.high, reach.givers) == (1000, 2500, 5)


def test_a_year_earlier_is_compared_day_by_day():
    company = Company()
    last_year = date(2025, 11, 22)
    make_tally(share(company.builders[0], company.school, day=last_year), day=last_year, clicks=5)
    Ambassador.objects.update(joined_at=NOW - timedelta(days=800))
    count_heads((0, 365))
    assert report(compare="last_year").three.visits.before == 5


def test_before_the_programme_there_is_nothing_to_compare_with():
    company = Company()
    make_tally(share(company.builders[0], company.school), clicks=5)
    found = report(compare="last_year")
    assert (found.three.visits.before, found.alive.active.before) == (None, None)


# --- Where a day begins ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        (datetime(2026, 10, 26, 0, 0, tzinfo=HERE), 1),
        (datetime(2026, 10, 25, 23, 59, 59, tzinfo=HERE), 0),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=HERE), 1),
        (datetime(2026, 11, 23, 0, 0, tzinfo=HERE), 0),
    ],
)
def test_the_edges_of_a_period_are_midnights_of_the_organisation(moment, counted, as_user):
    for _ in range(5):
        make_member()
    share(make_member(), make_content(), declared_at=moment, opened_at=moment)
    count_heads([0])
    reader = as_user(make_manager(time_zone="Asia/Tokyo", language="en"))
    shown = re.search(r'declared".*?class="value">(\d+)<', page(reader), re.S)
    assert int(shown[1]) == counted


def test_today_is_in_the_report_as_soon_as_it_is_asked_for():
    company = Company()
    make_tally(
        share(company.builders[7], company.jobs, declared_at=NOW, opened_at=NOW), day=NOW.date()
    )
    found = report(period="custom", first="2026-11-23", last="2026-11-23")
    assert (found.three.visits.now, found.three.shares.now, found.alive.active.now) == (3, 1, 1)


# --- The page --------------------------------------------------------------------------------
def test_the_page_answers_five_questions_and_keeps_three_figures_apart(as_user):
    Company()
    html = page(as_user(make_manager(language="en")))
    text = words(html)
    questions = [
        "1. Is it alive?",
        "2. What does it bring?",
        "3. Where?",
        "4. What?",
        "5. And then?",
    ]
    assert [text.index(q) for q in questions] == sorted(text.index(q) for q in questions)
    assert re.findall(r'class="stat (\w+)"', html) == ["measured", "declared", "estimated"]
    assert "Yes: 8 volunteers out of 14 shared, that is 57%." in text
    assert "What was set aside: 153 clicks" in text
    assert "Data up to the end of November 22, 2026." in text.replace("\u00a0", " ")


def test_every_drawing_has_words_and_a_table_beside_it(as_user):
    Company()
    html = page(as_user(make_manager(language="en")))
    for drawing in re.findall(r"<svg[^>]*role=\"img\"[^>]*>.*?</svg>", html, re.S):
        label = re.search(r'aria-labelledby="([^"]+)"', drawing)[1]
        assert f'<title id="{label}">' in drawing
    figures = html.split('<div class="panel figure"')[1:]
    assert len(figures) == 5
    assert all("<figcaption>" in f and "<caption" in f and "<th scope=" in f for f in figures)


def test_there_is_no_style_or_script_in_the_page(as_user):
    Company()
    html = page(as_user(make_manager()))
    assert not re.search(r"style=|<style|<script(?![^>]*src=)|\son\w+=", html)


def test_daily_uniques_are_never_called_people(as_user):
    Company()
    text = words(page(as_user(make_manager(language="en"))))
    about = re.search(r"Among the visits, 31 .*?\)", text)[0]
    assert "daily unique visitors" in about
    assert "not a number of people" in about
    assert "31 people" not in text
    assert "unique people" not in text


def test_no_name_of_a_person_is_on_the_page(as_user):
    company = Company()
    html = page(as_user(make_manager(first_name="Zoé", last_name="Lectrice", language="en")))
    for member in company.sellers + company.builders:
        assert str(member.user) not in html
        assert member.user.email not in html


def test_before_the_first_share_the_page_says_what_to_prepare(as_user):
    make_member()
    text = words(page(as_user(make_manager(language="en"))))
    assert "The first figures will appear after the first share." in text
    assert "1. Is it alive?" not in text


def test_a_filter_that_finds_nothing_still_answers(as_user):
    Company()
    text = words(page(as_user(make_manager(language="en")), language="en"))
    assert "Not in these days: nobody has declared a share." in text
    assert "Nothing was shared in these days." in text


def test_what_waits_for_a_decision_is_listed(as_user):
    company = Company()
    company.school.expires_at = NOW + timedelta(days=3)
    company.school.save()
    make_content(status="in_review")
    text = words(page(as_user(make_manager(language="en"))))
    assert "1 item ends within a week" in text
    assert "1 text waits for approval" in text


def test_a_quiet_department_is_named_with_its_figures(as_user):
    company = Company()
    quiet = make_department(name="Finances")
    for _ in range(6):
        make_member(quiet)
    share(make_member(quiet), company.school)
    count_heads()
    text = words(page(as_user(make_manager(language="en"))))
    assert "Finances: 1 active person out of 7" in text


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (
            {"period": "custom", "first": "2026-11-30", "last": "2026-12-02"},
            "This day has not come yet.",
        ),
        (
            {"period": "custom", "first": "2026-11-10", "last": "2026-11-02"},
            "The end comes before the start.",
        ),
        ({"period": "custom", "first": "2020-01-01", "last": "2026-11-02"}, "Two years at most."),
        ({"period": "custom", "first": "hier"}, "Enter a valid date."),
        ({"period": "999"}, "999 is not one of the available choices."),
        ({"campaign": "nowhere"}, "That choice is not one of the available choices."),
    ],
)
def test_a_question_that_makes_no_sense_is_said_so_and_the_usual_one_answered(
    as_user, asked, complaint
):
    Company()
    text = words(page(as_user(make_manager(language="en")), **asked))
    assert complaint in text
    assert "Yes: 8 volunteers out of 14 shared" in text


def test_the_number_of_queries_does_not_grow_with_the_company(as_user):
    company = Company()
    client = as_user(make_manager())
    page(client)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(client)
    for number in range(3):
        content = make_content(title=f"Autre {number}")
        department = make_department()
        for network in ("x", "bluesky", "threads"):
            make_tally(share(make_member(department), content, network), day=YESTERDAY)
        make_campaign(audience={"departments": [department]})
    count_heads()
    assert len(report().what.contents.rows) == 5
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few) <= 39
    assert company.sales.pk


# --- Who may see it --------------------------------------------------------------------------
@pytest.mark.parametrize("maker", [make_manager, make_admin])
@pytest.mark.parametrize("path", ["/reach/", "/reach/reach.csv", "/reach/reach.xlsx"])
def test_managers_and_admins_may_see_it(as_user, maker, path):
    Company()
    assert as_user(maker()).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/reach/", "/reach/reach.csv", "/reach/reach.xlsx"])
def test_an_ambassador_may_not(as_user, path):
    assert as_user(make_user()).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/reach/", "/reach/reach.csv", "/reach/reach.xlsx"])
def test_a_stranger_is_asked_to_log_in(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_it_is_for_reading_only(as_user):
    assert as_user(make_manager()).post("/reach/").status_code == 405
