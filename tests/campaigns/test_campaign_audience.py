import random

import pytest

from campaigns.models import Audience, Campaign
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_department,
    make_location,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db


def people_of(campaign):
    return set(campaign.audience.people())


def test_an_empty_audience_is_everybody_who_is_still_here():
    here, gone = make_user(), make_user(is_active=False)
    campaign = make_campaign()
    assert here in people_of(campaign)
    assert gone not in people_of(campaign)


def test_a_department_takes_in_its_teams_at_any_depth():
    top = make_department()
    team = make_department(parent=make_department(parent=top))
    inside, outside = make_person(team=team), make_person(department=make_department())
    campaign = make_campaign(audience={"departments": [top]})
    assert people_of(campaign) == {inside.user}
    assert campaign in Campaign.objects.meant_for(inside.user)
    assert campaign not in Campaign.objects.meant_for(outside.user)


def test_who_has_no_department_is_kept_by_an_exclusion():
    nowhere = make_user()
    campaign = make_campaign(audience={"excluded_departments": [make_department()]})
    assert nowhere in people_of(campaign)


def test_an_exclusion_wins_over_an_inclusion():
    department = make_department()
    person = make_person(department=department)
    campaign = make_campaign(
        audience={"departments": [department], "excluded_people": [person.user]}
    )
    assert people_of(campaign) == set()
    assert campaign not in Campaign.objects.meant_for(person.user)


def test_only_active_ambassadors_are_written_to():
    active, invited = make_ambassador(), make_ambassador(state="invited")
    campaign = make_campaign()
    assert set(campaign.audience.ambassadors()) == {active}
    assert invited.user in people_of(campaign)


@pytest.mark.parametrize("seed", range(8))
def test_people_and_meant_for_never_disagree(seed):
    pick = random.Random(seed)
    departments = [make_department() for _ in range(3)]
    departments += [make_department(parent=parent) for parent in departments]
    departments.append(make_department(parent=departments[-1]))
    places = [make_location(), make_location()]
    users = [make_user(language=pick.choice(["fr", "en"])) for _ in range(25)]
    for user in users[3:]:
        make_person(
            user,
            department=pick.choice([None, *departments]),
            team=pick.choice([None, *departments]),
            location=pick.choice([None, *places]),
            tags=pick.sample(["terrain", "bureau", "relève"], pick.randint(0, 2)),
        )
    audience = {
        "departments": pick.sample(departments, pick.randint(0, 3)),
        "locations": pick.sample(places, pick.randint(0, 1)),
        "languages": pick.sample(["fr", "en"], pick.randint(0, 1)),
        "tags": pick.sample(["terrain", "bureau"], pick.randint(0, 1)),
        "excluded_departments": pick.sample(departments, pick.randint(0, 2)),
        "excluded_people": pick.sample(users, pick.randint(0, 2)),
    }
    campaign = make_campaign(audience=audience, owner=users[0])
    meant = {user for user in users if campaign in Campaign.objects.meant_for(user)}
    assert meant == people_of(campaign)


def test_an_audience_reads_the_same_saved_or_not():
    department = make_department()
    audience = make_campaign(audience={"departments": [department]}).audience
    assert Audience.objects.get(pk=audience.pk).selection.departments == {department.pk}
