"""Many items at once: what their state allows is done, the rest is told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activity.models import Entry
from ambassadors.accounts.policy import POLICY, is_author
from campaigns.models import Content
from tests.factories import (
    make_caption,
    make_content,
    make_manager,
    make_network,
    make_topic,
)

pytestmark = pytest.mark.django_db
BULK = reverse("campaigns:content-bulk")
LIBRARY = reverse("campaigns:content-list")
SOON = (timezone.localdate() + timedelta(days=90)).isoformat()


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


def draft(**fields):
    return make_content(status="draft", published_at=None, **fields)


def do(manager, deed, *contents, **data):
    data = {"deed": deed, "item": [content.pk for content in contents]} | data
    return manager.post(BULK, data)


def refused(answer):
    return {content.title: why for content, why in answer.context["outcome"].refused}


def status_of(*contents):
    return [Content.objects.get(pk=content.pk).status for content in contents]


def test_drafts_are_submitted_and_the_list_comes_back_as_it_was(manager):
    one, two = draft(), draft()
    answer = do(manager, "submit", one, two, asked="status=draft&page=2")
    assert answer.headers["Location"] == f"{LIBRARY}?status=draft&page=2"
    assert status_of(one, two) == ["in_review", "in_review"]
    assert Entry.objects.filter(verb="content.in_review").count() == 2


def test_what_was_not_done_is_said_item_by_item(manager):
    good, live, long = draft(title="A"), make_content(title="B"), draft(title="C")
    make_caption(long, network=make_network("bluesky"), text="a" * 400)
    answer = do(manager, "submit", good, live, long)
    assert status_of(good, live, long) == ["in_review", "published", "draft"]
    assert refused(answer) == {
        "B": "Not possible now: it is “Published”.",
        "C": "A text is too long for Bluesky.",
    }
    assert "1 item submitted." in answer.text


def test_another_end_is_asked_for_then_given(manager):
    live, over = make_content(title="A"), make_content(title="B", status="withdrawn")
    question = do(manager, "extend", live, over)
    assert "Last day" in question.text
    assert Content.objects.get(pk=live.pk).expires_at == live.expires_at
    answer = do(manager, "extend", items=f"{live.pk},{over.pk}", sure=1, value=SOON)
    live.refresh_from_db()
    assert timezone.localdate(live.expires_at).isoformat() == SOON
    assert refused(answer) == {"B": "Not possible now: it is “Withdrawn”."}


@pytest.mark.parametrize("value", ["", "hier", "2020-01-01"])
def test_an_end_that_makes_no_sense_is_asked_for_again(manager, value):
    content = make_content()
    answer = do(manager, "extend", items=str(content.pk), sure=1, value=value)
    assert answer.status_code == 422
    assert not Entry.objects.filter(verb="content.extended").exists()


def test_what_waits_for_a_decision_keeps_its_end_and_its_topics(manager):
    waiting = make_content(title="A", status="in_review", published_at=None)
    for deed, value in (("extend", SOON), ("topic-add", make_topic().pk)):
        answer = do(manager, deed, items=str(waiting.pk), sure=1, value=value)
        assert refused(answer) == {"A": "Not possible now: it is “In review”."}


def test_evergreen_has_no_end_and_is_so_once(manager):
    content = make_content(title="A")
    assert do(manager, "evergreen", content).status_code == 302
    assert Content.objects.get().expires_at is None
    assert refused(do(manager, "evergreen", content)) == {"A": "It was so already."}


def test_a_topic_is_added_up_to_three_and_removed(manager):
    topic = make_topic()
    free = make_content(title="A")
    full = make_content(title="B", topics=[make_topic(), make_topic(), make_topic()])
    data = {"items": f"{free.pk},{full.pk}", "sure": 1, "value": topic.pk}
    assert refused(do(manager, "topic-add", **data)) == {"B": "It has 3 topics already."}
    assert list(free.topics.all()) == [topic]
    assert refused(do(manager, "topic-remove", **data)) == {"B": "It was so already."}
    assert not free.topics.exists()


def test_items_come_first_and_go_back_among_the_others(manager):
    content = make_content()
    do(manager, "feature", items=str(content.pk), sure=1, value=SOON)
    assert Content.objects.get().is_featured
    do(manager, "unfeature", content)
    assert not Content.objects.get().is_featured


def test_live_items_leave_the_feed_and_drafts_are_put_aside(manager):
    live, written = make_content(), draft()
    do(manager, "expire", live)
    do(manager, "put-aside", items=str(written.pk), sure=1, value="Dépassé.")
    assert status_of(live, written) == ["expired", "withdrawn"]


def test_everything_that_was_found_is_meant_whatever_is_ticked(manager):
    for n in range(30):
        make_content(title=f"Béton {n}", expires_at=timezone.now() + timedelta(days=5))
    make_content(title="Autre chose")
    question = do(manager, "evergreen", everything=1, asked="q=béton")
    assert len(question.context["contents"]) == 30
    assert not Content.objects.filter(expires_at=None).exists()
    do(manager, "evergreen", items=question.context["keys"], everything=1, sure=1)
    assert Content.objects.filter(expires_at=None).count() == 30


def test_twenty_are_done_at_once_and_twenty_one_are_shown_first(manager):
    contents = [make_content() for _ in range(21)]
    assert do(manager, "evergreen", *contents[:20]).status_code == 302
    answer = do(manager, "evergreen", *contents)
    assert answer.status_code == 200
    assert Content.objects.filter(expires_at=None).count() == 20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"deed": "submit"}, "Tick at least one item."),
        ({"deed": "", "item": ["1"]}, "Choose what to do"),
        ({"deed": "delete", "item": ["1"]}, "Choose what to do"),
        ({"deed": "submit", "item": ["x", "9" * 30]}, "Tick at least one item."),
    ],
)
def test_a_choice_that_makes_no_sense_changes_nothing(manager, data, said):
    assert said in manager.post(BULK, data, follow=True).text


def test_one_that_refuses_keeps_nothing_from_the_others(manager):
    contents = [draft(), make_content(), draft()]
    do(manager, "submit", *contents)
    assert status_of(*contents) == ["in_review", "published", "in_review"]


def test_what_the_policy_forbids_is_left_as_it_is(manager, monkeypatch):
    monkeypatch.setitem(POLICY, "campaigns.submit_content", is_author)
    written = draft(title="A")
    answer = do(manager, "submit", written)
    assert refused(answer) == {"A": "You may not do this to it."}
    assert status_of(written) == ["draft"]
