"""What people opted into, and nothing more: the list of participants, and one's manager's view."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ambassadors.accounts.roles import Belonging
from ambassadors.models import Consent, Look, Role, User
from campaigns.home.board import Board, BoardSetting
from campaigns.home.given import GivenFigures
from campaigns.models import Share
from campaigns.tracking.models import ClickKind
from tests.factories import (
    make_admin,
    make_ambassador,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_member,
    make_person,
    make_share,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db
BOARD, VIEW = Consent.Purpose.LEADERBOARD, Consent.Purpose.MANAGER_VIEW


@pytest.fixture
def turned_on():
    BoardSetting(is_on=True).keep(by=make_admin())


def participants(n, **user):
    people = [make_ambassador(make_user(**user)) for _ in range(n)]
    for each in people:
        Consent.objects.give(each.user, BOARD)
    return people


def seen_posts(ambassador, n):
    now = timezone.now()
    for _ in range(n):
        link = make_link(ambassador, make_content())
        make_share(link, declared_at=now, seen_at=now)


def shown(viewer):
    return [(line.place, line.ambassador, line.posts) for line in Board(viewer).lines]


def test_the_list_is_off_until_an_administrator_turns_it_on(as_user):
    people = participants(5)
    assert not Board(people[0]).is_shown
    admin = as_user(make_admin())
    admin.post("/board/settings/", {"is_on": "on"})
    assert Board(people[0]).is_shown
    admin.post("/board/settings/", {})
    assert not Board(people[0]).is_shown


def test_fewer_than_five_are_never_shown(turned_on):
    people = participants(4)
    assert not Board(people[0]).is_shown
    participants(1)
    assert Board(people[0]).is_shown


def test_who_said_nothing_or_took_it_back_is_not_in_it(turned_on):
    silent, back, *others = [make_ambassador(), *participants(6)]
    for each in (silent, back, others[0]):
        seen_posts(each, 1)
    Consent.objects.take_back(back.user, BOARD)
    assert shown(silent) == [(1, others[0], 1)]
    assert Board(silent).own is None


def test_posts_count_once_seen_and_three_in_a_week(turned_on):
    much, some, none, *_rest = participants(5)
    seen_posts(much, 5)
    seen_posts(some, 2)
    make_share(make_link(none, make_content()), declared_at=timezone.now())
    old = timezone.now() - timedelta(days=40)
    make_share(make_link(none, make_content()), declared_at=old, seen_at=old)
    assert shown(much) == [(1, much, 3), (2, some, 2)]


def test_beyond_the_tenth_place_one_sees_only_ones_own(turned_on, monkeypatch):
    monkeypatch.setattr("campaigns.home.board.A_WEEK", 99)
    people = participants(12)
    for n, each in enumerate(people, start=1):
        seen_posts(each, n)
    assert [place for place, _person, _n in shown(people[0])] == list(range(1, 11))
    assert Board(people[0]).own.place == 12


def test_a_place_shared_by_too_many_is_left_out(turned_on):
    first, *rest = participants(24)
    seen_posts(first, 2)
    for each in rest:
        seen_posts(each, 1)
    assert shown(first) == [(1, first, 2)]


def test_customers_and_colleagues_do_not_see_each_other(turned_on, as_user):
    colleagues = participants(5)
    customers = participants(5, belonging=Belonging.CUSTOMER, language="en")
    for each in (colleagues[0], customers[0]):
        seen_posts(each, 1)
    assert shown(customers[1]) == [(1, customers[0], 1)]
    page = as_user(customers[1].user).get("/board/").content.decode()
    assert str(customers[0].user) in page
    assert str(colleagues[0].user) not in page


def team(n=6, yes=1, **fields):
    """A department of `n` people of whom `yes` let their managers look."""
    department = make_department()
    members = [make_member(department, **fields) for _ in range(n)]
    for each in members[:yes]:
        Consent.objects.give(each.user, VIEW)
    return department, members


def people_seen_by(user):
    return set(GivenFigures(user).people)


def test_a_manager_sees_who_let_them_and_nobody_else(as_user):
    _department, [open_one, *_closed] = team()
    make_share(make_link(open_one), declared_at=timezone.now() - timedelta(days=2))
    yesterday = timezone.localdate() - timedelta(days=1)
    make_tally(make_link(open_one, make_content()), day=yesterday, clicks=7)
    make_tally(make_link(open_one, make_content()), day=yesterday, kind=ClickKind.BOT, uniques=0)
    hr = make_manager(language="en")
    [line] = as_user(hr).get("/figures/").context["given"].lines
    assert (line.ambassador, line.posts, line.visits) == (open_one, 1, 7)
    look = Look.objects.get(what=Look.What.FIGURES)
    assert (look.person, look.by) == (open_one.user, hr)


def test_a_no_holds_at_once():
    _department, [open_one, *_rest] = team()
    hr = make_manager()
    assert people_seen_by(hr) == {open_one}
    Consent.objects.take_back(open_one.user, VIEW)
    assert people_seen_by(hr) == set()


def test_only_ones_own_managers_see_it():
    department, [open_one, *_rest] = team()
    boss, colleague = make_user(), make_user()
    make_person(colleague, department=department)
    open_one.user.person.manager = boss
    open_one.user.person.save()
    theirs, other = make_manager(), make_manager()
    theirs.change_role(Role.MANAGER, by=None, departments=[department])
    other.change_role(Role.MANAGER, by=None, departments=[make_department()])
    seen = [bool(people_seen_by(User.objects.get(pk=u.pk))) for u in (boss, theirs, other)]
    assert seen == [True, True, False]
    assert people_seen_by(colleague) == set()


def test_nobody_is_shown_where_subtraction_would_tell_the_others(as_user):
    team(n=6, yes=2)
    page = as_user(make_manager(language="en")).get("/figures/")
    assert page.context["given"].lines == []
    assert "subtraction would tell those" in page.content.decode()
    assert not Look.objects.filter(what=Look.What.FIGURES).exists()


def test_customers_have_no_such_page(as_user):
    customer = make_ambassador(make_user(belonging=Belonging.CUSTOMER)).user
    assert as_user(customer).get("/figures/").status_code == 403
    assert Share.objects.count() == 0
