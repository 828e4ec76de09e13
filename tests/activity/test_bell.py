from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from activity import bell
from activity.models import Notification
from tests.activity.post_office import expand_all
from tests.factories import make_ambassador, make_campaign, make_content, make_manager, make_user

pytestmark = pytest.mark.django_db
LIST = "activity:notification-list"


def ring(person, **fields):
    """A message behind the bell, that an item of theirs was approved."""
    content = make_content(
        author=person, title=fields.pop("title", "Une école"), status="in_review"
    )
    content.approve(by=make_manager())
    expand_all()
    notification = Notification.objects.get(recipient=person, channel="bell", subject_id=content.pk)
    Notification.objects.filter(pk=notification.pk).update(**fields)
    return notification


def page(as_user, person):
    return as_user(person).get(reverse(LIST)).content.decode()


def test_the_bell_says_what_happened_and_leads_there(as_user):
    author = make_manager(language="en")
    notification = ring(author, title="A <passive> school")
    html = page(as_user, author)
    assert "“A &lt;passive&gt; school” is approved." in html
    answer = as_user(author).get(reverse("activity:notification-open", args=[notification.pk]))
    assert answer.url == f"/library/{notification.subject_id}/"


def test_having_been_there_is_having_read_it(as_user):
    author = make_manager()
    notification = ring(author)
    assert bell.unread_count(author) == 1
    as_user(author).get(reverse("activity:notification-open", args=[notification.pk]))
    assert bell.unread_count(author) == 0


def test_looking_at_the_list_reads_nothing(as_user):
    author = make_manager()
    ring(author)
    page(as_user, author)
    assert bell.unread_count(author) == 1


def test_all_are_marked_as_read_by_a_post_only(as_user):
    author, other = make_manager(), make_manager()
    ring(author)
    ring(other)
    client = as_user(author)
    assert client.get(reverse("activity:notification-read-all")).status_code == 405
    client.post(reverse("activity:notification-read-all"))
    assert (bell.unread_count(author), bell.unread_count(other)) == (0, 1)


def test_nobody_sees_what_rang_for_another(as_user):
    notification = ring(make_manager(), title="Secret")
    stranger = make_manager()
    assert "Secret" not in page(as_user, stranger)
    path = reverse("activity:notification-open", args=[notification.pk])
    assert as_user(stranger).get(path).status_code == 404
    assert notification.read_at is None


def test_an_empty_bell_says_so(as_user):
    assert 'class="empty"' in page(as_user, make_user())


def test_messages_stand_under_their_day():
    author, now = make_manager(), timezone.now()
    ring(author)
    ring(author, created_at=now - timedelta(days=1))
    ring(author, created_at=now - timedelta(days=40))
    with translation.override("en"):
        days = [line.day for line in bell.lines(bell.messages_for(author), now)]
    assert days == ["Today", "Yesterday", "Earlier"]


def test_a_campaign_is_named_in_the_readers_language(as_user):
    reader = make_ambassador(make_user(language="en")).user
    campaign = make_campaign(name_fr="Hiver", name_en="Winter", state="scheduled")
    campaign.launch()
    expand_all()
    assert "The campaign “Winter” has started." in page(as_user, reader)


def test_a_name_that_exists_in_french_only_is_better_than_none():
    assert bell.in_words({"fr": "Hiver", "en": ""}) == "Hiver"


def test_a_kind_that_is_gone_does_not_break_the_list(as_user):
    author = make_manager()
    ring(author, kind="retired")
    assert 'class="empty"' in page(as_user, author)


def test_the_list_costs_the_same_for_one_message_and_for_five(as_user, django_assert_num_queries):
    author = make_manager()
    client = as_user(author)
    ring(author)
    client.get(reverse(LIST))
    for more in (0, 4):
        for _ in range(more):
            ring(author)
        with django_assert_num_queries(6):
            client.get(reverse(LIST))


def test_counting_is_one_query_and_stops_at_ten(django_assert_num_queries):
    person = make_user()
    for n in range(12):
        Notification.objects.create(
            kind="content.approved", recipient=person, channel="bell", key=f"k{n}"
        )
    with django_assert_num_queries(1):
        assert bell.unread_count(person) == 10
