"""The cost comparison: off, until an administrator types a price; and never called a value."""

from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from activity.models import Entry
from campaigns.models import CostPerClick
from campaigns.reach.definitions import DEFINITIONS, OF_QUESTION
from tests.campaigns.test_reach_privacy import NOW, Company
from tests.campaigns.test_reach_report import words
from tests.factories import make_admin, make_manager, make_user

pytestmark = pytest.mark.django_db
PATH = "/reach/settings/"
PRICE = {"is_shown": "on", "amount": "1.20", "currency": "CAD", "source": "LinkedIn, 2026"}


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def page(as_user):
    Company()
    client = as_user(make_manager(language="en"))
    return lambda: words(client.get("/reach/").content.decode())


def test_it_is_off(page):
    assert "Cost comparison" not in page()


def test_turned_on_it_shows_the_price_beside_the_sum_after_the_question(page, as_user):
    as_user(make_admin(language="en")).post(PATH, PRICE)
    text = page()
    assert "3,378 visits at 1.20 CAD per click: 4,053.60 CAD." in text
    assert "Cost comparison, not value" in text
    assert text.index("2. What does it bring?") < text.index("Cost comparison")
    assert "LinkedIn, 2026" in text


def test_turned_off_again_it_is_gone(page, as_user):
    client = as_user(make_admin(language="en"))
    client.post(PATH, PRICE)
    assert "Cost comparison" in page()
    client.post(PATH, {"amount": "1.20", "currency": "CAD"})
    assert "Cost comparison" not in page()


@pytest.mark.parametrize("amount", ["", "0", "-1", "abc"])
def test_there_is_none_without_a_price(as_user, amount):
    assert as_user(make_admin()).post(PATH, PRICE | {"amount": amount}).status_code == 422
    assert not CostPerClick.objects.filter(is_shown=True).exists()


def test_the_database_refuses_one_without_a_price():
    with pytest.raises(IntegrityError), transaction.atomic():
        CostPerClick.objects.create(pk=1, is_shown=True)


@pytest.mark.parametrize("maker", [make_user, make_manager])
def test_it_is_the_administrators_alone(as_user, maker):
    client = as_user(maker())
    assert client.get(PATH).status_code == client.post(PATH, PRICE).status_code == 403


def test_who_changed_it_from_what_to_what_is_on_record(as_user):
    admin = make_admin()
    client = as_user(admin)
    client.post(PATH, PRICE)
    client.post(PATH, PRICE | {"amount": "0.90"})
    entry = Entry.objects.filter(verb="reach.cost_per_click_set").first()
    assert entry.actor_id == admin.pk
    assert (entry.data["before"]["amount"], entry.data["after"]["amount"]) == ("1.20", "0.90")
    assert CostPerClick.current().amount == Decimal("0.90")


# --- Definitions -----------------------------------------------------------------------------
def test_each_figure_has_its_definition_and_how_it_is_known_under_the_question(page):
    text = page()
    asked = {key for keys in OF_QUESTION.values() for key in keys}
    assert all(str(DEFINITIONS[key].term) and DEFINITIONS[key].badge for key in asked)
    assert text.count("What these figures mean") == len(OF_QUESTION)


def test_every_definition_has_an_anchor(as_user):
    html = as_user(make_manager(language="en")).get("/reach/definitions/").content.decode()
    assert all(f'id="{key}"' in html for key in DEFINITIONS)


def test_the_foot_says_the_days_the_clock_what_was_set_aside_and_how_fresh(page):
    text = page()
    assert "days begin and end at midnight, America/Montreal" in text
    assert "No click was set aside." in text
    assert "Figures may still be revised for 72 hours." in text
    assert "No click was counted in the last seven days." in text
