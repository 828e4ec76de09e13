import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from campaigns.models import Content
from tests.factories import (
    make_campaign,
    make_caption,
    make_content,
    make_manager,
    make_network,
    make_topic,
)

pytestmark = pytest.mark.django_db
NEW = "campaigns:content-new"


@pytest.fixture
def manager():
    return make_manager(language="en")


def picture():
    data = io.BytesIO()
    Image.new("RGB", (1300, 700), "teal").save(data, "PNG")
    return SimpleUploadedFile("photo.png", data.getvalue(), "image/png")


def filled(*texts, **fields):
    """What the browser posts: the page, and one row for each (network, language, text[, key])."""
    campaign = fields.pop("campaign", None) or make_campaign()
    data = {
        "campaign": campaign.pk,
        "url": "https://orvaly.example/actualites/hiver",
        "language": "fr",
        "title": "Un hiver de mesures",
        "why": "Des chiffres vérifiés.",
        "image_alt": "",
        "publish_at": "2026-11-24T07:30",
        "expires_at": "2027-01-24T07:30",
        "action": "save",
        "captions-TOTAL_FORMS": len(texts),
        "captions-INITIAL_FORMS": 0,
    }
    for n, (network, language, text, *key) in enumerate(texts):
        data[f"captions-{n}-network"] = make_network(network).pk
        data[f"captions-{n}-language"] = language
        data[f"captions-{n}-text"] = text
        data[f"captions-{n}-key"] = key[0] if key else ""
    return data | fields


def test_a_draft_is_saved_with_its_texts(as_user, manager):
    texts = [("linkedin", "fr", "Un hiver."), ("x", "en", "A winter."), ("x", "fr", " ")]
    answer = as_user(manager).post(reverse(NEW), filled(*texts, topics=[make_topic().pk]))
    content = Content.objects.get()
    assert answer.headers["Location"] == reverse("campaigns:content-edit", args=[content.pk])
    assert (content.status, content.author, content.changed_by) == ("draft", manager, manager)
    assert content.topics.count() == 1
    assert {(c.network.slug, c.language, c.text) for c in content.captions.all()} == {
        ("linkedin", "fr", "Un hiver."),
        ("x", "en", "A winter."),
    }


def test_a_draft_is_saved_and_submitted_in_one_go(as_user, manager):
    as_user(manager).post(reverse(NEW), filled(action="submit"))
    assert Content.objects.get().status == "in_review"


def test_texts_are_changed_taken_out_and_added(as_user, manager):
    content = make_content(status="draft")
    kept, dropped = make_caption(content, text="Un."), make_caption(content, text="Deux.")
    texts = [
        ("linkedin", "fr", "Un, mieux.", kept.pk),
        ("linkedin", "fr", "", dropped.pk),
        ("linkedin", "fr", "Trois."),
    ]
    url = reverse("campaigns:content-edit", args=[content.pk])
    as_user(manager).post(url, filled(*texts, campaign=content.campaign))
    assert [c.text for c in content.captions.all()] == ["Un, mieux.", "Trois."]
    content.refresh_from_db()
    assert content.changed_by == manager


def test_a_text_of_another_item_is_not_changed_from_here(as_user, manager):
    theirs = make_caption(text="Pas touche.")
    content = make_content(status="draft")
    url = reverse("campaigns:content-edit", args=[content.pk])
    texts = [("linkedin", "fr", "Pris!", theirs.pk)]
    as_user(manager).post(url, filled(*texts, campaign=content.campaign))
    theirs.refresh_from_db()
    assert theirs.text == "Pas touche."
    assert content.captions.get().text == "Pris!"


def test_a_draft_may_be_too_long_but_is_not_submitted_so(as_user, manager):
    client = as_user(manager)
    data = filled(("bluesky", "fr", "a" * 400))
    assert client.post(reverse(NEW), data).status_code == 302
    answer = client.post(reverse(NEW), data | {"action": "submit", "again": "on"})
    assert answer.status_code == 422
    assert "over the limit of Bluesky, 300." in answer.text
    assert Content.objects.get().status == "draft"


def test_a_picture_becomes_a_cover_and_needs_words(as_user, manager):
    client = as_user(manager)
    answer = client.post(reverse(NEW), filled() | {"picture": picture()})
    assert answer.status_code == 422
    assert "Say what the picture shows." in answer.text
    kept = answer.context["form"].kept_token
    client.post(reverse(NEW), filled(image_alt="Une école", kept=kept))
    content = Content.objects.get()
    assert content.image.name.startswith("content/")
    assert Image.open(content.image).size == (1200, 630)


def test_a_picture_is_taken_out_again(as_user, manager):
    content = make_content(status="draft", image="content/a.jpg", image_alt="Une école")
    url = reverse("campaigns:content-edit", args=[content.pk])
    as_user(manager).post(url, filled(no_picture="on", campaign=content.campaign))
    content.refresh_from_db()
    assert not content.image


def test_nobody_names_a_picture_that_is_not_theirs(as_user, manager):
    as_user(manager).post(reverse(NEW), filled(kept="../../settings.py", image_alt="x"))
    assert not Content.objects.get().image


def test_a_page_already_in_the_library_is_said_with_a_link(as_user, manager):
    there = make_content(url="http://www.orvaly.example/actualites/hiver/?utm_source=x")
    client = as_user(manager)
    answer = client.post(reverse(NEW), filled())
    assert answer.status_code == 422
    assert "Already in the library (0 shares):" in answer.text
    assert f'<a href="{there.get_absolute_url()}">' in answer.text
    assert client.post(reverse(NEW), filled(again="on")).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"url": "https://moi:secret@orvaly.example/"}, "user name or a password"),
        ({"url": "https://intranet.local/"}, "Nobody outside the company could open this link."),
        ({"title": ""}, "This field is required."),
        ({"why": "a" * 141}, "at most 140 characters"),
        ({"expires_at": "2026-11-01T07:30"}, "It would expire before it is published."),
        ({"campaign": "0"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(as_user, manager, wrong, complaint):
    texts = [("linkedin", "fr", "Un hiver entier de mesures.")]
    answer = as_user(manager).post(reverse(NEW), filled(*texts) | wrong)
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "Un hiver entier de mesures." in answer.text
    assert not Content.objects.exists()


def test_three_topics_are_enough(as_user, manager):
    topics = [make_topic().pk for _n in range(4)]
    answer = as_user(manager).post(reverse(NEW), filled(topics=topics))
    assert "At most three topics" in answer.text


def test_evergreen_has_no_end(as_user, manager):
    as_user(manager).post(reverse(NEW), filled(evergreen="on"))
    assert Content.objects.get().expires_at is None


def test_a_row_is_added_without_losing_or_judging_what_is_typed(as_user, manager):
    data = filled(("linkedin", "fr", "Un hiver."), title="", action="add")
    data |= {"new-network": make_network("bluesky").pk, "new-language": "en"}
    answer = as_user(manager).post(reverse(NEW), data)
    assert answer.status_code == 200
    assert "to put right" not in answer.text
    assert [str(network) for _f, network, _l, _m in answer.context["rows"]] == [
        "LinkedIn",
        "Bluesky",
    ]
    assert "Un hiver." in answer.text
    assert not Content.objects.exists()


def test_a_sixth_text_for_one_network_and_language_is_refused(as_user, manager):
    texts = [("linkedin", "fr", f"Texte {n}") for n in range(6)]
    answer = as_user(manager).post(reverse(NEW), filled(*texts))
    assert "At most five texts for a network in a language." in answer.text


@pytest.mark.parametrize(
    "broken",
    [
        {"captions-TOTAL_FORMS": "x"},
        {"captions-TOTAL_FORMS": "100000"},
        {"captions-0-network": "99999"},
        {"captions-0-network": "' or 1=1"},
        {"captions-0-language": "de"},
        {"captions-0-key": "x"},
    ],
)
def test_a_post_no_browser_would_send_breaks_nothing(as_user, manager, broken):
    data = filled(("linkedin", "fr", "Un hiver."))
    answer = as_user(manager).post(reverse(NEW), data | broken)
    assert answer.status_code == 422
    assert not Content.objects.exists()


def test_the_preview_shows_what_is_typed_and_writes_nothing(as_user, manager):
    campaign = make_campaign(disclosure_fr="Je travaille chez Orvaly.")
    texts = [("x", "fr", "b" * 270), ("linkedin", "fr", "<b>Un hiver</b>")]
    url = reverse("campaigns:content-preview")
    page = as_user(manager).post(url, filled(*texts, campaign=campaign, title="<i>Titre</i>")).text
    assert "Je travaille chez Orvaly." in page
    assert "over the limit of X, 280." in page
    assert "&lt;b&gt;Un hiver&lt;/b&gt;" in page
    assert "<i>Titre" not in page
    assert "hx-swap-oob" in page
    assert not Content.objects.exists()


@pytest.mark.parametrize("data", [{}, {"pk": "x", "campaign": "x", "captions-TOTAL_FORMS": "-3"}])
def test_the_preview_takes_anything(as_user, manager, data):
    answer = as_user(manager).post(reverse("campaigns:content-preview"), data)
    assert answer.status_code == 200


def test_what_was_submitted_meanwhile_is_not_overwritten(as_user, manager):
    content = make_content(status="draft", published_at=None)
    url = reverse("campaigns:content-edit", args=[content.pk])
    Content.objects.update(status="in_review")
    as_user(manager).post(url, filled(campaign=content.campaign, title="Trop tard"))
    content.refresh_from_db()
    assert content.title != "Trop tard"


def test_a_request_for_changes_is_shown_to_who_must_answer_it(as_user, manager):
    content = make_content(status="in_review", published_at=None)
    content.request_changes(make_manager(first_name="Fatou"), "Dites le salaire.")
    page = as_user(manager).get(reverse("campaigns:content-edit", args=[content.pk])).text
    assert "Fatou" in page
    assert "Dites le salaire." in page
