"""A campaign for a handful of people is a second name for them, and is not reported on."""

import pytest

from ambassadors.models import Ambassador
from campaigns.planning.aimed import meant_for_few, meant_only_for
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_department,
    make_location,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db


def enrol(number, *, language="fr", state=Ambassador.State.ACTIVE, **where):
    users = [make_user(language=language) for _ in range(number)]
    for user in users:
        make_person(user, **where)
        make_ambassador(user, state=state)
    return users


def test_a_campaign_for_everybody_is_told_about_however_small_the_programme():
    enrol(1)
    make_campaign()
    assert meant_for_few() == set()


def test_a_campaign_for_four_people_is_left_out_and_for_five_is_not():
    sales, finance = make_department(), make_department()
    enrol(5, department=sales)
    enrol(4, department=finance)
    make_campaign(audience={"departments": [sales]})
    few = make_campaign(audience={"departments": [finance]})
    assert meant_for_few() == {few.pk}


def test_people_who_said_no_or_left_do_not_make_a_group_larger():
    sales = make_department()
    enrol(4, department=sales)
    enrol(6, department=sales, state=Ambassador.State.DECLINED)
    few = make_campaign(audience={"departments": [sales]})
    assert meant_for_few() == {few.pk}


def test_all_but_a_few_people_excluded_is_a_campaign_for_a_few():
    kept = enrol(8)
    few = make_campaign(audience={"excluded_people": kept[:4]})
    assert meant_for_few() == {few.pk}


def shapes():
    sales, finance, lyon = make_department(), make_department(), make_location()
    team = make_department(parent=sales)
    enrol(3, department=sales, team=team)
    enrol(3, department=sales, location=lyon, tags=["mentorat"])
    enrol(6, department=finance, language="en", tags=["mentorat"])
    yield {"departments": [sales]}
    yield {"departments": [team]}
    yield {"departments": [team, finance]}
    yield {"locations": [lyon]}
    yield {"languages": ["en"]}
    yield {"tags": ["mentorat"]}
    yield {"tags": ["mentorat"], "languages": ["fr"]}
    yield {"excluded_departments": [sales]}
    yield {"excluded_departments": [finance, team]}


def test_it_counts_whom_the_audience_itself_would_take_in():
    campaigns = [make_campaign(audience=shape) for shape in shapes()]
    expected = {
        campaign.pk
        for campaign in campaigns
        if Ambassador.objects.enrolled().filter(user__in=campaign.audience.people()).count() < 5
    }
    assert 0 < len(expected) < len(campaigns)
    assert meant_for_few() == expected


def test_it_is_one_query_however_many_campaigns_there_are(django_assert_num_queries):
    for shape in shapes():
        make_campaign(audience=shape)
    with django_assert_num_queries(1):
        meant_for_few()


def test_a_campaign_that_names_only_hidden_departments_is_left_out():
    hidden, shown = make_department(), make_department()
    team = make_department(parent=hidden)
    only = make_campaign(audience={"departments": [hidden]})
    only_a_team = make_campaign(audience={"departments": [team]})
    make_campaign(audience={"departments": [hidden, shown]})
    make_campaign()
    assert meant_only_for({hidden.pk, None}) == {only.pk, only_a_team.pk}
