"""What a manager may see of who takes part, and of who does not: nothing of the latter."""

import pytest

from ambassadors.models import Ambassador, Invitation
from tests.factories import make_ambassador, make_manager, make_person, make_user

pytestmark = pytest.mark.django_db
State = Ambassador.State


def standing_of(client, person):
    page = client.get("/people/", {"q": person.user.email})
    assert page.context["page"].paginator.count == 1
    return page.context["page"][0].standing


def make_member(state):
    person = make_person(make_user(language="en"))
    joined = {} if state not in {State.INVITED, State.DECLINED} else {"joined_at": None}
    left = {"left_at": person.user.date_joined} if state == State.LEFT else {}
    make_ambassador(person.user, state=state, **joined, **left)
    return person


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.ACTIVE, "active"),
        (State.PAUSED, "active"),
        (State.JOINING, "joining"),
        (State.INVITED, "invited"),
        (State.DECLINED, "invited"),
        (State.LEFT, "invited"),
    ],
)
def test_no_line_tells_who_said_no_or_left(as_user, state, shown):
    assert standing_of(as_user(make_manager()), make_member(state)) == shown


def test_no_filter_finds_who_said_no(as_user):
    client, declined, silent = (
        as_user(make_manager()),
        make_member(State.DECLINED),
        make_member(State.INVITED),
    )
    found = client.get("/people/", {"standing": "invited"}).context["page"]
    assert {user.pk for user in found} == {declined.pk, silent.pk}


def test_inviting_again_leaves_alone_who_said_no_or_left(as_user):
    people = [make_member(state) for state in (State.INVITED, State.DECLINED, State.LEFT)]
    new = make_person()
    as_user(make_manager()).post("/people/invite/", {"person": [p.pk for p in [*people, new]]})
    invited = set(Invitation.objects.values_list("user", flat=True))
    assert invited == {people[0].pk, new.pk}


def test_the_answer_to_an_invitation_is_the_same_whatever_was_said(as_user):
    client, told = as_user(make_manager(language="en")), set()
    for state in (State.INVITED, State.DECLINED, State.LEFT):
        person = make_member(state)
        page = client.post("/people/invite/", {"person": person.pk}, follow=True)
        told.add(str(next(iter(page.context["messages"]))))
        assert standing_of(client, person) == "invited"
    assert len(told) == 1


def test_ticking_nobody_is_told(as_user):
    answer = as_user(make_manager(language="en")).post("/people/invite/", follow=True)
    assert "Tick at least one person." in answer.text


def test_a_number_over_a_thousand_stays_a_number_in_the_form(as_user):
    make_person(make_user(pk=12345))
    assert 'value="12345"' in as_user(make_manager(language="fr")).get("/people/").text


def test_an_ambassador_never_sees_the_directory(as_user):
    client = as_user(make_user())
    assert client.get("/people/").status_code == 403
    assert client.post("/people/invite/", {"person": []}).status_code == 403


def test_an_empty_directory_and_a_filter_that_finds_nobody_are_told_apart(as_user):
    client = as_user(make_manager(language="en"))
    assert "Nobody is enrolled yet" in client.get("/people/").text
    make_person()
    assert "Nobody matches these filters" in client.get("/people/", {"q": "zzz"}).text
