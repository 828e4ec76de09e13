"""Every address, by every sort of person, with every method it takes: the answer matrix.txt says.

A new address without a line fails. `WRITE_MATRIX=1 pytest tests/config/test_matrix.py` writes the
table anew, to be read before it is committed; what the policy forbids cannot be written in, because
the second half of this file asks POLICY for it.

The things asked about belong to one campaign for one department. `limited own` oversees it,
`limited other` oversees another one. What a POST would change is undone after each.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from activity.models import Browser, Delivery, Endpoint
from ambassadors.accounts.policy import POLICY, Bound, Standing
from ambassadors.models import ApiToken, Charter, DirectoryGroup, GroupRole, Role, Topic
from campaigns.models import (
    Audience,
    Campaign,
    Claim,
    Content,
    Goal,
    Network,
    Phrase,
    Proposal,
    SavedView,
    Sighting,
)
from tests.factories import (
    make_ambassador,
    make_department,
    make_manager,
    make_person,
    make_user,
)
from tests.world import World, methods_of, url_names

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("matrix.txt")
PEOPLE = {
    "stranger": None,
    "customer": Standing.CUSTOMER,
    "employee": Standing.AMBASSADOR,
    "ambassador": Standing.AMBASSADOR,
    "limited other": Standing.LIMITED,
    "limited own": Standing.LIMITED,
    "manager": Standing.MANAGER,
    "admin": Standing.ADMIN,
}
# Log-in and one's own account: they know no roles, and have tests of their own.
OF_ANYBODY = ("account_", "mfa_", "usersessions_", "security_", "confirm_")
# What is only posted to, and so is no page of tests/world.py.
ABOUT = {
    "activity:push-remove": Browser,
    "activity:push-test": Browser,
    "ambassadors:channel-off": Endpoint,
    "ambassadors:channel-on": Endpoint,
    "ambassadors:channel-remove": Endpoint,
    "ambassadors:channel-resend": Delivery,
    "ambassadors:channel-secret-new": Endpoint,
    "ambassadors:channel-secret-retire": Endpoint,
    "ambassadors:channel-test": Endpoint,
    "campaigns:address-give": Content,
    "campaigns:address-move": Content,
    "ambassadors:group-role-remove": GroupRole,
    "ambassadors:provisioning-team": DirectoryGroup,
    "ambassadors:session-end": UserSession,
    "ambassadors:token-revoke": ApiToken,
    "campaigns:approval-campaign-approve": Campaign,
    "campaigns:approval-campaign-request-changes": Campaign,
    "campaigns:article-bring-in": Sighting,
    "campaigns:claim-renew": Claim,
    "campaigns:goal-end": Goal,
    "campaigns:network-down": Network,
    "campaigns:network-offer": Network,
    "campaigns:network-up": Network,
    "campaigns:network-withhold": Network,
    "campaigns:phrase-remove": Phrase,
    "campaigns:topic-down": Topic,
    "campaigns:topic-remove": Topic,
    "campaigns:topic-up": Topic,
    "campaigns:proposal-decline": Proposal,
    "campaigns:proposal-take-up": Proposal,
    "campaigns:proposal-withdraw": Proposal,
    "campaigns:reach-mail-leave": SavedView,
    "campaigns:reach-view-mail": SavedView,
    "campaigns:reach-view-remove": SavedView,
    "campaigns:sighting-decline": Sighting,
    "campaigns:sighting-take-up": Sighting,
}
# Somebody else's, shared with whoever asks: to be seen, and not to be changed.
SHARED = {
    "campaigns:reach-view-edit",
    "campaigns:reach-view-mail",
    "campaigns:reach-view-remove",
}
HEAD = """\
# What every address answers, by who asks. Read and held by test_matrix.py.
# 200 shown · 302 led elsewhere (a stranger: to log in) · 403 seen but not allowed · 404 out of sight
# 405 another method · 410, 451 over · 422 a form that is not complete · 401 asks for a token
"""


def rows():
    """(method, URL name) -> {person: status}, as written."""
    found = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith(("#", "method")):
            method, name, *statuses = line.split()
            found[method, name] = dict(zip(PEOPLE, map(int, statuses), strict=True))
    return found


def somebody(who, world):
    """The cookies of somebody logged in as `who`; what they are is made here."""
    client, standing = Client(), PEOPLE[who]
    if standing is None:
        return client.cookies
    user = _person(who, standing, world)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    said = {"method": "password", "at": time.time(), "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [said]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client.cookies


def _person(who, standing, world):
    if standing == Standing.CUSTOMER:
        return _taking_part(make_user(belonging="customer"))
    if standing == Standing.LIMITED:
        manager = make_manager()
        theirs = world.sales if who == "limited own" else make_department()
        manager.change_role(Role.MANAGER, by=None, departments=[theirs])
        return manager
    user = make_user(role=standing.value)
    make_person(user, department=world.sales)
    return _taking_part(user) if who == "ambassador" else user


def _taking_part(user):
    make_ambassador(user).accept(Charter.objects.current_for(user), language="fr")
    return user


def addresses(world):
    """(URL name, path, methods), each about the first thing the world has for it."""
    # Where two patterns have one name, the first is the one that answers.
    for name, arguments, view in {entry[0]: entry for entry in reversed([*url_names()])}.values():
        if name.startswith(OF_ANYBODY):
            continue
        given = _given(world, name, view) if arguments else [{}]
        methods = set(methods_of(view)) & {"GET", "POST"} or {"GET", "POST"}
        for kwargs in given[:1]:
            with suppress(NoReverseMatch):
                yield name, reverse(name, kwargs=kwargs), sorted(methods)


def _given(world, name, view):
    """What the address is about. LookupError for one that neither table knows."""
    if name in ABOUT:
        row = ABOUT[name].objects.order_by("pk").first()
        return [{"pk": row.pk if row else 0}]
    if given := world._given(name, name.rpartition(":")[2], view):
        return given
    raise LookupError(f"{name} takes arguments: say what it is about in ABOUT")


def asked(cookies, method, path):
    """The status of the answer; nothing of it stays, not even a cookie."""
    client = Client(raise_request_exception=False)
    for name, morsel in cookies.items():
        client.cookies[name] = morsel.value
    with transaction.atomic():
        answer = client.get(path) if method == "GET" else client.post(path, {})
        transaction.set_rollback(True)
    return answer.status_code


@pytest.fixture
def world():
    world = World(Role.ADMIN, "fr")
    for audience in Audience.objects.all():
        audience.departments.set([world.sales])
    return world


@pytest.mark.skipif(bool(os.environ.get("WRITE_MATRIX")), reason="is being written")
@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_answers_as_the_table_says(world, who):
    table, cookies, wrong = rows(), somebody(who, world), []
    for name, path, methods in addresses(world):
        for method in methods:
            expected = table.get((method, name), {}).get(who)
            if expected is None:
                wrong.append(f"{method} {name}: give it a line in tests/config/matrix.txt")
            elif (status := asked(cookies, method, path)) != expected:
                wrong.append(f"{method} {name} ({path}): {status}, the table says {expected}")
    assert wrong == []


@pytest.mark.skipif(not os.environ.get("WRITE_MATRIX"), reason="WRITE_MATRIX=1 writes it")
def test_the_table_is_written(world):
    lines = [f"{'method':7}{'address':48}" + "".join(f"{who:>14}" for who in PEOPLE)]
    everybody = [somebody(who, world) for who in PEOPLE]
    for name, path, methods in sorted(addresses(world)):
        for method in methods:
            statuses = "".join(f"{asked(each, method, path):>14}" for each in everybody)
            lines.append(f"{method:7}{name:48}{statuses}")
    TABLE.write_text(HEAD + "\n".join(lines) + "\n")


# --- The table itself, against the policy --------------------------------------------------------


def guarded():
    """(name, permission, methods) of each address whose view names its permission."""
    for name, _arguments, view in url_names():
        if perm := getattr(view, "perm", ""):
            yield name, perm, set(methods_of(view)) & {"GET", "POST"}


def test_what_the_policy_forbids_is_answered_with_403_and_nothing_else_is():
    table, wrong = rows(), []
    for name, perm, methods in guarded():
        for method in methods:
            for who, status in table[method, name].items():
                standing = PEOPLE[who]
                forbidden = bool(standing) and POLICY[perm].says(standing) is None
                refused = status == 403 and (forbidden or name not in SHARED)
                if forbidden != refused:
                    wrong.append(f"{method} {name} {who}: {status}, {perm}")
    assert wrong == []


def test_no_stranger_gets_past_the_login_where_a_permission_is_asked():
    table = rows()
    let_in = [
        (method, name)
        for name, _perm, methods in guarded()
        for method in methods
        if table[method, name]["stranger"] != 302
    ]
    assert let_in == []


def test_things_of_another_department_are_out_of_sight():
    """Where a permission reaches as far as one's departments, its things are a 404 elsewhere."""
    table, shown = rows(), []
    for name, arguments, view in url_names():
        perm = getattr(view, "perm", "")
        answer = POLICY[perm].says(Standing.LIMITED) if perm else None
        if not arguments or answer is None or Bound.DEPARTMENTS not in answer:
            continue
        for method in set(methods_of(view)) & {"GET", "POST"}:
            if table[method, name]["limited other"] != 404:
                shown.append((method, name))
    assert set(shown) == NOT_OF_A_DEPARTMENT


# Files, whose only argument is their format: each holds what its reader sees on the page.
NOT_OF_A_DEPARTMENT = {
    ("GET", "campaigns:content-export"),
    ("GET", "campaigns:content-import-template"),
    ("GET", "campaigns:reach-export"),
}


def test_nothing_breaks_and_every_line_is_of_an_address_there_is():
    assert [key for key, row in rows().items() if 500 in row.values()] == []
    known = {name for name, _arguments, _view in url_names()}
    assert {name for _method, name in rows()} <= known
