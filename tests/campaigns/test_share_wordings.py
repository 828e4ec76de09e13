"""The same-words guard: no wording is carried by many more than its part of an item's shares."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from ambassadors.models import Ambassador, Charter, User
from campaigns.models import Share
from campaigns.sharing.panel import Panel
from campaigns.sharing.wordings import spread_of, uses_of
from tests.factories import (
    make_ambassador,
    make_caption,
    make_content,
    make_link,
    make_network,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db
PEOPLE = 200
# How far above its even part a wording may get.
TOLERANCE = 0.02


@pytest.fixture
def content():
    return make_content()


def people(n=PEOPLE):
    users = User.objects.bulk_create(User(email=f"p{i}@orvaly.example") for i in range(n))
    return Ambassador.objects.bulk_create(
        Ambassador(user=user, state="active", next_step="", joined_at=timezone.now())
        for user in users
    )


def write(content, texts, **fields):
    for n in range(texts):
        make_caption(content, text=f"Formulation numéro {n}.", **fields)


def part_of_the_most_carried():
    carried = Counter(Share.objects.values_list("caption__text", flat=True))
    return max(carried.values()) / carried.total()


def first_choice(panel):
    return panel.offered[0]


def a_favourite(panel):
    """Somebody who always takes the same text, when it is among the three."""
    return min(panel.offered, key=lambda wording: wording.text)


@pytest.mark.parametrize(("texts", "declared"), [(5, True), (3, False)])
def test_200_people_carry_each_wording_as_little_as_the_number_allows(content, texts, declared):
    write(content, texts)
    for ambassador in people():
        wording = first_choice(Panel(content=content, ambassador=ambassador))
        at = timezone.now() if declared else None
        make_share(make_link(ambassador, content), caption=wording.caption, declared_at=at)
    assert part_of_the_most_carried() <= 1 / texts + TOLERANCE


def test_with_twelve_texts_no_wording_is_carried_by_more_than_a_tenth(content):
    for name in ("linkedin", "x", "bluesky"):
        for n in range(4):
            make_caption(content, text=f"{name}, {n}.", network=make_network(name))
    networks, chance = ["linkedin", "x", "bluesky"], random.Random(1)
    for n, ambassador in enumerate(people()):
        network = make_network(networks[n % 3])
        panel = Panel(content=content, ambassador=ambassador, asked_network=network)
        at = timezone.now() if chance.random() < 0.6 else None
        link = make_link(ambassador, content, network.slug)
        make_share(link, caption=first_choice(panel).caption, declared_at=at)
    assert part_of_the_most_carried() <= 0.1


def test_a_morning_on_which_everybody_opens_before_anybody_posts_is_spread_too(content):
    write(content, 5)
    chosen = Counter(
        first_choice(Panel(content=content, ambassador=each)).text for each in people()
    )
    assert max(chosen.values()) / PEOPLE <= 1 / 5 + TOLERANCE


def test_a_text_that_everybody_likes_leaves_the_three_once_it_is_ahead(content):
    write(content, 5)
    for ambassador in people(100):
        wording = a_favourite(Panel(content=content, ambassador=ambassador))
        make_share(make_link(ambassador, content), caption=wording.caption)
    # Three are shown: at worst three share what five could have.
    assert part_of_the_most_carried() <= 1 / 3 + TOLERANCE


def test_what_was_opened_today_counts_for_half_and_yesterday_s_for_nothing(content):
    caption = make_caption(content)
    for opened_at in (timezone.now(), timezone.now() - timedelta(hours=25)):
        make_share(
            make_link(content=content), declared_at=None, caption=caption, opened_at=opened_at
        )
    make_share(make_link(content=content), caption=caption)
    assert uses_of(content)[caption.text].load == 1.5


def test_words_of_one_s_own_are_nobody_s_wording(content):
    caption = make_caption(content)
    make_share(make_link(content=content), caption=caption, is_own_words=True)
    assert uses_of(content)[caption.text].load == 0


def test_five_colleagues_are_said_and_oneself_is_not_one_of_them(content, as_user):
    caption = make_caption(content)
    her = make_ambassador(make_user(language="en"))
    her.accept(Charter.objects.current(), language="en")
    make_share(make_link(her, content), caption=caption)
    for _ in range(4):
        make_share(make_link(content=content), caption=caption)
    path = f"/share/{content.pk}/?language=fr"
    assert "colleagues used this text" not in as_user(her.user).get(path).content.decode()
    colleague = make_link(content=content)
    make_share(colleague, caption=caption)
    make_share(make_link(colleague.ambassador, content, "x"), caption=caption)
    page = as_user(her.user).get(path).content.decode()
    assert "5 colleagues used this text; add a line of your own?" in page
    assert colleague.ambassador.user.last_name not in page


def test_too_few_texts_are_said_once_there_are_posts_to_tell_of(content, as_user):
    write(content, 2)
    her = make_ambassador(make_user(language="en"))
    her.accept(Charter.objects.current(), language="en")
    words = "There are only 2 texts for everybody"
    path = f"/share/{content.pk}/?language=fr"
    assert words not in as_user(her.user).get(path).content.decode()
    for _ in range(5):
        make_share(make_link(content=content), caption=content.captions.first())
    assert words in as_user(her.user).get(path).content.decode()


def test_writers_see_how_their_texts_share_the_posts(content):
    write(content, 2)
    for n in range(8):
        make_share(make_link(content=content), caption=content.captions.all()[n > 5])
    spread = spread_of(content)
    assert (spread.texts, spread.posts, spread.percent, spread.is_narrow) == (2, 8, 75, True)
