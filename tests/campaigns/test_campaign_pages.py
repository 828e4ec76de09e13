from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_link,
    make_manager,
    make_ready_campaign,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
State = Campaign.State

VERBS = [
    "submit",
    "approve",
    "send-back",
    "launch",
    "unschedule",
    "pause",
    "resume",
    "end",
    "archive",
    "headcount",
]


def path(name, *args):
    return reverse(f"campaigns:{name}", args=args)


@pytest.mark.parametrize(
    "name",
    ["desk", "campaign-list", "campaign-new", "content-list", "content-new", "approval-queue"],
)
def test_an_ambassador_does_not_enter_the_managers_pages(as_user, name):
    assert as_user(make_ambassador().user).get(path(name)).status_code == 403


def test_an_ambassador_neither_sees_nor_moves_a_campaign(as_user):
    campaign = make_campaign()
    client = as_user(make_user())
    assert client.get(campaign.get_absolute_url()).status_code == 403
    assert client.get(path("campaign-step", campaign.slug, "audience")).status_code == 403
    for verb in VERBS:
        assert client.post(path(f"campaign-{verb}", campaign.slug)).status_code == 403
    assert Campaign.objects.get().state == State.RUNNING


def test_a_campaign_that_does_not_exist_is_not_found(as_user):
    client = as_user(make_manager(language="en"))
    assert client.get(path("campaign-detail", "rien")).status_code == 404
    assert client.post(path("campaign-pause", "rien")).status_code == 404
    assert client.get(path("campaign-step", make_campaign().slug, "rien")).status_code == 404


def test_a_move_is_not_made_by_a_link(as_user):
    campaign = make_campaign()
    assert (
        as_user(make_manager(language="en")).get(path("campaign-pause", campaign.slug)).status_code
        == 405
    )


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("submit", State.DRAFT, State.IN_REVIEW),
        ("approve", State.IN_REVIEW, State.APPROVED),
        ("launch", State.APPROVED, State.SCHEDULED),
        ("unschedule", State.SCHEDULED, State.APPROVED),
        ("pause", State.RUNNING, State.PAUSED),
        ("resume", State.PAUSED, State.RUNNING),
        ("end", State.RUNNING, State.ENDED),
        ("archive", State.ENDED, State.ARCHIVED),
    ],
)
def test_each_button_makes_its_move(as_user, verb, before, after):
    campaign = make_ready_campaign(state=before)
    answer = as_user(make_manager(language="en")).post(path(f"campaign-{verb}", campaign.slug))
    assert answer.headers["Location"] == campaign.get_absolute_url()
    campaign.refresh_from_db()
    assert campaign.state == after


def test_a_second_click_says_so_and_changes_nothing(as_user):
    campaign = make_campaign()
    client = as_user(make_manager(language="en"))
    client.post(path("campaign-pause", campaign.slug))
    answer = client.post(path("campaign-pause", campaign.slug), follow=True)
    assert "somebody was faster. The campaign is now “Paused”" in answer.text
    campaign.refresh_from_db()
    assert campaign.state == State.PAUSED


def test_what_is_not_ready_leads_to_the_list_of_reasons(as_user):
    campaign = make_campaign(state=State.DRAFT)
    answer = as_user(make_manager(language="en")).post(
        path("campaign-submit", campaign.slug), follow=True
    )
    assert "The audience holds no active ambassador yet." in answer.text
    assert answer.redirect_chain[0][0] == path("campaign-step", campaign.slug, "check")


def test_the_owner_is_told_why_somebody_else_approves(as_user):
    campaign = make_ready_campaign(state=State.IN_REVIEW, owner=make_manager(language="en"))
    client = as_user(campaign.owner)
    assert "Approve the campaign" not in client.get(campaign.get_absolute_url()).text
    answer = client.post(path("campaign-approve", campaign.slug), follow=True)
    assert "somebody else approves it" in answer.text
    campaign.refresh_from_db()
    assert campaign.state == State.IN_REVIEW


def test_sending_back_without_a_note_shows_the_error_in_place(as_user):
    campaign = make_ready_campaign(state=State.IN_REVIEW)
    client = as_user(make_manager(language="en"))
    answer = client.post(path("campaign-send-back", campaign.slug), {"note": " "})
    assert answer.status_code == 422
    assert "One thing to put right" in answer.text
    client.post(path("campaign-send-back", campaign.slug), {"note": "Le but manque."})
    campaign.refresh_from_db()
    assert campaign.state == State.DRAFT
    assert "Le but manque." in client.get(campaign.get_absolute_url()).text


def test_the_sheet_counts_visits_by_people_and_declared_shares(as_user):
    now = timezone.now()
    campaign = make_campaign(target=200, launched_at=now - timedelta(days=1))
    content = make_content(campaign=campaign)
    link = make_link(content=content)
    make_tally(link, clicks=60, uniques=50)
    make_tally(link, kind="bot", clicks=900, uniques=0)
    page = as_user(make_manager(language="en")).get(campaign.get_absolute_url()).text
    assert "<strong>60 visits</strong> of the 200 aimed at: 30% of the target." in page
    assert "900" not in page


def make_shared_item(campaign):
    make_share(make_link(content=make_content(campaign=campaign)))


def test_the_sheet_asks_as_much_for_one_item_as_for_three(as_user, queries_of):
    campaign = make_campaign(launched_at=timezone.now())
    client = as_user(make_manager(language="en"))
    make_shared_item(campaign)
    with_one = queries_of(lambda: client.get(campaign.get_absolute_url()))
    make_shared_item(campaign)
    make_shared_item(campaign)
    assert queries_of(lambda: client.get(campaign.get_absolute_url())) == with_one


def test_the_list_asks_as_much_for_one_campaign_as_for_three(as_user, queries_of):
    client = as_user(make_manager(language="en"))
    make_campaign()
    with_one = queries_of(lambda: client.get(path("campaign-list")))
    make_campaign()
    make_campaign()
    assert queries_of(lambda: client.get(path("campaign-list"))) == with_one


def test_the_list_is_filtered_by_its_address(as_user):
    running, draft = make_campaign(name_fr="Rimouski"), make_campaign(state=State.DRAFT)
    client = as_user(make_manager(language="en"))
    page = client.get(path("campaign-list"), {"state": "running"}).text
    assert running.get_absolute_url() in page
    assert draft.get_absolute_url() not in page
    assert draft.get_absolute_url() not in client.get(path("campaign-list"), {"q": "rimou"}).text
    assert "No campaign matches" in client.get(path("campaign-list"), {"kind": "change"}).text


@pytest.mark.parametrize(
    "query", [{"state": "x"}, {"kind": "<b>"}, {"q": "a" * 300}, {"page": "-1"}]
)
def test_a_filter_that_makes_no_sense_is_no_filter(as_user, query):
    campaign = make_campaign()
    page = as_user(make_manager(language="en")).get(path("campaign-list"), query)
    assert page.status_code == 200
    assert campaign.get_absolute_url() in page.text


def test_before_the_first_campaign_the_three_patterns_are_offered(as_user):
    client = as_user(make_manager(language="en"))
    for name in ["campaign-list", "desk", "campaign-new"]:
        page = client.get(path(name)).text
        assert "Recruit a team" in page
        assert "?kind=recruiting" in page


def test_the_log_tells_what_happened_in_sentences(as_user):
    campaign, second = make_ready_campaign(), make_manager(first_name="Fatou", last_name="Diallo")
    campaign.submit(campaign.owner)
    campaign.approve(second)
    page = as_user(make_manager(language="en")).get(campaign.get_absolute_url()).text
    assert "<b>Fatou Diallo</b> approved the campaign" in page


def test_a_name_is_shown_as_it_is_typed_and_never_as_markup(as_user):
    campaign = make_campaign(
        name_fr="<script>alert(1)</script>", state=State.DRAFT, launched_at=None
    )
    campaign.change(make_manager(first_name="<img src=x>"), ["target"])
    client = as_user(make_manager(language="en"))
    for name in ["campaign-list", "desk"]:
        assert "<script>alert(1)" not in client.get(path(name)).text
    sheet = client.get(campaign.get_absolute_url()).text
    assert "<script>alert(1)" not in sheet
    assert "<img src=x>" not in sheet
