"""What reports read is what the rows beneath it say, whatever becomes of those."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from campaigns.models import AudienceCount, HeadCount, PlaceTotal, Share
from campaigns.reach import verify
from campaigns.reach.headcount import count_days
from campaigns.reach.period import DAY, today
from tests.factories import (
    make_ambassador,
    make_content,
    make_department,
    make_link,
    make_person,
    make_share,
    make_tally,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    return make_link(make_ambassador(user=make_person(department=make_department()).user))


def test_a_total_that_does_not_agree_is_a_breach(link):
    make_tally(link, clicks=4)
    assert list(verify.totals()) == []
    PlaceTotal.objects.update(human=5)
    [breach] = verify.totals()
    assert "5 clicks are told, there are 4" in breach


def test_a_share_knows_its_links_place_however_it_was_written(link):
    shares = [Share(link=link, declared_at=timezone.now()) for _ in range(2)]
    Share.objects.bulk_create(shares)
    make_share(link)
    found = set(Share.objects.values_list("content", "network"))
    assert found == {(link.content_id, link.network_id)}


def test_a_share_cannot_be_said_to_be_about_something_else(link):
    make_share(link)
    Share.objects.update(content=make_content())
    assert Share.objects.get().content_id == link.content_id


def test_declaring_and_declining_are_counted_once(link):
    declared = make_share(link, declared_at=None)
    declared.declare(by=link.ambassador.user)
    declared.declare(by=link.ambassador.user)
    make_share(link, declared_at=None).dismiss(by=link.ambassador.user)
    assert Share.objects.declared().filter(content=link.content).count() == 1


def test_the_ranges_of_active_people_are_kept_with_the_day():
    week, month = today() - 3 * DAY, today() - 20 * DAY
    for band, day in [("0-200", week), ("0-200", month), ("", month)]:
        joined = timezone.now() - timedelta(days=90)
        member = make_ambassador(audience_band=band, joined_at=joined)
        at = timezone.now() - (today() - day)
        make_share(make_link(member), opened_at=at, declared_at=at)
    count_days([today()])
    kept = AudienceCount.objects.order_by("band").values_list("band", "active_7", "active_28")
    assert list(kept) == [("", 0, 1), ("0-200", 1, 2)]


def test_who_moves_or_is_erased_stays_where_they_were_counted():
    old, new = make_department(), make_department()
    moved, erased = (make_person(department=old) for _ in range(2))
    for person in (moved, erased):
        member = make_ambassador(user=person.user, joined_at=timezone.now() - timedelta(days=40))
        at = timezone.now() - timedelta(days=9)
        make_share(make_link(member), opened_at=at, declared_at=at)
    past = today() - 5 * DAY
    count_days([past])
    moved.department = new
    moved.save()
    erased.user.delete()
    count_days([today()])
    then = HeadCount.objects.filter(day=past).aggregate(n=Sum("enrolled"), active=Sum("active_28"))
    now = HeadCount.objects.filter(day=today()).values_list("department", "enrolled")
    assert then == {"n": 2, "active": 2}
    assert (new.pk, 1) in now
    assert not [n for pk, n in now if pk == old.pk and n]
