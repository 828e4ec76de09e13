"""Small groups stay out of sight: on the page, in files, and for somebody who subtracts."""

import csv
import io
from datetime import date, datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse

from campaigns.models import Content, HeadCount, PlaceTotal
from campaigns.reach import verify
from campaigns.reach.forms import ReachFilter
from campaigns.reach.headcount import count_days
from campaigns.reach.items import ItemReport
from campaigns.reach.report import Report
from campaigns.reach.scope import Scope
from campaigns.reach.suppression import Reason
from tests.campaigns.test_reach_suppression import Attacker
from tests.factories import (
    make_campaign,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
    make_topic,
)

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("America/Montreal")
NOW = datetime(2026, 11, 23, 9, tzinfo=HERE)
YESTERDAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def share(member, content, network="linkedin", day=YESTERDAY):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=HERE)
    link = make_link(member, content, network)
    make_share(link, declared_at=noon, opened_at=noon)
    return link


def ask(**asked):
    query = QueryDict(mutable=True)
    query.update(asked)
    return ReachFilter.of(query)


def report(**asked):
    form = ask(**asked)
    assert form.is_valid(), form.errors
    return Report(form.scope)


class Company:
    """Board: 4 enrolled. Legal: 6, its neighbour. Sales: 9. Works: 12. Everybody shares once.

    Each visit of the board counts 777, so that it would be seen.
    """

    def __init__(self):
        self.content = make_content(title="École passive")
        sizes = {"Direction": 4, "Juridique": 6, "Ventes": 9, "Chantiers": 12}
        self.departments = {name: make_department(name=name) for name in sizes}
        self.members = {}
        for name, number in sizes.items():
            self.members[name] = [make_member(self.departments[name]) for _ in range(number)]
            for member in self.members[name]:
                clicks = 777 if name == "Direction" else 10
                make_tally(share(member, self.content), day=YESTERDAY, clicks=clicks)
        count_days(YESTERDAY - timedelta(days=n) for n in (-1, 0, 1, 27, 28, 55))


# --- Hidden, and said so ---------------------------------------------------------------------
def test_a_small_department_and_its_neighbour_are_listed_last_by_name_with_the_reason():
    Company()
    rows = report().where.departments.rows
    assert [(str(row.name), row.hidden) for row in rows] == [
        ("Chantiers", None),
        ("Ventes", None),
        ("Direction", Reason.SMALL),
        ("Juridique", Reason.NEIGHBOUR),
    ]


def test_the_page_shows_a_hidden_group_hatched_and_without_a_figure(as_user):
    Company()
    html = as_user(make_manager(language="en")).get("/reach/").content.decode()
    assert html.count('class="hidden-group"') == 2
    assert "Hidden: fewer than 5 people" in html
    assert "hidden, fewer than 5" in html
    assert "777" not in html


@pytest.mark.parametrize("name", ["Direction", "Juridique"])
def test_asking_for_a_hidden_department_is_answered_by_the_reason_alone(as_user, name):
    company = Company()
    path = f"/reach/?department={company.departments[name].pk}"
    html = as_user(make_manager(language="en")).get(path).content.decode()
    assert "Figures about fewer than 5 people" in html
    assert 'class="value"' not in html
    assert "<table" not in html


def test_asking_for_a_department_that_may_be_told_shows_no_network_and_no_item():
    company = Company()
    found = report(department=company.departments["Ventes"].pk)
    assert found.three.visits.now == 90
    assert [table.key for table in found.tables] == ["weeks", "steps"]
    assert found.three.reach is None


def test_who_was_asked_and_has_not_joined_is_not_told_within_a_department():
    company = Company()
    names = [
        str(row.name) for row in report(department=company.departments["Ventes"].pk).steps.rows
    ]
    assert "People invited" not in names


@pytest.mark.parametrize(
    "other", [{"network": "linkedin"}, {"kind": "marketing"}, {"language": "fr"}, {"campaign": "c"}]
)
def test_a_department_is_never_looked_at_through_another_filter(other):
    company = Company()
    if "campaign" in other:
        other = {"campaign": company.content.campaign.slug}
    form = ask(department=company.departments["Ventes"].pk, **other)
    assert not form.is_valid()
    assert form.scope.department is None


def test_a_department_that_shrank_yesterday_is_hidden_today_for_last_month_too():
    company = Company()
    for member in company.members["Ventes"][:5]:
        member.leave()
    count_days([NOW.date()])
    found = report(period="custom", first="2026-10-01", last="2026-10-10")
    assert found.ground.hidden_departments[company.departments["Ventes"].pk] is Reason.SMALL


def test_a_programme_of_four_people_has_no_figures():
    content = make_content()
    for _ in range(4):
        make_tally(share(make_member(), content), day=YESTERDAY)
    count_days([YESTERDAY])
    found = report()
    assert found.is_hidden
    assert found.tables == []


# --- Networks --------------------------------------------------------------------------------
def test_a_network_of_four_people_is_hidden_with_the_next_smallest():
    company = Company()
    for member in company.members["Ventes"][:4]:
        make_tally(share(member, company.content, "mastodon"), day=YESTERDAY, clicks=777)
    for member in company.members["Ventes"][:7]:
        share(member, company.content, "x")
    rows = report().where.networks.rows
    assert [(row.name.slug, row.hidden) for row in rows] == [
        ("linkedin", None),
        ("mastodon", Reason.SMALL),
        ("x", Reason.NEIGHBOUR),
    ]
    assert report(network="mastodon").is_hidden
    assert report(network="x").is_hidden
    assert not report(network="linkedin").is_hidden


def test_of_networks_too_large_to_count_the_last_offered_is_the_neighbour(monkeypatch):
    monkeypatch.setattr("campaigns.reach.queries.MANY", 6)
    company = Company()
    for member in company.members["Ventes"][:4]:
        share(member, company.content, "mastodon")
    for member in company.members["Chantiers"][:8]:
        share(member, company.content, "x")
    assert [row.name.slug for row in report().where.networks.shown] == ["linkedin"]


# --- Campaigns for a handful -----------------------------------------------------------------
def test_a_campaign_for_a_handful_is_in_no_figure_and_the_page_says_so(as_user):
    company = Company()
    board = make_campaign(
        name_fr="Entre nous", audience={"departments": [company.departments["Direction"]]}
    )
    secret = make_content(title="Notre stratégie", campaign=board)
    before = report().three
    visits, shares = before.visits.now, before.shares.now
    make_tally(share(company.members["Direction"][0], secret), day=YESTERDAY, clicks=555)
    after = report()
    assert (after.three.visits.now, after.three.shares.now) == (visits, shares)
    assert report(campaign=board.slug).is_hidden
    html = as_user(make_manager(language="en")).get("/reach/").content.decode()
    assert "Notre stratégie" not in html
    assert "1 campaign meant for fewer than 5 people is not counted" in html


# --- Files -----------------------------------------------------------------------------------
def csv_of(client, **asked):
    response = client.get(reverse("campaigns:reach-export", args=["csv"]), asked)
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def workbook_of(client, **asked):
    response = client.get(reverse("campaigns:reach-export", args=["xlsx"]), asked)
    return openpyxl.load_workbook(io.BytesIO(response.content))


def test_a_file_of_departments_hides_what_the_page_hides(as_user):
    Company()
    rows = csv_of(as_user(make_manager(language="en")), table="departments")
    assert rows[3] == ["Direction", "", "", "", "Hidden: fewer than 5 people"]
    assert rows[4][:4] == ["Juridique", "", "", ""]


def test_the_list_of_all_figures_hides_it_too(as_user):
    Company()
    rows = csv_of(as_user(make_manager(language="en")))
    about = [row for row in rows if row[1] == "Direction"]
    assert [(row[2:5], row[5]) for row in about] == [(["", "", ""], "Hidden: fewer than 5 people")]
    assert "777" not in str(rows)


def test_so_does_the_workbook(as_user):
    Company()
    book = workbook_of(as_user(make_manager(language="en")))
    values = [cell for page in book for row in page.iter_rows(values_only=True) for cell in row]
    assert "Direction" in values
    assert 777 not in values
    [line] = [
        row for page in book for row in page.iter_rows(values_only=True) if row[0] == "Direction"
    ]
    assert set(line[1:-1]) == {None}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_file_about_a_hidden_department_holds_no_figure(as_user, format):
    company = Company()
    client = as_user(make_manager(language="en"))
    asked = {"department": company.departments["Direction"].pk}
    if format == "csv":
        assert csv_of(client, **asked)[1:] == [["", "", "", "", "", "Hidden: fewer than 5 people"]]
    else:
        assert workbook_of(client, **asked).sheetnames == ["About"]


# --- The attacker ----------------------------------------------------------------------------
class Cell:
    """Clicks of one day, department, network and campaign: what an attacker wants to know."""

    def __init__(self, day, department, network, content, clicks):
        self.day, self.department, self.network = day, department, network
        self.content, self.clicks = content, clicks

    def is_in(self, scope):
        return (
            scope.period.first <= self.day <= scope.period.last
            and (not scope.department or scope.department == self.department)
            and (not scope.network or scope.network.slug == self.network)
            and (not scope.campaign or scope.campaign == self.content.campaign)
            and (not scope.kind or scope.kind == self.content.campaign.kind)
            and (not scope.language or scope.language == self.content.language)
            and (not scope.topic or scope.topic in self.content.topics.all())
        )


def cells_of(company):
    """More clicks, so that all departments and networks meet on two days in two campaigns."""
    jobs = make_content(campaign=make_campaign(kind="recruiting"), language="en")
    sites = make_topic(slug="sites")
    company.content.topics.add(sites)
    jobs.topics.add(sites, make_topic(slug="jobs"))
    days = [YESTERDAY, YESTERDAY - timedelta(days=1)]
    for member in company.members["Chantiers"][:6]:
        share(member, jobs, "x")
    number = 0
    for name, members in company.members.items():
        for day, network, content in product(
            days, ["linkedin", "x", "mastodon"], [company.content, jobs]
        ):
            number += 1
            # One of each department is on Mastodon: four people, whom nobody may know of.
            member = members[0] if network == "mastodon" else members[number % len(members)]
            link = member.links.filter(content=content, network__slug=network).first()
            link = link or make_link(member, content, network)
            if link.tallies.filter(day=day).exists():
                continue
            make_tally(link, day=day, clicks=number)
            yield Cell(day, company.departments[name], network, content, number)


def questions(company, jobs):
    """Every question the form lets through, over every span of the two days."""
    spans = [
        ("2026-11-22", "2026-11-22"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21", "2026-11-22"),
    ]
    departments = [{}, *({"department": d.pk} for d in company.departments.values())]
    whats = [
        {name: value for name, value in zip(["campaign", "network"], values, strict=True) if value}
        for values in product(
            ["", company.content.campaign.slug, jobs.campaign.slug],
            ["", "linkedin", "x", "mastodon"],
        )
    ]
    whats += [{"kind": "recruiting"}, {"language": "en"}, {"language": "en", "network": "linkedin"}]
    whats += [{"topic": "sites"}, {"topic": "jobs"}, {"topic": "jobs", "network": "linkedin"}]
    for (first, last), department, what in product(spans, departments, whats):
        form = ask(period="custom", first=first, last=last, **department, **what)
        if form.is_valid():
            yield form.scope


def told(scope, cells):
    """The figures of a report, each as the cells it is the sum of (1 or 0) and the sum itself."""
    found = Report(scope)
    if found.is_hidden:
        return
    inside = [cell.is_in(found.scope) for cell in cells]
    yield inside, found.three.visits.now
    if found.where.tells_networks:
        for row in found.where.networks.shown:
            yield (
                [i and c.network == row.about.slug for i, c in zip(inside, cells, strict=True)],
                row.values[1],
            )
    if found.where.tells_topics:
        for row in found.where.topics.rows:
            on_it = {content.pk for content in row.about.contents.all()}
            yield (
                [i and c.content.pk in on_it for i, c in zip(inside, cells, strict=True)],
                row.values[2],
            )
    if found.what.tells:
        for row in found.what.contents.rows:
            yield (
                [i and c.content.pk == row.about.pk for i, c in zip(inside, cells, strict=True)],
                row.values[1],
            )
            content = Content.objects.get(pk=row.about.pk)
            yield from told_of_item(content, found.scope, cells)


def told_of_item(content, scope, cells):
    """What an item's own report adds: its networks, and its days."""
    item = ItemReport(content, Scope(period=scope.period))
    if not item.is_broken_down:
        return
    about = [c.content == content and Scope(period=scope.period) for c in cells]
    inside = [bool(a) and c.is_in(a) for a, c in zip(about, cells, strict=True)]
    for row in item.networks.shown:
        yield (
            [i and c.network == row.about.slug for i, c in zip(inside, cells, strict=True)],
            row.values[1],
        )
    for row in item.weeks.rows:
        yield [i and c.day == row.name for i, c in zip(inside, cells, strict=True)], row.values[0]


def test_nobody_who_asks_everything_can_work_out_a_hidden_group():
    company = Company()
    company.content.tallies.all().delete()
    company.content.day_totals.all().delete()
    PlaceTotal.objects.filter(content=company.content).delete()
    cells = list(cells_of(company))
    jobs = cells[-1].content if cells[-1].content != company.content else cells[-2].content
    published = set()
    for scope in questions(company, jobs):
        for vector, figure in told(scope, cells):
            assert sum(c.clicks for c, i in zip(cells, vector, strict=True) if i) == figure
            published.add(tuple(map(int, vector)))
    attacker = Attacker(published)
    days = {cell.day for cell in cells}
    for some in [*combinations(days, 1), *combinations(days, 2)]:
        for wanted in (
            lambda c: c.department == company.departments["Direction"],
            lambda c: c.department == company.departments["Juridique"],
            lambda c: c.network == "mastodon",
        ):
            vector = [int(wanted(cell) and cell.day in some) for cell in cells]
            assert any(vector)
            assert not attacker.can_solve(vector)
    sales = [int(cell.department == company.departments["Ventes"]) for cell in cells]
    assert attacker.can_solve(sales)


# --- Verifying -------------------------------------------------------------------------------
def test_nothing_is_found_where_the_rules_hold():
    Company()
    assert list(verify.breaches()) == []


def test_a_department_that_is_shown_with_four_people_is_found(monkeypatch):
    Company()
    monkeypatch.setattr("campaigns.reach.heads.hide", lambda *args, **more: {})
    assert [breach for breach in verify.breaches() if "shown with 4 people" in breach]


def test_a_department_hidden_alone_is_found(monkeypatch):
    company = Company()
    alone = {company.departments["Direction"].pk: Reason.SMALL}
    monkeypatch.setattr("campaigns.reach.heads.hide", lambda *args, **more: alone)
    assert [breach for breach in verify.breaches() if "told by subtraction" in breach]


def test_a_network_that_is_shown_with_too_few_people_is_found(monkeypatch):
    company = Company()
    make_tally(share(company.members["Ventes"][0], company.content, "mastodon"), day=YESTERDAY)
    monkeypatch.setattr("campaigns.reach.ground.hide", lambda *args, **more: {})
    assert [breach for breach in verify.breaches() if "shown with 1 people" in breach]


def test_a_head_count_that_was_tampered_with_is_found():
    company = Company()
    assert list(verify.breaches()) == []
    day = HeadCount.objects.filter(day=YESTERDAY, department=company.departments["Ventes"])
    found = report().where.departments.shown
    assert company.departments["Ventes"].pk in [row.about for row in found]
    day.update(enrolled=3, active_7=3, active_28=3)
    assert company.departments["Ventes"].pk not in [
        row.about for row in report().where.departments.shown
    ]
