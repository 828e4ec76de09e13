from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from activity.models import Entry, Preference
from campaigns.models import Campaign
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_department,
    make_location,
    make_manager,
    make_person,
    make_ready_campaign,
    make_user,
)

pytestmark = pytest.mark.django_db
PURPOSE = {
    "kind": "recruiting",
    "name_fr": "Rimouski embauche",
    "name_en": "",
    "objective_fr": "Faire connaître douze postes.",
    "objective_en": "",
    "indicator": "visits",
    "target": "500",
    "next": "1",
}
RHYTHM = {
    "starts_at": "2026-12-01T07:30",
    "ends_at": "2027-01-12T17:00",
    "time_zone": "Europe/Paris",
    "disclosure_fr": "Je travaille chez Orvaly.",
    "disclosure_en": "I work at Orvaly.",
    "fallback_url": "orvaly.example/emplois",
    "four_eyes": "on",
}


def step(campaign, name):
    return reverse("campaigns:campaign-step", args=[campaign.slug, name])


def new(kind=""):
    return reverse("campaigns:campaign-new") + (f"?kind={kind}" if kind else "")


@pytest.fixture
def manager():
    return make_manager(language="en")


@pytest.mark.parametrize("kind", Campaign.Kind.values)
def test_each_kind_begins_with_words_of_its_own_in_both_languages(as_user, manager, kind):
    form = as_user(manager).get(new(kind)).context["form"]
    assert form["kind"].value() == kind
    for name in ["name_fr", "name_en", "objective_fr", "objective_en", "target"]:
        assert form[name].value()


@time_machine.travel("2026-11-23 15:00", tick=False)
def test_the_first_step_creates_a_draft_for_next_tuesday_and_leads_on(as_user, manager):
    answer = as_user(manager).post(new(), PURPOSE | {"owner": manager.pk})
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == step(campaign, "audience")
    assert (campaign.state, campaign.slug, campaign.changed_by) == (
        "draft",
        "rimouski-embauche",
        manager,
    )
    # Tomorrow is a Tuesday, and too soon.
    assert campaign.starts_at == datetime(2026, 12, 1, 7, 30, tzinfo=ZoneInfo("America/Montreal"))
    assert campaign.disclosure_fr
    assert list(Entry.objects.values_list("verb", flat=True)) == ["campaign.created"]


def test_errors_stand_at_the_top_and_by_their_field_and_nothing_typed_is_lost(as_user, manager):
    answer = as_user(manager).post(
        new(), PURPOSE | {"owner": manager.pk, "objective_fr": "", "target": "0"}
    )
    assert answer.status_code == 422
    assert "2 things to put right" in answer.text
    assert "Rimouski embauche" in answer.text
    assert not Campaign.objects.exists()


def test_an_ambassador_cannot_be_made_the_owner(as_user, manager):
    answer = as_user(manager).post(new(), PURPOSE | {"owner": make_user().pk})
    assert answer.status_code == 422


def test_one_may_leave_and_come_back(as_user, manager):
    campaign = make_ready_campaign()
    data = PURPOSE | {"owner": manager.pk, "later": "1", "name_fr": "Autre nom"}
    answer = as_user(manager).post(step(campaign, "purpose"), data)
    assert answer.headers["Location"] == campaign.get_absolute_url()
    page = as_user(manager).get(step(campaign, "purpose")).text
    assert "Autre nom" in page


def test_saving_what_is_already_there_reopens_nothing(as_user, manager):
    campaign = make_ready_campaign(state="approved")
    data = {name: getattr(campaign, name) for name in PURPOSE if hasattr(campaign, name)}
    as_user(manager).post(step(campaign, "purpose"), data | {"owner": campaign.owner_id})
    campaign.refresh_from_db()
    assert campaign.state == "approved"


def test_the_audience_is_kept_and_counted(as_user, manager):
    department, place = make_department(), make_location()
    inside = make_ambassador(make_person(department=department, location=place).user)
    left_out = make_person(department=department, location=place).user
    make_ambassador(left_out)
    make_ambassador()
    campaign = make_ready_campaign()
    data = {
        "departments": [department.pk],
        "locations": [place.pk],
        "languages": ["fr"],
        "excluded_people": left_out.email.upper(),
        "later": "1",
    }
    client = as_user(manager)
    client.post(step(campaign, "audience"), data)
    campaign.audience.refresh_from_db()
    assert list(campaign.audience.ambassadors()) == [inside]
    page = client.get(step(campaign, "audience")).text
    assert '<b class="big">1</b> active ambassador' in page
    assert left_out.email in page


def test_the_live_head_count_writes_nothing(as_user, manager):
    department = make_department()
    make_ambassador(make_person(department=department).user)
    make_ambassador()
    campaign = make_ready_campaign()
    url = reverse("campaigns:campaign-headcount", args=[campaign.slug])
    page = as_user(manager).post(url, {"departments": [department.pk]}).text
    assert '<b class="big">1</b>' in page
    assert "<html" not in page
    assert campaign.audience.departments.count() == 0


def test_a_head_count_with_a_wrong_address_counts_nothing(as_user, manager):
    url = reverse("campaigns:campaign-headcount", args=[make_campaign(state="draft").slug])
    page = as_user(manager).post(url, {"excluded_people": "personne@ailleurs.example"}).text
    assert "Counted once the form is put right." in page


def test_an_unknown_address_is_named(as_user, manager):
    campaign = make_ready_campaign()
    data = {"excluded_people": "personne@ailleurs.example\n"}
    answer = as_user(manager).post(step(campaign, "audience"), data)
    assert answer.status_code == 422
    assert "Nobody here has this address: personne@ailleurs.example" in answer.text


def test_times_are_those_of_the_campaigns_own_place(as_user, manager):
    campaign = make_ready_campaign()
    client = as_user(manager)
    assert client.post(step(campaign, "rhythm"), RHYTHM).status_code == 302
    campaign.refresh_from_db()
    assert campaign.starts_at == datetime(2026, 12, 1, 7, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert campaign.fallback_url == "https://orvaly.example/emplois"
    assert 'value="2026-12-01T07:30"' in client.get(step(campaign, "rhythm")).text


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"ends_at": "2026-11-30T07:30"}, "The end comes before the start."),
        ({"time_zone": "Mars/Olympus"}, "is not a time zone"),
        ({"time_zone": "../../etc/passwd"}, "is not a time zone"),
        ({"starts_at": "demain"}, "Enter a valid date/time."),
        ({"fallback_url": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_a_rhythm_that_makes_no_sense_is_explained(as_user, manager, wrong, complaint):
    campaign = make_ready_campaign()
    answer = as_user(manager).post(step(campaign, "rhythm"), RHYTHM | wrong)
    assert answer.status_code == 422
    assert complaint in answer.text


@pytest.mark.parametrize("name", ["purpose", "audience", "content", "rhythm", "check"])
def test_a_launched_campaign_has_no_plan_to_change(as_user, manager, name):
    campaign = make_campaign()
    client = as_user(manager)
    assert client.get(step(campaign, name)).headers["Location"] == campaign.get_absolute_url()
    client.post(step(campaign, name), PURPOSE | RHYTHM | {"owner": manager.pk})
    campaign.refresh_from_db()
    assert campaign.target == 100


@time_machine.travel("2026-11-23 15:00", tick=False)
def test_the_launch_says_in_numbers_what_it_does(as_user, manager):
    start = datetime(2026, 11, 24, 7, 30, tzinfo=ZoneInfo("America/Montreal"))
    campaign = make_ready_campaign(state="approved", starts_at=start, time_zone="America/Montreal")
    for _n in range(11):
        make_ambassador()
    page = as_user(manager).get(step(campaign, "check")).text
    assert (
        "12 people will get an e-mail on Tuesday November 24 at 7:30\xa0a.m. You can pause it."
        in page
    )


def test_the_check_tells_advice_from_what_stands_in_the_way(as_user, manager):
    make_ambassador()
    campaign = make_campaign(state="draft")
    page = as_user(manager).get(step(campaign, "check"))
    assert [c.text for c in page.context["blocking"]] == [
        "No item yet: write at least one and submit it."
    ]
    assert "missing in English" in page.text


def test_people_without_a_text_in_their_language_are_counted(as_user, manager):
    campaign = make_ready_campaign()
    for _n in range(2):
        make_ambassador(make_user(language="en"))
    page = as_user(manager).get(step(campaign, "check")).text
    assert "No text in English: 2 people read English." in page


@time_machine.travel("2026-11-23 15:00", tick=False)
def test_whoever_has_turned_the_mail_off_is_not_counted_as_written_to(as_user, manager):
    campaign = make_ready_campaign(state="approved")
    for _n in range(2):
        Preference.say(make_ambassador().user, "campaign.launched", "email", wanted=False)
    page = as_user(manager).get(step(campaign, "check")).text
    assert "1 person will get an e-mail" in page
    assert "2 others have turned such mails off and find it in the feed." in page


@time_machine.travel("2026-11-23 15:00", tick=False)
def test_a_scheduled_campaign_says_when_it_really_starts(as_user, manager):
    start = datetime(2026, 11, 23, 10, 4, tzinfo=ZoneInfo("America/Montreal"))
    campaign = make_ready_campaign(state="scheduled", starts_at=start, time_zone="America/Montreal")
    page = as_user(manager).get(campaign.get_absolute_url()).text
    assert "1 person will get an e-mail on Monday November 23 at 10:04\xa0a.m." in page


@pytest.mark.parametrize(
    ("zone", "said"),
    [("America/Montreal", "Eastern, Montréal"), ("America/Sao_Paulo", "Sao Paulo")],
)
def test_a_time_zone_is_called_by_its_place(as_user, manager, zone, said):
    campaign = make_ready_campaign(time_zone=zone)
    client = as_user(manager)
    for path in [step(campaign, "rhythm"), campaign.get_absolute_url()]:
        page = client.get(path).text
        assert said in page
        assert zone not in page.replace(f'value="{zone}"', "")


# --- Who approves its content ------------------------------------------------------------------
def name_approvers(client, campaign, *people, **more):
    data = PURPOSE | {"owner": campaign.owner_id, "approvers": [p.pk for p in people]} | more
    return client.post(step(campaign, "purpose"), data, follow=True)


def test_approvers_are_named_in_the_first_step(as_user, manager):
    campaign, other = make_campaign(state="draft"), make_manager()
    client = as_user(manager)
    name_approvers(client, campaign, manager, other, needs_all="on")
    campaign.refresh_from_db()
    assert (set(campaign.approvers.all()), campaign.needs_all) == ({manager, other}, True)
    name_approvers(client, campaign)
    assert not campaign.approvers.exists()


def test_a_new_campaign_may_name_them_too(as_user, manager):
    as_user(manager).post(new(), PURPOSE | {"owner": manager.pk, "approvers": [manager.pk]})
    assert Campaign.objects.get().approvers.get() == manager


def test_only_who_may_approve_is_named_and_all_of_nobody_is_refused(as_user, manager):
    campaign, client = make_campaign(state="draft"), as_user(manager)
    assert name_approvers(client, campaign, make_user()).status_code == 422
    answer = name_approvers(client, campaign, needs_all="on")
    assert "Tick first who has to agree." in answer.text
    assert not campaign.approvers.exists()


def test_other_approvers_make_an_approval_of_the_campaign_void(as_user, manager):
    campaign = make_ready_campaign(state="approved")
    name_approvers(as_user(manager), campaign, manager)
    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_one_approver_under_four_eyes_is_warned_of_at_once_and_at_the_check(as_user, manager):
    campaign, client = make_ready_campaign(), as_user(manager)
    words = "Only one approver, who cannot approve what they write themselves"
    assert words in name_approvers(client, campaign, manager).text
    assert words in client.get(step(campaign, "check")).text
    assert words not in name_approvers(client, campaign, manager, make_manager()).text


def test_an_item_that_every_approver_has_written_is_warned_of(as_user, manager):
    campaign = make_ready_campaign()
    make_content(campaign=campaign, status="draft", published_at=None, author=manager)
    answer = name_approvers(as_user(manager), campaign, manager)
    assert "Every approver has written 1 item, and four eyes are asked for" in answer.text


def test_approvers_who_have_left_are_warned_of(as_user, manager):
    campaign, gone = make_ready_campaign(), make_manager(is_active=False)
    campaign.approvers.add(gone)
    page = as_user(manager).get(step(campaign, "check")).text
    assert "None of its approvers can approve any more" in page
