import pytest
from django.urls import reverse

from ambassadors.accounts.policy import POLICY, Standing
from config.administration import GROUPS
from tests.factories import make_admin, make_department, make_manager, make_user
from tests.world import methods_of, url_names

LISTED = {line.url_name: line for _title, lines in GROUPS for line in lines}
# Led to from a page that is listed, or by what one is about to do.
BEYOND = {
    "activity:sending-list",
    "activity:sending-pause",
    "activity:sending-test",
    "ambassadors:import-paste",
    "ambassadors:privacy-run",
    "campaigns:reach-efforts",
    "campaigns:reach-freeze",
    "campaigns:reach-view-new",
    "campaigns:source-new",
    "styleguide",
}


def only_of_the_whole_company():
    """Pages, without arguments, that neither employees nor managers of a part may open."""
    for name, arguments, view in url_names():
        perm = getattr(view, "perm", "")
        if not perm or arguments or "GET" not in methods_of(view):
            continue
        says = POLICY[perm].says
        if says(Standing.LIMITED) is None and says(Standing.AMBASSADOR) is None:
            yield name


def test_every_page_of_administration_is_listed():
    missing = set(only_of_the_whole_company()) - set(LISTED) - BEYOND - {"settings-list"}

    assert sorted(missing) == []


def test_every_line_leads_somewhere_and_asks_what_its_page_asks():
    views = {name: view for name, _arguments, view in url_names()}

    assert all(views[name].perm == line.perm for name, line in LISTED.items())


@pytest.mark.django_db
def test_an_administrator_sees_all_and_a_manager_what_is_theirs(as_user):
    address = reverse("settings-list")

    whole = as_user(make_admin()).get(address).context["groups"]
    assert sum(len(lines) for _title, lines in whole) == len(LISTED)
    part = as_user(make_manager()).get(address).context["groups"]
    names = {line.url_name for _title, lines in part for line in lines}

    assert {"campaigns:topic-list", "ambassadors:sign-up-list"} <= names
    assert not names & {"ambassadors:role-list", "campaigns:network-list"}


@pytest.mark.django_db
def test_nobody_else_sees_the_settings(as_user):
    limited = make_manager()
    limited.change_role(limited.role, by=None, departments=[make_department()])

    for person in (make_user(), limited):
        assert as_user(person).get(reverse("settings-list")).status_code == 403
