"""A NUL in an address asks for nothing that exists: PostgreSQL would only say that it cannot."""

import pytest

from tests.factories import make_manager

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/library/new/?campaign=%00",
        "/library/sources/new/?campaign=%00",
        "/library/?into=%00",
        "/search/?q=a%00",
    ],
)
def test_a_null_character_in_an_address_asks_for_nothing(as_user, path):
    assert as_user(make_manager()).get(path).status_code == 200
