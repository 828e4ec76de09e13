"""Every column that leads to a person is on their page, in their file and in the erasure."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from activity.models import Entry, Seal
from ambassadors.models import Ambassador
from ambassadors.privacy.registry import FATES, HOLDINGS, Fate

# Columns that say who somebody is, without leading to an account.
SAYS_WHO = {"email", "first_name", "last_name", "user_name", "ip", "user_agent", "employee_id"}
PEOPLE = (get_user_model(), Ambassador)


def columns():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            yield model, field


def leading_to_people():
    for model, field in columns():
        if field.is_relation and field.related_model in PEOPLE:
            yield model, field


def known():
    return {(each.model, each.by.partition("__")[0]) for each in HOLDINGS}


def test_every_column_that_leads_to_a_person_is_registered():
    missing = [
        f"{model._meta.label}.{field.name}"
        for model, field in leading_to_people()
        if (model, field.name) not in known()
    ]
    assert missing == []


def test_every_table_that_says_who_somebody_is_is_erased():
    held = {each.model for each in HOLDINGS}
    missing = {m._meta.label for m, f in columns() if f.name in SAYS_WHO and m not in held}
    assert missing == set()


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda each: each.name)
def test_a_holding_says_something_of_the_person(holding):
    assert holding.columns
    names = {field.name for field in holding.model._meta.get_fields()}
    assert {*holding.omit, *holding.only} - {"pk"} <= names


def test_no_row_outlives_the_person_but_the_trails():
    kept = {each.model for each in HOLDINGS if each.fate is Fate.KEPT}
    assert kept == {Entry}
    assert Seal not in {model for model, field in leading_to_people()}


def test_what_happens_to_each_column_is_decided():
    for _model, field in leading_to_people():
        assert field.remote_field.on_delete in FATES
    assert all(isinstance(f, models.Field) for each in HOLDINGS for f in each.columns)


def test_names_of_files_in_the_export_differ():
    names = [each.name for each in HOLDINGS]
    assert len(names) == len(set(names))
