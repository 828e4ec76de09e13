"""Which conversions count, for whom, how often: settled against real clicks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.conversions import keeping
from campaigns.conversions.reporting import Outcome, pass_through, report
from campaigns.conversions.settling import settle_all
from campaigns.models import Conversion, ConversionTally, Credit
from campaigns.tracking.click_ids import ClickId, click_id
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import ClickEvent
from tests.campaigns.conftest import BROWSER, make_posted_link
from tests.factories import make_ambassador, make_content, make_goal, make_person

pytestmark = pytest.mark.django_db
ANNA, BEN = b"a" * 16, b"b" * 16


def noon(days=0):
    """Of an earlier day: what is clicked a minute apart is then always of one day."""
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(
        days=days + 1
    )


def click(link, at=None, visitor=ANNA, agent=BROWSER, is_in=True):
    """A recorded click; its id, as the site was given it."""
    event = ClickEvent.make(link.pk, at=at or noon(), agent=agent, visitor=visitor)
    if is_in:
        ingest([event])
    return event, click_id(ClickId(event.id, event.at))


def said(goal, told, event="1", at=None):
    return report(goal, told, event=event, at=at or noon() + timedelta(hours=1))


def counted():
    return ConversionTally.objects.total()


def test_a_conversion_is_counted_where_its_click_came_from():
    link = make_posted_link(ambassador=make_ambassador(user=make_person().user))
    goal = make_goal(link.content.campaign)
    found = said(goal, click(link)[1])
    assert (found.outcome, found.conversion.state) == (Outcome.NEW, "attributed")
    tally = ConversionTally.objects.get()
    assert (tally.goal, tally.content, tally.network) == (goal, link.content, link.network)
    assert (tally.department, tally.conversions) == (link.ambassador.user.person.department, 1)
    assert tally.day == timezone.localdate(noon())


def test_an_event_reported_again_is_counted_once():
    link = make_posted_link()
    goal, (_, told) = make_goal(link.content.campaign), click(link)
    assert [said(goal, told).outcome for _ in range(3)] == ["new", "known", "known"]
    assert counted() == 1


def test_an_event_id_cannot_be_used_for_another_click():
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    said(goal, click(link)[1])
    assert said(goal, click(link, visitor=BEN)[1]).outcome == Outcome.CONFLICT
    assert counted() == 1


def test_one_visitor_counts_once_for_a_goal_however_it_is_reported():
    link = make_posted_link()
    goal, (event, told) = make_goal(link.content.campaign), click(link)
    pass_through(goal.pk, ClickId(event.id, event.at), noon() + timedelta(hours=1))
    assert said(goal, told).conversion.reason == "again"
    assert counted() == 1


def test_two_visitors_count_twice():
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    for visitor in (ANNA, BEN):
        said(goal, click(link, visitor=visitor)[1], event=visitor.decode())
    assert counted() == 2


def test_the_first_touch_of_the_day_has_the_credit():
    first, second = make_posted_link(), None
    goal = make_goal(first.content.campaign)
    second = make_posted_link(content=make_content(campaign=goal.campaign))
    click(first, at=noon())
    told = click(second, at=noon() + timedelta(minutes=20))[1]
    said(goal, told)
    assert ConversionTally.objects.get().content == first.content


def test_a_touch_of_another_campaign_or_day_or_visitor_has_no_part():
    link, elsewhere = make_posted_link(), make_posted_link()
    goal = make_goal(link.content.campaign)
    earlier = make_posted_link(content=make_content(campaign=goal.campaign))
    click(elsewhere, at=noon())
    click(earlier, at=noon(1))
    click(earlier, at=noon(), visitor=BEN)
    said(goal, click(link, at=noon() + timedelta(minutes=20))[1])
    assert ConversionTally.objects.get().content == link.content


@pytest.mark.parametrize(
    ("after", "state"),
    [(timedelta(days=7), "attributed"), (timedelta(days=7, seconds=1), "too_late")],
)
def test_a_conversion_counts_within_its_window_only(after, state):
    link = make_posted_link()
    goal = make_goal(link.content.campaign, window_days=7)
    found = said(goal, click(link, at=noon(20))[1], at=noon(20) + after).conversion
    assert (found.reason or found.state) == state


def test_what_happened_before_its_click_did_not_come_of_it():
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    found = said(goal, click(link)[1], at=noon() - timedelta(minutes=5))
    assert found.conversion.reason == "before_click"


@pytest.mark.parametrize(
    ("agent", "reason"), [("Googlebot/2.1 (+http://www.google.com/bot.html)", "not_a_person")]
)
def test_a_program_does_not_apply(agent, reason):
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    assert said(goal, click(link, agent=agent)[1]).conversion.reason == reason


def test_an_ambassador_is_no_success_of_their_own():
    link = make_posted_link(created_at=noon() - timedelta(seconds=2))
    goal = make_goal(link.content.campaign)
    assert said(goal, click(link)[1]).conversion.reason == "own"


def test_a_click_of_another_campaign_counts_for_no_goal_of_this_one():
    goal = make_goal()
    assert said(goal, click(make_posted_link())[1]).conversion.reason == "other_campaign"
    assert counted() == 0


def test_an_ended_goal_counts_what_follows_from_earlier_clicks_only():
    link = make_posted_link()
    goal = make_goal(link.content.campaign, ended_at=noon() + timedelta(minutes=1))
    assert said(goal, click(link)[1]).conversion.state == "attributed"
    late = click(link, at=noon() + timedelta(minutes=2), visitor=BEN)[1]
    assert said(goal, late, event="2").conversion.reason == "closed"


@pytest.mark.parametrize("told", ["x", "A" * 40, "\0", "' OR 1=1 --"])
def test_an_id_that_is_not_ours_is_kept_and_counts_for_nobody(told):
    found = said(make_goal(), told).conversion
    assert (found.state, found.reason, counted()) == ("unattributed", "not_ours", 0)


def test_a_conversion_waits_for_its_click_and_is_counted_when_it_comes():
    link = make_posted_link()
    goal, (event, told) = make_goal(link.content.campaign), click(link, is_in=False)
    assert said(goal, told).conversion.state == "pending"
    assert settle_all() == 0
    ingest([event])
    assert (settle_all(), counted()) == (1, 1)
    assert (settle_all(), counted()) == (0, 1)


def test_a_click_that_never_comes_is_said_so_in_the_end():
    link = make_posted_link()
    goal, (_, told) = make_goal(link.content.campaign), click(link, is_in=False)
    said(goal, told)
    Conversion.objects.update(received_at=timezone.now() - timedelta(days=4))
    settle_all()
    assert Conversion.objects.get().reason == "no_click"


def test_a_settled_row_leads_to_no_click_and_no_person():
    link = make_posted_link()
    event, told = click(link)
    said(make_goal(link.content.campaign), told, event="anna@orvaly.example")
    row = Conversion.objects.values().get()
    assert (row["ambassador_id"], row["click_id"], row["click_at"]) == (None, None, None)
    for secret in (event.id.bytes, ANNA, b"anna@orvaly.example"):
        assert all(secret not in bytes(value) for value in row.values() if isinstance(value, bytes))


def test_whoever_asked_is_credited_until_they_take_it_back():
    link = make_posted_link()
    goal = make_goal(link.content.campaign)
    Credit.ask(link.ambassador)
    said(goal, click(link)[1])
    assert Conversion.objects.get().ambassador == link.ambassador
    Credit.withdraw(link.ambassador)
    assert (Conversion.objects.get().ambassador, counted()) == (None, 1)


def test_what_came_before_the_wish_stays_nobodys():
    link = make_posted_link()
    said(make_goal(link.content.campaign), click(link)[1])
    Credit.ask(link.ambassador)
    settle_all()
    assert Conversion.objects.get().ambassador is None


def test_whoever_leaves_is_credited_no_more(django_capture_on_commit_callbacks):
    link = make_posted_link()
    Credit.ask(link.ambassador)
    said(make_goal(link.content.campaign), click(link)[1])
    with django_capture_on_commit_callbacks(execute=True):
        link.ambassador.leave()
    assert (Conversion.objects.get().ambassador, Credit.objects.count()) == (None, 0)


def test_totals_rebuilt_are_the_same_and_a_wrong_one_is_told():
    link = make_posted_link()
    said(make_goal(link.content.campaign), click(link)[1])
    assert list(keeping.breaches()) == []
    before = list(ConversionTally.objects.values_list("day", "goal", "content", "conversions"))
    ConversionTally.objects.update(conversions=7)
    assert "7 conversions are tallied, there are 1" in next(keeping.breaches())
    for _ in range(2):
        keeping.rebuild()
    after = list(ConversionTally.objects.values_list("day", "goal", "content", "conversions"))
    assert after == before


def test_a_name_without_a_wish_is_told():
    link = make_posted_link()
    said(make_goal(link.content.campaign), click(link)[1])
    Conversion.objects.update(ambassador=link.ambassador)
    assert "has not asked for it" in next(keeping.breaches())


def test_rows_are_dropped_after_thirteen_months_and_totals_stay():
    link = make_posted_link()
    said(make_goal(link.content.campaign), click(link)[1])
    Conversion.objects.update(occurred_at=noon(keeping.KEPT_DAYS))
    ConversionTally.objects.update(day=keeping.whole_from() - timedelta(days=1))
    assert (keeping.drop_old(), counted(), list(keeping.breaches())) == (1, 1, [])
    keeping.rebuild()
    assert counted() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "attributed"},
        {"state": "unattributed"},
        {"reason": "again"},
        {"click_id": None},
    ],
)
def test_the_database_itself_refuses_half_a_verdict(fields):
    link = make_posted_link()
    said(make_goal(link.content.campaign), click(link, is_in=False)[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversion.objects.update(**fields)


def test_many_are_settled_with_as_few_questions_as_one(queries_of):
    link = make_posted_link()
    goal = make_goal(link.content.campaign)

    def settling(number):
        for n in range(number):
            event, told = click(link, visitor=b"%016d" % (100 * number + n), is_in=False)
            said(goal, told, event=f"{number}-{n}")
            ingest([event])
        return queries_of(settle_all)

    assert settling(1) == settling(30)
    assert counted() == 31
