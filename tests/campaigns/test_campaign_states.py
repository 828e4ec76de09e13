from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Entry
from ambassadors.enrolment.models import WrongState
from campaigns.models import Campaign
from campaigns.planning.models import NoteMissing, NotReady, OwnApproval
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_ready_campaign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
State = Campaign.State


def verbs(campaign):
    entries = Entry.objects.filter(subject_type="campaigns.campaign", subject_id=str(campaign.pk))
    return list(entries.order_by("id").values_list("verb", flat=True))


def test_a_ready_campaign_goes_from_draft_to_running():
    campaign, second = make_ready_campaign(), make_manager()
    campaign.submit(campaign.owner)
    campaign.approve(second)
    campaign.schedule(campaign.owner)
    campaign.launch()
    assert Campaign.objects.get().state == State.RUNNING
    assert verbs(campaign) == [
        "campaign.in_review",
        "campaign.approved",
        "campaign.scheduled",
        "campaign.running",
    ]


def test_nothing_to_share_stands_in_the_way_of_a_review():
    make_ambassador()
    campaign = make_campaign(state=State.DRAFT)
    with pytest.raises(NotReady) as refusal:
        campaign.submit(campaign.owner)
    assert refusal.value.reasons == ["No item yet: write at least one and submit it."]
    assert Campaign.objects.get().state == State.DRAFT


def test_content_in_review_is_enough_for_a_review_but_not_for_a_start():
    make_ambassador()
    campaign = make_campaign(state=State.DRAFT)
    make_content(campaign=campaign, status="in_review")
    campaign.submit(campaign.owner)
    campaign.approve(make_manager())
    with pytest.raises(NotReady):
        campaign.schedule(campaign.owner)


def test_an_empty_audience_stands_in_the_way():
    campaign = make_ready_campaign(audience={"languages": ["en"]})
    with pytest.raises(NotReady) as refusal:
        campaign.submit(campaign.owner)
    assert refusal.value.reasons == ["The audience holds no active ambassador yet."]


def test_a_text_over_its_limit_stands_in_the_way():
    campaign = make_ready_campaign()
    make_caption(campaign.contents.get(), text="mot " * 760)
    with pytest.raises(NotReady) as refusal:
        campaign.submit(campaign.owner)
    assert refusal.value.reasons == ["1 text is too long for its network."]


def test_an_end_already_past_stands_in_the_way():
    now = timezone.now()
    campaign = make_ready_campaign(
        starts_at=now - timedelta(days=2), ends_at=now + timedelta(minutes=5)
    )
    with pytest.raises(NotReady):
        campaign.submit(campaign.owner)


def test_the_owner_does_not_approve_where_four_eyes_are_asked():
    campaign = make_ready_campaign(state=State.IN_REVIEW)
    with pytest.raises(OwnApproval):
        campaign.approve(campaign.owner)
    assert Campaign.objects.get().state == State.IN_REVIEW


def test_who_changed_it_last_does_not_approve_either():
    other = make_manager()
    campaign = make_ready_campaign(state=State.IN_REVIEW, changed_by=other)
    with pytest.raises(OwnApproval):
        campaign.approve(other)


def test_the_owner_approves_where_one_pair_of_eyes_is_enough():
    campaign = make_ready_campaign(state=State.IN_REVIEW, four_eyes=False)
    campaign.approve(campaign.owner)
    assert campaign.state == State.APPROVED


def test_a_change_after_the_approval_makes_it_void():
    campaign = make_ready_campaign(state=State.APPROVED)
    campaign.name_fr = "Autre chose"
    campaign.change(campaign.owner, ["name_fr"])
    campaign.refresh_from_db()
    assert (campaign.state, campaign.name_fr) == (State.DRAFT, "Autre chose")
    assert verbs(campaign) == ["campaign.reopened", "campaign.changed"]


def test_a_change_saves_only_what_it_names():
    campaign = make_ready_campaign(state=State.DRAFT)
    stale = Campaign.objects.get()
    Campaign.objects.update(state=State.IN_REVIEW)
    stale.target = 5
    stale.change(campaign.owner, ["target"])
    campaign.refresh_from_db()
    assert (campaign.state, campaign.target) == (State.DRAFT, 5)


def test_nothing_changes_once_it_is_scheduled():
    campaign = make_ready_campaign(state=State.SCHEDULED)
    campaign.target = 5
    with pytest.raises(WrongState):
        campaign.change(campaign.owner, ["target"])


def test_sending_back_needs_a_note():
    campaign = make_ready_campaign(state=State.IN_REVIEW)
    with pytest.raises(NoteMissing):
        campaign.send_back(make_manager(), "  ")
    campaign.send_back(make_manager(), "Le but manque.")
    assert verbs(campaign) == ["campaign.sent_back"]


def test_a_late_start_leaves_ten_minutes_to_take_it_back():
    past = timezone.now() - timedelta(days=1)
    campaign = make_ready_campaign(state=State.APPROVED, starts_at=past)
    campaign.schedule(campaign.owner)
    assert campaign.starts_at >= timezone.now() + timedelta(minutes=9)
    campaign.unschedule(campaign.owner)
    assert verbs(campaign) == ["campaign.scheduled", "campaign.unscheduled"]


def test_resuming_is_not_a_second_start():
    campaign = make_campaign(state=State.PAUSED)
    campaign.resume(campaign.owner)
    assert (campaign.state, verbs(campaign)) == (State.RUNNING, ["campaign.resumed"])


def test_a_launch_publishes_what_is_approved_and_due():
    campaign = make_ready_campaign(state=State.SCHEDULED)
    later = timezone.now() + timedelta(days=3)
    make_content(campaign=campaign, status="approved", publish_at=later, published_at=None)
    campaign.launch()
    assert sorted(campaign.contents.values_list("status", flat=True)) == ["approved", "published"]


def test_two_slugs_of_one_name_differ():
    owner = make_manager()
    make_campaign(slug="new")
    for expected in ["portes-ouvertes", "portes-ouvertes-2"]:
        campaign = Campaign(
            kind="recruiting",
            name_fr="Portes ouvertes",
            objective_fr="Recruter.",
            indicator="visits",
            target=10,
            owner=owner,
            starts_at=timezone.now(),
            ends_at=timezone.now() + timedelta(days=9),
        )
        campaign.create(owner)
        assert campaign.slug == expected
        assert campaign.audience.people().exists()


def test_no_campaign_takes_the_address_of_a_page():
    assert Campaign.objects.free_slug("New") == "new-2"
