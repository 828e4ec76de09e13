from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Caption, Content
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_network,
    make_topic,
)

pytestmark = pytest.mark.django_db
LIBRARY = "campaigns:content-list"


def path(name, *args):
    return reverse(f"campaigns:{name}", args=args)


@pytest.fixture
def manager():
    return make_manager(language="en")


def found(client, **query):
    return {content.title for content in client.get(reverse(LIBRARY), query).context["page"]}


def test_the_library_is_filtered_by_its_address(as_user, manager):
    now, topic = timezone.now(), make_topic()
    rimouski = make_campaign(name_fr="Rimouski")
    make_content(title="A", campaign=rimouski, topics=[topic], expires_at=now + timedelta(days=3))
    make_content(title="B", status="draft", language="en", url="https://orvaly.example/brumes")
    make_caption(make_content(title="C"), text="Une fuite de chaleur.")
    client = as_user(manager)
    assert found(client) == {"A", "B", "C"}
    assert found(client, status="draft") == {"B"}
    assert found(client, status="expiring") == {"A"}
    assert found(client, campaign=rimouski.slug) == {"A"}
    assert found(client, language="en") == {"B"}
    assert found(client, topic=topic.slug) == {"A"}
    assert found(client, q="FUITE") == {"C"}
    assert found(client, q="brumes") == {"B"}
    assert found(client, q="brumes", status="published") == set()


@pytest.mark.parametrize(
    "query", [{"status": "x"}, {"campaign": "rien"}, {"topic": "\x00"}, {"page": "zéro"}]
)
def test_a_filter_that_makes_no_sense_is_no_filter(as_user, manager, query):
    make_content(title="A")
    assert found(as_user(manager), **query) == {"A"}


def test_an_empty_library_and_an_empty_result_say_different_things(as_user, manager):
    client = as_user(manager)
    assert "The library is empty" in client.get(reverse(LIBRARY)).text
    assert "Nothing matches these filters" in client.get(reverse(LIBRARY), {"q": "rien"}).text


def test_the_library_asks_as_much_for_one_item_as_for_three(as_user, manager, queries_of):
    client = as_user(manager)
    make_caption()
    with_one = queries_of(lambda: client.get(reverse(LIBRARY)))
    make_caption()
    make_caption()
    assert queries_of(lambda: client.get(reverse(LIBRARY))) == with_one


def test_an_ambassador_is_led_from_the_item_to_the_share_panel(as_user):
    content = make_content()
    answer = as_user(make_ambassador().user).get(content.get_absolute_url())
    assert answer.headers["Location"] == path("share-panel", content.pk)


def test_what_is_not_meant_for_an_ambassador_does_not_exist(as_user):
    draft = make_content(status="draft")
    elsewhere = make_content(campaign=make_campaign(audience={"languages": ["en"]}))
    client = as_user(make_ambassador().user)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(elsewhere.get_absolute_url()).status_code == 404
    assert client.post(path("content-submit", draft.pk)).status_code == 404


@pytest.mark.parametrize("name", ["withdraw", "copy", "edit", "approve", "request-changes"])
def test_an_ambassador_changes_nothing_of_an_item(as_user, name):
    content = make_content()
    client = as_user(make_ambassador().user)
    assert client.post(path(f"content-{name}", content.pk)).status_code == 403
    caption = make_caption(content)
    assert client.post(path("caption-edit", caption.pk), {"text": "x"}).status_code == 403
    assert client.post(path("caption-new", content.pk), {"text": "x"}).status_code == 403


def test_a_draft_is_submitted_and_taken_back(as_user, manager):
    content = make_content(status="draft", published_at=None)
    client = as_user(manager)
    client.post(path("content-submit", content.pk))
    content.refresh_from_db()
    assert content.status == "in_review"
    client.post(path("content-take-back", content.pk))
    content.refresh_from_db()
    assert content.status == "draft"


def test_a_text_too_long_is_named_and_nothing_is_submitted(as_user, manager):
    content = make_content(status="draft")
    make_caption(content, network=make_network("bluesky"), text="a" * 400)
    page = as_user(manager).post(path("content-submit", content.pk), follow=True).text
    assert "a text is too long for Bluesky" in page
    content.refresh_from_db()
    assert content.status == "draft"


def test_a_withdrawal_asks_why(as_user, manager):
    content = make_content()
    client = as_user(manager)
    answer = client.post(path("content-withdraw", content.pk), {"note": ""})
    assert answer.status_code == 422
    client.post(path("content-withdraw", content.pk), {"note": "Le chiffre est faux."})
    content.refresh_from_db()
    assert content.status == "withdrawn"


def test_a_live_item_offers_its_texts_one_by_one_and_nothing_else(as_user, manager):
    caption = make_caption()
    client = as_user(manager)
    page = client.get(caption.content.get_absolute_url()).text
    assert path("caption-edit", caption.pk) in page
    assert path("content-edit", caption.content_id) not in page
    answer = client.post(path("content-edit", caption.content_id), {"title": "Autre"})
    assert answer.headers["Location"] == caption.content.get_absolute_url()


def test_a_text_of_a_live_item_is_rewritten_and_waits(as_user, manager):
    caption = make_caption(approved_text="Un hiver.")
    as_user(manager).post(path("caption-edit", caption.pk), {"text": "Un autre hiver."})
    caption.refresh_from_db()
    assert (caption.text, caption.status, caption.writer) == (
        "Un autre hiver.",
        "in_review",
        manager,
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "This field is required."), ("a" * 400, "over the limit of Bluesky, 300.")],
)
def test_a_text_that_cannot_be_posted_is_not_saved(as_user, manager, text, complaint):
    caption = make_caption(network=make_network("bluesky"))
    answer = as_user(manager).post(path("caption-edit", caption.pk), {"text": text})
    assert answer.status_code == 422
    assert complaint in answer.text
    assert Caption.objects.get().status == "approved"


def test_a_text_is_added_to_a_live_item_up_to_five(as_user, manager):
    content = make_content()
    client = as_user(manager)
    data = {"network": make_network().pk, "language": "fr"}
    for n in range(5):
        client.post(path("caption-new", content.pk), data | {"text": f"Texte {n}"})
    answer = client.post(path("caption-new", content.pk), data | {"text": "Texte 6"})
    assert answer.status_code == 422
    assert Caption.objects.waiting().count() == 5


def test_an_item_is_taken_into_another_campaign_as_a_draft(as_user, manager):
    content, campaign = make_content(), make_campaign(state="draft")
    client = as_user(manager)
    page = client.get(reverse(LIBRARY), {"into": campaign.slug}).text
    assert path("content-copy", content.pk) in page
    answer = client.post(path("content-copy", content.pk), {"into": campaign.slug})
    copy = Content.objects.get(campaign=campaign)
    assert answer.headers["Location"] == path("content-edit", copy.pk)
    assert copy.status == "draft"


def test_nothing_is_taken_into_a_campaign_that_is_over(as_user, manager):
    campaign = make_campaign(state="ended")
    answer = as_user(manager).post(path("content-copy", make_content().pk), {"into": campaign.slug})
    assert answer.status_code == 404
