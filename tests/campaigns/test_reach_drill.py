"""From a figure to what is behind it, and never to a person."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.http import QueryDict

from campaigns.reach.efforts import Efforts, Staying
from campaigns.reach.forms import ReachFilter
from campaigns.reach.items import ItemReport
from tests.campaigns.test_reach_privacy import NOW, YESTERDAY, Company, ask, report, share
from tests.campaigns.test_reach_report import words
from tests.factories import (
    make_campaign,
    make_caption,
    make_content,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(as_user):
    client = as_user(make_manager(language="en"))
    return lambda path: client.get(path).content.decode()


def item_report(content, **asked):
    return ItemReport(content, ask(**asked).scope)


# --- An item ---------------------------------------------------------------------------------
def test_an_item_leads_to_its_networks_weeks_and_texts(reader):
    company = Company()
    caption = make_caption(company.content, text="Une école sans chauffage.")
    for member in company.members["Ventes"][:6]:
        make_share(member.links.get(), caption=caption, declared_at=NOW - DAY, opened_at=NOW - DAY)
    assert f"/reach/items/{company.content.pk}/?period=28" in reader("/reach/")
    page = words(reader(f"/reach/items/{company.content.pk}/"))
    assert "École passive" in page
    assert "Une école sans chauffage." in page
    assert "LinkedIn" in page


def test_an_item_counts_as_the_report_does():
    company = Company()
    item, row = item_report(company.content), report().what.contents.rows[0]
    assert [item.shares, item.visits, item.per_share] == row.values[:3]
    assert sum(row.values[0] for row in item.weeks.rows) == item.visits


def test_an_item_four_people_shared_is_not_broken_down(reader):
    company = Company()
    rare = make_content(campaign=company.content.campaign)
    for member in company.members["Ventes"][:4]:
        make_tally(share(member, rare), day=YESTERDAY)
    page = reader(f"/reach/items/{rare.pk}/")
    assert "Not broken down: fewer than 5 people have shared it" in page
    assert "<table" not in page
    make_tally(share(company.members["Ventes"][4], rare), day=YESTERDAY)
    assert "<table" in reader(f"/reach/items/{rare.pk}/")


def test_five_shares_of_one_person_are_one_person():
    company = Company()
    rare = make_content()
    link = make_link(company.members["Ventes"][0], rare)
    for hours in range(5):
        at = NOW - timedelta(hours=hours + 30)
        make_share(link, opened_at=at, declared_at=at)
    assert not item_report(rare).is_broken_down


def test_an_item_hides_the_networks_the_report_hides():
    company = Company()
    for member in company.members["Ventes"][:4]:
        make_tally(share(member, company.content, "mastodon"), day=YESTERDAY, clicks=777)
    for member in company.members["Ventes"][:7]:
        share(member, company.content, "x")
    rows = {row.name.slug: row for row in item_report(company.content).networks.rows}
    assert rows["mastodon"].hidden
    assert rows["x"].hidden
    assert not rows["mastodon"].values
    assert not rows["x"].values
    assert rows["linkedin"].values


def test_an_item_of_a_campaign_for_a_handful_tells_nothing(reader):
    company = Company()
    board = make_campaign(audience={"departments": [company.departments["Direction"]]})
    secret = make_content(campaign=board)
    make_tally(share(company.members["Direction"][0], secret), day=YESTERDAY, clicks=555)
    page = reader(f"/reach/items/{secret.pk}/")
    assert "Hidden: fewer than 5 people" in page
    assert 'class="value"' not in page


def test_of_peoples_own_words_only_the_number_is_told():
    company = Company()
    for member in company.members["Ventes"][:6]:
        member.links.get().shares.update(is_own_words=True)
    assert item_report(company.content).own_words == 6
    assert item_report(company.content).wordings == []


def test_only_readers_of_the_report_see_an_item(as_user):
    content = make_content()
    assert as_user(make_user()).get(f"/reach/items/{content.pk}/").status_code == 403
    assert as_user(make_manager()).get("/reach/items/999999/").status_code == 404


# --- A topic ---------------------------------------------------------------------------------
def test_an_item_on_two_topics_counts_for_both():
    company = Company()
    sites, jobs = make_topic(name="Chantiers neufs"), make_topic(name="Emplois")
    company.content.topics.set([sites, jobs])
    rows = {str(row.name): row.values for row in report().where.topics.rows}
    assert rows == {"Chantiers neufs": [1, 31, 3378], "Emplois": [1, 31, 3378]}


def test_a_topic_narrows_the_report(reader):
    company = Company()
    topic = make_topic(slug="neufs")
    other = make_content(topics=[topic])
    for member in company.members["Ventes"]:
        make_tally(share(member, other), day=YESTERDAY, clicks=1)
    assert report(topic="neufs").three.visits.now == 9
    assert "topic=neufs" in reader("/reach/")


def test_a_topic_and_a_department_are_not_asked_together():
    company, topic = Company(), make_topic(slug="neufs")
    form = ask(department=company.departments["Ventes"].pk, topic=topic.slug)
    assert not form.is_valid()


def test_within_a_department_no_topic_is_told():
    company = Company()
    company.content.topics.set([make_topic()])
    found = report(department=company.departments["Ventes"].pk)
    assert "topics" not in [table.key for table in found.tables]


def test_a_topic_people_follow_and_nothing_is_on_is_a_thing_to_do(reader):
    company, topic = Company(), make_topic(name="Bois", name_en="Timber")
    for member in company.members["Ventes"][:4]:
        member.topics.add(topic)
    assert "Timber: nothing to share" not in reader("/reach/")
    company.members["Ventes"][4].topics.add(topic)
    assert "Timber: nothing to share" in reader("/reach/")
    company.content.topics.add(topic)
    assert "Timber: nothing to share" not in reader("/reach/")


# --- A week, a network, a department ---------------------------------------------------------
def test_each_week_of_the_trend_leads_to_that_week_with_the_other_filters(reader):
    Company()
    page = reader("/reach/?network=linkedin")
    ways = re.findall(r'<th scope="row"><a href="\?([^"]+)"', page)
    last = ways[12].replace("&amp;", "&")
    assert "network=linkedin" in last
    assert "first=2026-11-16&last=2026-11-22" in last
    assert ReachFilter.of(QueryDict(last)).is_valid()


def test_a_hidden_department_or_network_leads_nowhere(reader):
    company = Company()
    page = reader("/reach/")
    for name, department in company.departments.items():
        leads = f"department={department.pk}" in page
        assert leads is (name in ("Ventes", "Chantiers"))


# --- Another campaign ------------------------------------------------------------------------
def campaigns_of_two_ages():
    """The older began 60 days ago, the younger 20: the last 7 days of it are days 13 to 19."""
    old = make_campaign(name_en="Old", launched_at=NOW - 60 * DAY)
    young = make_campaign(name_en="Young", launched_at=NOW - 20 * DAY)
    return old, young


def test_two_campaigns_are_compared_at_the_same_age():
    company = Company()
    old, young = campaigns_of_two_ages()
    earlier, now = make_content(campaign=old), make_content(campaign=young)
    for member in company.members["Chantiers"][:6]:
        make_tally(share(member, now), day=YESTERDAY, clicks=10)
        make_tally(share(member, earlier, day=YESTERDAY - 40 * DAY), day=YESTERDAY, clicks=500)
        make_tally(member.links.get(content=earlier), day=YESTERDAY - 40 * DAY, clicks=2)
    found = report(period="7", compare="campaign", campaign=young.slug, other=old.slug)
    assert found.scope.compared.last == YESTERDAY - 40 * DAY
    assert (found.three.visits.now, found.three.visits.before) == (60, 12)
    assert (found.three.shares.now, found.three.shares.before) == (6, 6)
    assert (found.alive.active.now, found.alive.active.before) == (6, 6)


def test_a_campaign_that_has_not_come_that_far_gives_nothing_to_compare_with():
    Company()
    old, young = campaigns_of_two_ages()
    found = report(period="7", compare="campaign", campaign=old.slug, other=young.slug)
    assert found.three.visits.before is None


def test_another_campaign_that_is_hidden_is_no_way_in():
    company = Company()
    old, young = campaigns_of_two_ages()
    old.audience.departments.set([company.departments["Direction"]])
    secret = make_content(campaign=old)
    link = share(company.members["Direction"][0], secret, day=YESTERDAY - 40 * DAY)
    make_tally(link, day=YESTERDAY - 40 * DAY, clicks=555)
    found = report(period="7", compare="campaign", campaign=young.slug, other=old.slug)
    assert found.three.visits.before is None
    assert found.three.shares.before is None
    assert found.alive.active.before is None
    assert all(row.values[1] is None for row in found.alive.trend.rows)


@pytest.mark.parametrize("asked", [{}, {"campaign": "a"}, {"campaign": "a", "other": "a"}])
def test_two_different_campaigns_are_needed(asked):
    make_campaign(slug="a")
    form = ask(compare="campaign", **asked)
    assert not form.is_valid()
    assert form.scope.beside is None or form.scope.other is None


# --- Efforts ---------------------------------------------------------------------------------
def test_shares_per_person_are_told_in_steps_without_names(reader):
    company = Company()
    other = make_content()
    for member in company.members["Chantiers"][:6]:
        share(member, other)
    efforts = Efforts(ask().scope)
    assert [step.people for step in efforts.steps] == [25, 6, 0, 0, 0, 0]
    page = reader("/reach/efforts/")
    assert not any(m.user.last_name in page for ms in company.members.values() for m in ms)


def test_a_step_of_a_few_is_hidden_with_another():
    company = Company()
    for number in range(4):
        share(company.members["Ventes"][number], make_content())
    hidden = [step.people for step in Efforts(ask().scope).steps if step.people is None]
    assert len(hidden) == 2


def test_five_who_do_nearly_all_are_noticed():
    company = Company()
    for member in company.members["Ventes"][:5]:
        for _ in range(20):
            share(member, make_content())
    assert Efforts(ask().scope).carried_by_few == 0.8


def test_with_nine_people_nothing_is_said_of_five():
    members = [make_member() for _ in range(9)]
    content = make_content()
    for member in members:
        share(member, content)
    assert Efforts(ask().scope).carried_by_few is None


def test_days_of_ones_own_choice_are_not_answered():
    asked = QueryDict("period=custom&first=2026-11-20&last=2026-11-21")
    assert ReachFilter.for_ready_periods_of(asked).scope.period.days == 28


def test_newcomers_are_told_from_ten_on_and_never_as_all_or_nobody():
    content = make_content()
    for _ in range(10):
        member = make_member(joined_at=NOW - 60 * DAY)
        share(member, content, day=(NOW - 30 * DAY).date())
    for _ in range(9):
        make_member(joined_at=NOW - 100 * DAY)
    cohorts = {f"{cohort.month:%Y-%m}": cohort for cohort in Staying().cohorts}
    assert cohorts["2026-08"].people is None
    assert cohorts["2026-09"].people == 10
    assert cohorts["2026-09"].parts == [0.1, 0.9]
