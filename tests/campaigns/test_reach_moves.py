"""Who moves to another department takes nothing of the past along."""

import datetime as dt

import pytest
import time_machine

from ambassadors.directory.moves import Move, move_people
from campaigns.reach.headcount import count_days
from campaigns.reach.models import HeadCount
from tests.factories import make_department, make_person

pytestmark = pytest.mark.django_db


def employed(day):
    rows = HeadCount.objects.filter(day=day, department__isnull=False)
    return dict(rows.values_list("department__name", "employed"))


def test_the_head_count_of_before_stays_with_the_old_department():
    old, new = make_department(name="Ventes"), make_department(name="Qualité")
    with time_machine.travel("2026-11-30T15:00Z"):
        person = make_person(department=old)
        Move.objects.create(person=person.user, on=dt.date(2026, 12, 1), department=new)
        move_people()
        count_days([dt.date(2026, 11, 30)])
    with time_machine.travel("2026-12-01T15:00Z"):
        move_people()
        count_days([dt.date(2026, 12, 1)])
    assert employed("2026-11-30") == {"Ventes": 1}
    assert employed("2026-12-01") == {"Qualité": 1}
