"""Who may say what counts on a campaign's site, and what the pages then show."""

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry
from campaigns.models import Campaign, Content, Conversion, ConversionTally, Credit, Goal
from campaigns.reach.forms import ReachFilter
from campaigns.reach.report import Report
from campaigns.reach.tasks import count_heads
from tests.campaigns.conftest import make_posted_link
from tests.campaigns.test_conversions import click, said
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_department,
    make_goal,
    make_manager,
    make_member,
    make_user,
)

pytestmark = pytest.mark.django_db
GIVEN = {"kind": "application", "window_days": 30, "return_url": "https://careers.example/merci"}


def page(campaign):
    return reverse("campaigns:goal-list", args=[campaign.slug])


@pytest.fixture
def hr(as_user):
    return as_user(make_manager(language="en"))


def test_a_goal_is_added_and_written_down(hr):
    campaign = make_campaign()
    hr.post(page(campaign), GIVEN)
    goal = Goal.objects.get()
    assert (goal.campaign, goal.window_days, len(goal.key)) == (campaign, 30, 16)
    assert Entry.objects.filter(verb="goal.created", subject_id=str(goal.pk)).exists()


@pytest.mark.parametrize(
    ("kind", "days"), [(Campaign.Kind.RECRUITING, 30), (Campaign.Kind.MARKETING, 7)]
)
def test_the_window_that_is_proposed_depends_on_the_campaign(hr, kind, days):
    form = hr.get(page(make_campaign(kind=kind))).context["form"]
    assert form["window_days"].value() == days


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_days": 0},
        {"window_days": 91},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "https://careers.example@evil.example/"},
        {"kind": "fraud"},
        {"name": "a\0"},
    ],
)
def test_what_cannot_be_is_refused_and_said_so(hr, wrong):
    answer = hr.post(page(make_campaign()), GIVEN | wrong)
    assert (answer.status_code, Goal.objects.count()) == (422, 0)


def test_an_ended_campaign_takes_no_new_goal(hr):
    answer = hr.post(page(make_campaign(state="ended")), GIVEN)
    assert (answer.status_code, Goal.objects.count()) == (422, 0)


def test_ambassadors_may_not_and_strangers_must_log_in(as_user):
    campaign = make_campaign()
    goal = make_goal(campaign)
    end = reverse("campaigns:goal-end", args=[goal.pk])
    ambassador = as_user(make_ambassador().user)
    assert ambassador.get(page(campaign)).status_code == 403
    assert ambassador.post(end).status_code == 403
    assert Client().post(end).status_code == 302
    assert Goal.objects.open().count() == 1


def test_ending_a_goal_twice_is_said_and_done_once(hr):
    goal = make_goal()
    end = reverse("campaigns:goal-end", args=[goal.pk])
    answers = [hr.post(end, follow=True).content.decode() for _ in range(2)]
    assert ["already ended" in answer for answer in answers] == [False, True]
    assert Entry.objects.filter(verb="goal.ended").count() == 1


def test_the_page_tells_what_counted_and_what_did_not_and_how_to_report(hr):
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    said(goal, click(link)[1])
    said(goal, "forged", event="2")
    text = hr.get(page(goal.campaign)).content.decode()
    for words in ("counted so far", "Not counted: No click id of ours", goal.key, "curl -X POST"):
        assert words in text


def test_a_campaign_for_few_people_shows_no_figure(hr):
    department = make_department()
    make_member(department)
    campaign = make_campaign(audience={"departments": [department]})
    goal = make_goal(campaign)
    for path in (page(campaign), campaign.get_absolute_url()):
        text = hr.get(path).content.decode()
        assert "Hidden: this campaign is meant for so few people" in text
        assert "counted so far" not in text
    assert goal


def test_without_a_goal_both_pages_say_what_to_do(hr):
    campaign = make_campaign()
    assert "Nothing is counted on your site" in hr.get(page(campaign)).content.decode()
    assert "Set it up" in hr.get(campaign.get_absolute_url()).content.decode()


def test_the_report_ends_with_conversions_where_there_is_a_goal():
    department = make_department()
    members = [make_member(department) for _ in range(6)]
    count_heads()
    link = make_posted_link(ambassador=members[0])
    asked = Report(ReachFilter.of(QueryDict(f"campaign={link.content.campaign.slug}")).scope)
    assert "Conversions" not in [str(row.name) for row in asked.steps.rows]
    said(make_goal(link.content.campaign), click(link)[1])
    asked = Report(ReachFilter.of(QueryDict(f"campaign={link.content.campaign.slug}")).scope)
    row = asked.steps.rows[-1]
    assert (str(row.name), row.values[0], row.certainty) == ("Conversions", 1, "measured")


def test_a_campaign_left_out_of_visits_is_left_out_of_conversions():
    small, large = make_department(), make_department()
    make_member(small)
    for _ in range(6):
        make_member(large)
    count_heads()
    campaign = make_campaign(audience={"departments": [small]})
    make_goal()
    ConversionTally.objects.create(
        day=timezone.localdate(),
        goal=make_goal(campaign),
        campaign=campaign,
        content=(content := make_posted_link().content),
        network=content.links.get().network,
        conversions=7,
    )
    Content.objects.filter(pk=content.pk).update(campaign=campaign)
    assert Report(ReachFilter.of(QueryDict()).scope).conversions.now == 0


def test_the_wish_to_be_shown_is_off_until_said_and_can_be_taken_back(as_user):
    ambassador = make_ambassador()
    client = as_user(ambassador.user)
    path = reverse("activity:preferences")
    given = client.get(path).context["forms"]
    data = {
        name: field.value()
        for form in given
        for name, field in ((f.html_name, f) for f in form)
        if field.value() not in (None, False)
    }
    assert "credit" not in data
    client.post(path, data | {"credit": "on"})
    assert Credit.objects.get().ambassador == ambassador
    client.post(path, data)
    assert Credit.objects.count() == 0


@pytest.mark.parametrize(("number", "words"), [(4, "Fewer than 5"), (5, ">5</b>")])
def test_a_person_is_shown_a_number_from_five_on(as_user, number, words):
    link = make_posted_link(ambassador=make_ambassador(make_user(language="en")))
    client = as_user(link.ambassador.user)
    impact = reverse("campaigns:impact")
    assert "What came of your shares" not in client.get(impact).content.decode()
    Credit.ask(link.ambassador)
    goal = make_goal(link.content.campaign)
    for n in range(number):
        said(goal, click(link, visitor=bytes([n]) * 16)[1], event=str(n))
    assert Conversion.objects.attributed().count() == number
    assert words in client.get(impact).content.decode()
