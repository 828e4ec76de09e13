"""Two wordings of one item: what is compared, what is not yet, and what is never told."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.variants.comparing import Arm, best, margin
from campaigns.variants.wordings import OWN, Comparison
from tests.factories import (
    make_ambassador,
    make_caption,
    make_content,
    make_link,
    make_manager,
    make_share,
    make_tally,
    make_user,
)

LONG_AGO = timezone.timedelta(days=20)


def arm(mean, people=80, seed=1):
    draw = random.Random(seed)
    return Arm.of([(round(draw.expovariate(1 / mean)), 1) for _ in range(people)])


def test_a_large_difference_between_many_people_is_told():
    assert best([arm(2), arm(9, seed=2)]) == 1


def test_a_small_difference_is_not_told():
    assert best([arm(4), arm(4.6, seed=2)]) is None


def test_nothing_is_told_of_a_wording_few_have_shared():
    assert best([arm(2), arm(60, people=9, seed=2)]) is None
    assert not arm(60, people=9).is_enough
    assert arm(60, people=9).missing_shares == 21


def test_one_person_who_shares_thirty_times_is_one_person():
    alone = Arm.of([(900, 30)])
    assert not alone.is_enough
    assert best([alone, arm(2)]) is None


def test_the_best_of_three_has_to_beat_both_others():
    assert best([arm(2), arm(9, seed=2), arm(2, seed=3)]) == 1
    assert best([arm(9, seed=4), arm(9, seed=2), arm(2, seed=3)]) is None


def test_the_margin_is_wider_than_that_of_a_single_look():
    fixed = 1.96 * (0.5**0.5)
    assert margin(0.5, 200, 0.05) > 1.3 * fixed
    # ... and shrinks as people come, the variance of the mean shrinking with them.
    assert margin(0.05, 2000, 0.05) < margin(0.5, 200, 0.05)


def test_wordings_that_are_alike_seldom_have_a_winner_however_often_one_looks():
    draw, false = random.Random(7), 0
    for _programme in range(150):
        people = [[], []]
        for _day in range(30):
            for side in people:
                side += [(round(draw.expovariate(1 / 4)), 1) for _share in range(5)]
            if best([Arm.of(side) for side in people]) is not None:
                false += 1
                break
    assert false <= 12


# --- From shares and clicks -----------------------------------------------------------------


def shared(caption, visits, *, by=None, ago=LONG_AGO, **fields):
    link = make_link(by or make_ambassador(), caption.content, caption.network.slug)
    at = timezone.now() - ago
    make_share(link, caption=caption, opened_at=at, declared_at=at, **fields)
    if visits:
        make_tally(link, day=timezone.localdate(at), clicks=visits)
    return link


@pytest.fixture
def captions(db):
    content = make_content()
    texts = [make_caption(content, text=text) for text in ("Un texte.", "Un autre.")]
    for caption in texts:
        caption.changed_at = timezone.now() - timedelta(days=60)
        caption.save()
    return texts


def groups_of(captions):
    return Comparison(captions[0].content, timezone.now()).groups


def test_each_person_counts_once_with_their_visits_and_shares(captions):
    for caption, visits in zip(captions, (3, 5), strict=True):
        for _person in range(6):
            shared(caption, visits)
    (group,) = groups_of(captions)
    assert {w.text: (w.arm.shares, w.arm.visits) for w in group.wordings} == {
        "Un texte.": (6, 18),
        "Un autre.": (6, 30),
    }
    assert group.best is None
    assert group.missing == 24


def test_a_share_of_this_week_is_not_counted_yet(captions):
    for caption in captions:
        shared(caption, 5, ago=timedelta(days=3))
    assert groups_of(captions) == []


def test_only_the_first_week_of_a_share_is_counted(captions):
    for caption in captions:
        for _person in range(5):
            link = shared(caption, 2)
            make_tally(link, day=timezone.localdate(), clicks=50)
    assert [w.arm.visits for w in groups_of(captions)[0].wordings] == [10, 10]


def test_own_words_are_a_wording_too(captions):
    for _person in range(5):
        shared(captions[0], 2)
        shared(captions[1], 4, is_own_words=True)
    (group,) = groups_of(captions)
    assert [w.is_own for w in group.wordings] == [True, False]
    assert OWN == 0


def test_a_link_that_carried_two_wordings_belongs_to_neither(captions):
    person = make_ambassador()
    link = shared(captions[0], 5, by=person)
    make_share(link, caption=captions[1], declared_at=timezone.now() - LONG_AGO)
    comparison = Comparison(captions[0].content, timezone.now())
    assert comparison.groups == []
    assert comparison.left_out == 1


def test_a_wording_of_four_people_is_hidden_and_so_is_what_would_give_it_away(captions):
    for _person in range(4):
        shared(captions[0], 2)
    for _person in range(9):
        shared(captions[1], 3)
    (group,) = groups_of(captions)
    assert {w.text: w.hidden for w in group.wordings} == {
        "Un texte.": "small",
        "Un autre.": "neighbour",
    }


def test_the_page_is_for_those_who_read_reach(as_user, captions):
    path = f"/library/{captions[0].content_id}/compare/"
    assert as_user(make_user()).get(path).status_code == 403
    answer = as_user(make_manager(language="en")).get(path)
    assert "Nothing to compare yet" in answer.content.decode()


def test_the_page_says_not_enough_yet(as_user, captions):
    for caption in captions:
        for _person in range(6):
            shared(caption, 3)
    path = f"/library/{captions[0].content_id}/compare/"
    page = as_user(make_manager(language="en")).get(path).content.decode()
    assert "Not enough yet" in page
    assert "About 24 shares are missing." in page
