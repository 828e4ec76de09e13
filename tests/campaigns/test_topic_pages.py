import pytest
from django.urls import reverse

from activity.models import Entry
from ambassadors.models import Topic
from tests.factories import (
    make_ambassador,
    make_content,
    make_department,
    make_manager,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(as_user):
    return as_user(make_manager(language="en"))


@pytest.fixture(autouse=True)
def _no_topics():
    Topic.objects.all().delete()


def post(client, deed, *args, **data):
    return client.post(reverse(f"campaigns:topic-{deed}", args=args), data, follow=True)


def names():
    return list(Topic.objects.values_list("name", flat=True))


def test_a_topic_is_added_last_with_a_slug_of_its_own(manager):
    make_topic(name="Chantiers", slug="energie", position=0)

    post(manager, "list", name="Énergie", name_en="Energy")

    topic = Topic.objects.get(name="Énergie")
    assert names() == ["Chantiers", "Énergie"]
    assert topic.slug == "energie-2"
    assert Entry.objects.get().verb == "topic.added"


def test_the_same_name_is_not_added_twice(manager):
    make_topic(name="Énergie")

    answer = post(manager, "list", name="énergie")

    assert answer.status_code == 422
    assert names() == ["Énergie"]


def test_a_topic_is_renamed_and_keeps_its_items_and_followers(manager):
    topic, maelle = make_topic(name="Chantier"), make_ambassador()
    maelle.topics.add(topic)
    make_content(topics=[topic])

    post(manager, "edit", topic.pk, name="Chantiers", name_en="Sites")

    assert [t.name_en for t in maelle.topics.all()] == ["Sites"]
    assert topic.contents.count() == 1
    assert Entry.objects.get(verb="topic.renamed").data["after"]["name"] == "Chantiers"


def test_a_topic_stays_while_an_item_is_about_it(manager):
    topic = make_topic()
    make_content(topics=[topic])

    answer = post(manager, "remove", topic.pk)

    assert "items are about it" in answer.content.decode()
    assert Topic.objects.exists()


def test_a_topic_without_items_goes_and_is_followed_by_nobody(manager):
    topic, maelle = make_topic(), make_ambassador()
    maelle.topics.add(topic)

    post(manager, "remove", topic.pk)

    assert not maelle.topics.exists()
    assert Entry.objects.get().verb == "topic.removed"


def test_topics_are_put_in_order(manager):
    one, two = make_topic(name="Un", position=0), make_topic(name="Deux", position=1)

    post(manager, "down", one.pk)
    assert names() == ["Deux", "Un"]
    post(manager, "up", one.pk)
    post(manager, "down", two.pk)

    assert names() == ["Un", "Deux"]


def test_a_manager_of_some_departments_changes_no_topic(as_user):
    manager = make_manager()
    manager.change_role(manager.role, by=None, departments=[make_department()])

    assert as_user(manager).get(reverse("campaigns:topic-list")).status_code == 403
