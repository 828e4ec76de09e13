"""What an item claims: its source, who keeps it true, and what happens when its day is over."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry, Notification
from activity.rendering import letter_of
from ambassadors.models import Charter
from campaigns.approval.checks import checks_of
from campaigns.content.models import OutOfDate, OwnApproval, WrongState
from campaigns.content.tasks import look_at_claims
from campaigns.models import Claim, Content
from campaigns.planning.preflight import checks
from tests.activity.post_office import expand_all
from tests.campaigns.test_content_composer import NEW, filled
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_user,
)

pytestmark = pytest.mark.django_db
# 23 h on the last day in Montréal; five hours later it is over there.
LAST = date(2026, 11, 24)
LAST_EVENING = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
FIRST_MORNING = LAST_EVENING + timedelta(hours=2)


def make_claim(content=None, **fields):
    content = content or make_content(campaign=make_campaign(time_zone="America/Montreal"))
    fields = {
        "text": "Cent logements chauffés sans gaz",
        "source": "Bilan 2025",
        "valid_until": LAST,
        "owner": content.author,
    } | fields
    return Claim.objects.create(content=content, **fields)


def look(at):
    with time_machine.travel(at, tick=False):
        look_at_claims()


def told(kind, channel="bell"):
    rows = Notification.objects.filter(kind=kind, channel=channel)
    return sorted(rows.values_list("recipient", flat=True))


def row(text="Cent logements", **fields):
    """What the browser posts of one claim."""
    fields = {"text": text, "source": "Bilan 2025", "key": ""} | fields
    return {"claims-TOTAL_FORMS": 1, "claims-INITIAL_FORMS": 0} | {
        f"claims-0-{name}": value for name, value in fields.items()
    }


def test_a_claim_is_written_changed_and_taken_out_in_the_composer(as_user):
    me, other = make_manager(), make_manager()
    client = as_user(me)
    client.post(reverse(NEW), filled() | row(valid_until="2027-01-31"))
    claim = Claim.objects.get()
    assert (claim.text, claim.owner, claim.valid_until) == (
        "Cent logements",
        me,
        date(2027, 1, 31),
    )
    url = reverse("campaigns:content-edit", args=[claim.content_id])
    change = row("Deux cents", key=claim.pk, owner=other.pk)
    client.post(url, filled(campaign=claim.content.campaign) | change)
    claim.refresh_from_db()
    assert (claim.text, claim.owner, claim.valid_until) == ("Deux cents", other, None)
    gone = row("", source="", key=claim.pk)
    client.post(url, filled(campaign=claim.content.campaign) | gone)
    assert not Claim.objects.exists()


def test_only_who_writes_content_keeps_a_claim_true(as_user):
    outsider = make_ambassador().user
    answer = as_user(make_manager()).post(reverse(NEW), filled() | row(owner=outsider.pk))
    assert answer.status_code == 422
    assert not Claim.objects.exists()


def test_a_source_may_not_be_a_script(as_user):
    answer = as_user(make_manager()).post(
        reverse(NEW), filled() | row(source_url="javascript:alert(1)")
    )
    assert answer.status_code == 422


def test_a_claim_of_another_item_is_not_changed_from_here(as_user):
    theirs, content = make_claim(), make_content(status="draft")
    url = reverse("campaigns:content-edit", args=[content.pk])
    change = filled(campaign=content.campaign) | row("Pris", key=theirs.pk)
    as_user(make_manager()).post(url, change)
    theirs.refresh_from_db()
    assert theirs.text != "Pris"
    assert content.claims.get().text == "Pris"


def test_a_row_for_one_more_claim_loses_nothing(as_user):
    data = filled() | row("Cent logements") | {"action": "add-claim"}
    answer = as_user(make_manager()).post(reverse(NEW), data)
    assert answer.status_code == 200
    assert "Cent logements" in answer.text
    assert len(answer.context["claims"].forms) == 2


def test_the_sharer_and_the_reviewer_see_where_it_comes_from(as_user):
    ambassador = make_ambassador(make_user(language="en"))
    ambassador.accept(Charter.objects.current(), language="en")
    content = make_content()
    make_claim(content, source_url="https://orvaly.example/bilan", valid_until=None)
    panel = as_user(ambassador.user).get(reverse("campaigns:share-panel", args=[content.pk])).text
    assert "Where this comes from" in panel
    assert 'href="https://orvaly.example/bilan"' in panel
    Content.objects.update(status="in_review", submitted_at=LAST_EVENING)
    queue = reverse("campaigns:approval-queue")
    page = as_user(make_manager(language="en")).get(f"{queue}?item=content-{content.pk}").text
    assert "Cent logements chauffés sans gaz" in page
    assert "https://orvaly.example/bilan" in page


def test_the_item_leaves_the_feed_the_day_after_where_its_campaign_is():
    claim = make_claim()
    look(LAST_EVENING)
    assert Content.objects.get().status == "published"
    look(FIRST_MORNING)
    assert Content.objects.get().status == "expired"
    entry = Entry.objects.get(verb="content.expired")
    assert entry.data == {"reason": "claim", "claim": claim.text}


def test_owner_and_author_are_told_once_by_mail_and_bell():
    owner = make_manager()
    claim = make_claim(owner=owner)
    for _run in range(3):
        look(FIRST_MORNING)
        expand_all()
    both = sorted([owner.pk, claim.content.author_id])
    assert told("claim.lapsed") == told("claim.lapsed", "email") == both
    assert Entry.objects.filter(verb="claim.lapsed").count() == 1


def test_an_item_with_two_claims_that_end_leaves_once():
    claim = make_claim()
    make_claim(claim.content, text="Et autre chose")
    look(FIRST_MORNING)
    assert Entry.objects.filter(verb="content.expired").count() == 1
    assert Claim.objects.filter(lapsed_at=None).count() == 0


def test_what_is_approved_and_not_yet_published_leaves_too():
    claim = make_claim()
    Content.objects.update(status="approved")
    look(FIRST_MORNING)
    assert Content.objects.get().status == "expired"
    assert claim.content.pk


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_nobody_hears_of_claims_that_nobody_can_share(status):
    make_claim(make_content(status=status))
    look(FIRST_MORNING)
    expand_all()
    assert not Notification.objects.exists()


def test_the_owner_is_warned_once_two_weeks_before():
    claim = make_claim(owner=make_manager())
    look(LAST_EVENING - timedelta(days=15))
    assert told("claim.ending") == []
    look(LAST_EVENING - timedelta(days=14))
    look(LAST_EVENING - timedelta(days=3))
    assert told("claim.ending") == told("claim.ending", "email") == [claim.owner_id]


def test_a_moved_date_is_warned_of_anew():
    claim = make_claim()
    look(LAST_EVENING - timedelta(days=14))
    claim.renew(claim.owner, LAST + timedelta(days=90))
    look(LAST_EVENING - timedelta(days=13))
    assert len(told("claim.ending")) == 1
    look(LAST_EVENING + timedelta(days=85))
    assert len(told("claim.ending")) == 2


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "24 novembre 2026"), ("en", "November 24, 2026")]
)
def test_the_warning_is_a_mail_in_its_readers_language(language, said):
    make_claim(owner=make_manager(language=language))
    with time_machine.travel(LAST_EVENING - timedelta(days=10), tick=False):
        look_at_claims()
        mail = letter_of(Notification.objects.get(channel="email"))
    assert said in mail.text
    assert "Cent logements chauffés sans gaz" in mail.text


def test_a_warning_is_not_sent_once_the_date_was_moved():
    claim = make_claim()
    look(LAST_EVENING - timedelta(days=10))
    claim.renew(claim.owner, LAST + timedelta(days=90))
    assert letter_of(Notification.objects.get(channel="email")) is None


def test_a_date_moved_in_time_needs_no_approval(as_user):
    claim = make_claim()
    url = reverse("campaigns:claim-renew", args=[claim.pk])
    with time_machine.travel(LAST_EVENING, tick=False):
        as_user(make_manager()).post(url, {"valid_until": "2027-03-31"})
    look(FIRST_MORNING)
    content = Content.objects.get()
    assert content.status == "published"
    assert Entry.objects.get(verb="claim.renewed").data == {
        "before": "2026-11-24",
        "after": "2027-03-31",
    }


def test_no_date_is_moved_into_the_past_nor_under_a_reviewers_eyes(as_user):
    claim = make_claim()
    url = reverse("campaigns:claim-renew", args=[claim.pk])
    with time_machine.travel(LAST_EVENING, tick=False):
        as_user(make_manager()).post(url, {"valid_until": "2026-11-01"})
    Content.objects.update(status="in_review")
    with pytest.raises(WrongState):
        claim.renew(claim.owner, LAST + timedelta(days=90))
    claim.refresh_from_db()
    assert claim.valid_until == LAST


def test_what_has_lapsed_comes_back_through_the_queue(as_user):
    claim = make_claim()
    make_caption(claim.content)
    look(FIRST_MORNING)
    with time_machine.travel(FIRST_MORNING, tick=False):
        content = Content.objects.get()
        as_user(make_manager()).post(reverse("campaigns:content-revive", args=[content.pk]))
        content.refresh_from_db()
        assert content.status == "draft"
        with pytest.raises(OutOfDate):
            content.submit(content.author)
        claim.refresh_from_db()
        claim.renew(claim.owner, LAST + timedelta(days=90))
        content = Content.objects.get()
        content.submit(content.author)
        content.approve(make_manager())
    content.refresh_from_db()
    assert content.status == "published"
    assert claim.lapsed_at is None


def test_nobody_approves_what_was_over_before_they_read_it(as_user):
    claim = make_claim(make_content(status="in_review", submitted_at=LAST_EVENING))
    url = reverse("campaigns:content-approve", args=[claim.content_id])
    with time_machine.travel(FIRST_MORNING + timedelta(days=1), tick=False):
        as_user(make_manager(language="en")).post(url, {"note": ""})
    assert Content.objects.get().status == "in_review"


def test_a_revived_item_past_its_own_end_gets_another():
    content = make_content(
        status="expired",
        publish_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    content.revive(content.author)
    content.refresh_from_db()
    assert content.expires_at > datetime(2026, 11, 1, tzinfo=UTC)


def test_whoever_takes_an_item_up_again_does_not_approve_it():
    content, one = make_content(status="expired"), make_manager()
    content.revive(one)
    content.submit(one)
    with pytest.raises(OwnApproval):
        content.approve(one)


def test_a_copy_takes_its_claims_along():
    claim = make_claim()
    copy = claim.content.copy_into(make_campaign(), by=make_manager())
    assert [each.text for each in copy.claims.all()] == [claim.text]


@pytest.mark.parametrize("word", ["claim-renew", "content-revive"])
def test_an_ambassador_moves_no_date(as_user, word):
    claim = make_claim()
    pk = claim.pk if word == "claim-renew" else claim.content_id
    client = as_user(make_ambassador().user)
    assert client.post(reverse(f"campaigns:{word}", args=[pk])).status_code == 403


def test_checks_name_claims_without_a_source_or_past_their_date(in_english):
    claim = make_claim(make_content(status="in_review"), source="", valid_until=date(2026, 1, 1))
    said = {(check.ok, check.text) for check in checks_of(claim.content, [])}
    assert (False, "1 claim without a source") in said
    assert (False, "Something it claims is no longer valid: it cannot be approved") in said
    claim.source, claim.valid_until = "Bilan", None
    claim.save()
    content = Content.objects.get()
    assert (True, "Each claim has its source") in {(c.ok, c.text) for c in checks_of(content, [])}


def test_a_launch_is_advised_on_what_it_claims(in_english):
    claim = make_claim(source="", valid_until=timezone.localdate() + timedelta(days=2))
    said = {str(check.text): check.blocks for check in checks(claim.content.campaign)}
    assert said["1 claim without a source: say where it comes from."] == ()
    short = "1 claim is out of date before the campaign ends: its item leaves the feed."
    assert said[short] == ()
