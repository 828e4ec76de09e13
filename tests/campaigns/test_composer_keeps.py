"""What is typed into the composer keeps itself, for its writer alone, and overwrites nobody."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from campaigns.content.tasks import drop_composer_drafts
from campaigns.models import ComposerDraft, Content
from tests.campaigns.test_content_composer import NEW, filled, picture
from tests.factories import make_ambassador, make_campaign, make_content, make_manager

pytestmark = pytest.mark.django_db
KEEP = "campaigns:content-keep"


@pytest.fixture
def manager():
    return make_manager(language="en")


def typed(*texts, key=None, **fields):
    """What the script sends: everything in the form, as it stands, valid or not."""
    return filled(*texts, draft=str(key or uuid4()), **fields)


def edit(content):
    return reverse("campaigns:content-edit", args=[content.pk])


def keep(client, data):
    return client.post(reverse(KEEP), data)


def test_what_is_typed_is_there_again_valid_or_not(as_user, manager):
    client = as_user(manager)
    texts = [("linkedin", "fr", "Un hiver entier.")]
    data = typed(*texts, url="pas une adresse", title="Un titre", campaign="", publish_at="demain")
    answer = keep(client, data)
    assert answer.json()["said"].startswith("Saved at ")
    assert not Content.objects.exists()
    page = client.get(reverse(NEW)).text
    assert "Your unsaved changes of" in page
    for words in ("pas une adresse", "Un titre", "Un hiver entier.", 'value="demain"'):
        assert words in page
    assert "to put right" not in page


def make_content_and_open(client):
    content = make_content(status="draft", published_at=None)
    return content, client.get(edit(content)).context["opening"]


def test_changes_of_an_item_come_back_when_it_is_opened(as_user, manager):
    client = as_user(manager)
    content, opening = make_content_and_open(client)
    keep(client, typed(key=opening.key, base=opening.base, pk=content.pk, title="Autre titre"))
    content.refresh_from_db()
    assert content.title != "Autre titre"
    answer = client.get(edit(content))
    assert "Autre titre" in answer.text
    assert answer.context["opening"].key == opening.key


def test_what_is_shown_again_is_not_judged(as_user, manager):
    client = as_user(manager)
    texts = [("x", "fr", "a" * 3001)] * 6
    keep(client, typed(*texts, title="Un titre", url="x"))
    answer = client.get(reverse(NEW))
    assert answer.status_code == 200
    assert "a" * 3001 in answer.text
    assert "At most five texts" not in answer.text
    # What an older page had sent knew nothing of texts and claims.
    ComposerDraft.objects.update(data={"title": ["Rien d’autre"]})
    answer = client.get(reverse(NEW))
    assert (answer.status_code, "Rien d’autre" in answer.text) == (200, True)


def test_nobody_sees_what_another_person_has_typed(as_user, manager):
    keep(as_user(manager), typed(title="Entre nous"))
    other = as_user(make_manager())
    key = ComposerDraft.objects.get().key
    assert "Entre nous" not in other.get(reverse(NEW)).text
    assert "Entre nous" not in other.get(f"{reverse(NEW)}?draft={key}").text
    discard = reverse("campaigns:content-discard")
    assert other.post(discard, {"draft": str(key)}).status_code == 404
    assert keep(other, typed(key=key, title="Pris")).status_code == 204
    assert ComposerDraft.objects.get().first("title") == "Entre nous"


def test_an_ambassador_keeps_nothing(as_user):
    client = as_user(make_ambassador().user)
    assert keep(client, typed(title="x")).status_code == 403
    assert client.post(reverse("campaigns:content-discard"), {}).status_code == 403


def test_saving_leaves_nothing_to_come_back(as_user, manager):
    client, key = as_user(manager), uuid4()
    keep(client, typed(key=key, title="Un titre"))
    client.post(reverse(NEW), typed(key=key))
    assert client.get(reverse(NEW)).context["opening"].restored is None
    # What was under way when the button was pressed arrives late.
    assert keep(client, typed(key=key, title="Un titre, trop tard")).status_code == 204
    assert client.get(reverse(NEW)).context["opening"].restored is None


def test_a_save_before_the_first_keeping_also_shuts_the_door(as_user, manager):
    client, key = as_user(manager), uuid4()
    client.post(reverse(NEW), typed(key=key))
    assert keep(client, typed(key=key, title="Trop tard")).status_code == 204


def test_what_was_refused_stays_kept(as_user, manager):
    client, key = as_user(manager), uuid4()
    keep(client, typed(key=key, title="Un titre"))
    assert client.post(reverse(NEW), typed(key=key, title="")).status_code == 422
    assert client.get(reverse(NEW)).context["opening"].restored.first("title") == "Un titre"


def test_discarding_brings_back_what_is_saved(as_user, manager):
    client = as_user(manager)
    content, opening = make_content_and_open(client)
    keep(client, typed(key=opening.key, base=opening.base, pk=content.pk, title="Autre titre"))
    answer = client.post(reverse("campaigns:content-discard"), {"draft": opening.key}, follow=True)
    assert "Autre titre" not in answer.text
    assert content.title in answer.text


def test_a_composer_that_was_only_opened_keeps_nothing(as_user, manager):
    empty = typed(("linkedin", "fr", " "), url="", title="", why="")
    assert keep(as_user(manager), empty).status_code == 204
    assert not ComposerDraft.objects.exists()


@pytest.mark.parametrize("wrong", [{"draft": "x"}, {"draft": ""}, {"why": "a" * 400_000}])
def test_what_no_composer_sends_is_refused(as_user, manager, wrong):
    assert keep(as_user(manager), typed() | wrong).status_code == 400
    assert not ComposerDraft.objects.exists()


def test_two_windows_do_not_write_over_each_other(as_user, manager):
    client = as_user(manager)
    for title in ("Premier", "Second"):
        keep(client, typed(title=title))
    page = client.get(reverse(NEW))
    assert page.context["opening"].restored.first("title") == "Second"
    [other] = page.context["opening"].others
    assert "Premier" in client.get(f"{reverse(NEW)}?draft={other.key}").text
    fresh = client.get(f"{reverse(NEW)}?fresh=1").context["opening"]
    assert (fresh.restored, len(fresh.others)) == (None, 2)


def test_a_picture_is_kept_with_the_rest(as_user, manager):
    client, key = as_user(manager), uuid4()
    answer = keep(client, typed(key=key, title="Un titre") | {"picture": picture()})
    kept = answer.json()["kept"]
    page = client.get(reverse(NEW))
    assert page.context["form"].instance.image.name.startswith("content/")
    assert client.post(reverse(NEW), typed(key=key, kept=kept, image_alt="Une école"))
    assert Content.objects.get().image


# --- Two people, one item ---------------------------------------------------------------------


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(as_user, manager):
    client = as_user(manager)
    content, opening = make_content_and_open(client)
    naomi = make_manager(first_name="Naomi")
    theirs = Content.objects.get(pk=content.pk)
    theirs.title = "Le titre de Naomi"
    theirs.write(naomi)
    mine = typed(base=opening.base, title="Le mien", campaign=content.campaign)
    answer = client.post(edit(content), mine)
    assert answer.status_code == 409
    assert "Naomi" in answer.text
    assert "Le mien" in answer.text
    content.refresh_from_db()
    assert content.title == "Le titre de Naomi"
    over = answer.context["theirs"].changed_at.isoformat()
    assert client.post(edit(content), mine | {"over": over}).status_code == 302
    content.refresh_from_db()
    assert content.title == "Le mien"


def test_an_over_that_is_old_by_now_is_no_leave_to_overwrite(as_user, manager):
    client = as_user(manager)
    content, opening = make_content_and_open(client)
    old = content.changed_at.isoformat()
    Content.objects.get(pk=content.pk).write(make_manager())
    mine = typed(base=opening.base, over=old, campaign=content.campaign)
    assert client.post(edit(content), mine).status_code == 409


def test_the_keeping_says_that_somebody_was_faster(as_user, manager):
    client = as_user(manager)
    content, opening = make_content_and_open(client)
    Content.objects.get(pk=content.pk).write(make_manager(first_name="Naomi"))
    answer = keep(client, typed(key=opening.key, base=opening.base, pk=content.pk, title="Moi"))
    assert "Naomi" in answer.json()["newer"]
    page = client.get(edit(content))
    assert content.title in page.text
    assert "Show mine" in page.text
    mine = client.get(f"{edit(content)}?draft={opening.key}")
    assert 'value="Moi"' in mine.text
    answer = client.post(edit(content), typed(base=mine.context["opening"].base))
    assert answer.status_code in {409, 422}


def test_what_is_thirty_days_old_is_deleted(as_user, manager):
    client = as_user(manager)
    keep(client, typed(title="Vieux"))
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        drop_composer_drafts()
        assert ComposerDraft.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        drop_composer_drafts()
    assert not ComposerDraft.objects.exists()


def test_what_was_typed_for_another_campaign_is_not_in_the_way(as_user, manager):
    client, asked = as_user(manager), make_campaign()
    keep(client, typed(title="Pour une autre"))
    page = client.get(f"{reverse(NEW)}?campaign={asked.slug}")
    assert page.context["form"]["campaign"].value() == asked.pk
    assert [draft.title for draft in page.context["opening"].others] == ["Pour une autre"]
    keep(client, typed(title="Pour celle-ci", campaign=asked))
    page = client.get(f"{reverse(NEW)}?campaign={asked.slug}")
    assert page.context["opening"].restored.title == "Pour celle-ci"
