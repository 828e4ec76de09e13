"""A manager of some departments sees what is theirs, and nothing of the others."""

import pytest
from django.http import QueryDict

from ambassadors.models import Role
from campaigns.models import Campaign, Content
from campaigns.planning.models import Audience
from campaigns.reach.forms import ReachFilter
from tests.factories import (
    make_campaign,
    make_content,
    make_department,
    make_manager,
    make_member,
    make_person,
    make_ready_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def works():
    return make_department(name="Usine")


@pytest.fixture
def manager(works):
    manager = make_manager(language="en")
    manager.change_role(Role.MANAGER, by=None, departments=[works])
    return manager


def campaign_for(*departments, **fields):
    return make_campaign(audience={"departments": departments}, **fields)


def test_they_see_campaigns_within_their_departments_and_their_own(manager, works):
    team = make_department(parent=works)
    theirs = {campaign_for(works), campaign_for(team), make_campaign(owner=manager)}
    lent = make_campaign()
    lent.approvers.add(manager)
    make_campaign()
    campaign_for(make_department())
    campaign_for(works, make_department())
    Audience.objects.filter(campaign=campaign_for(works)).update(who="both")
    assert set(Campaign.objects.visible_to(manager)) == theirs | {lent}


def test_content_goes_with_its_campaign(manager, works):
    inside = make_content(campaign=campaign_for(works))
    own = make_content(author=manager)
    make_content()
    assert set(Content.objects.visible_to(manager)) == {inside, own}


def test_the_list_of_people_ends_at_their_departments(as_user, manager, works):
    outside = make_person(department=make_department()).user
    page = as_user(manager).get("/people/").content.decode()
    assert outside.email not in page
    answer = as_user(manager).post("/people/invite/", {"person": [outside.pk]})
    assert answer.status_code == 302
    assert not outside.invitations.exists()


def test_search_finds_nobody_of_other_departments(as_user, manager):
    outside = make_person(department=make_department()).user
    page = as_user(manager).get("/search/", {"q": outside.last_name}).content.decode()
    assert outside.email not in page


def test_a_campaign_of_theirs_begins_and_stays_within(as_user, manager, works):
    campaign = Campaign(**_fields(manager))
    campaign.create(by=manager)
    assert list(campaign.audience.departments.all()) == [works]
    path = f"/campaigns/{campaign.slug}/plan/audience/"
    sent = {"who": "employees"}
    for departments in ([], [make_department().pk]):
        assert as_user(manager).post(path, sent | {"departments": departments}).status_code == 422
    assert list(campaign.audience.departments.all()) == [works]


@pytest.mark.parametrize("wider", ["everybody", "another department", "customers"])
def test_a_campaign_that_reaches_beyond_is_not_launched_by_them(as_user, manager, works, wider):
    campaign = make_ready_campaign(owner=manager, state="approved")
    if wider != "everybody":
        campaign.audience.departments.set([works])
    if wider == "another department":
        campaign.audience.departments.add(make_department())
    if wider == "customers":
        Audience.objects.filter(campaign=campaign).update(who="both")

    answer = as_user(manager).post(f"/campaigns/{campaign.slug}/launch/", follow=True)

    assert "more people than those of your departments" in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.state == "approved"


def test_a_campaign_within_their_departments_is_launched_by_them(as_user, manager, works):
    campaign = make_ready_campaign(owner=manager, state="approved")
    team = make_department(parent=works)
    make_member(team)
    campaign.audience.departments.set([team])

    as_user(manager).post(f"/campaigns/{campaign.slug}/launch/")

    campaign.refresh_from_db()
    assert campaign.state == "scheduled"


def _fields(owner):
    known = make_campaign(owner=owner, state="draft")
    names = ("kind", "name_fr", "objective_fr", "indicator", "target", "starts_at", "ends_at")
    return {"owner": owner} | {name: getattr(known, name) for name in names}


@pytest.mark.parametrize(
    "asked", ["", "network=linkedin", "kind=change", "department=999999", "campaign=nothing"]
)
def test_no_address_opens_the_whole_report_to_them(manager, works, asked):
    scope = ReachFilter.of(QueryDict(asked), reader=manager).scope
    assert scope.department == works
    assert not scope.by_content


def test_the_report_of_another_department_is_not_theirs(manager, works):
    other = make_department()
    form = ReachFilter.of(QueryDict(f"department={other.pk}"), reader=manager)
    assert not form.is_valid()
    assert form.scope.department == works


def test_somebody_of_another_department_is_not_asked_to_approve(works, manager):
    elsewhere = make_content(campaign=campaign_for(make_department()), status="in_review")
    here = make_content(campaign=campaign_for(works), status="in_review")
    assert not manager.has_perm("campaigns.approve_content", elsewhere)
    assert manager.has_perm("campaigns.approve_content", here)


def test_a_manager_without_limits_sees_everything_as_before(works):
    made = {make_campaign(), campaign_for(works)}
    assert set(Campaign.objects.visible_to(make_manager())) == made
