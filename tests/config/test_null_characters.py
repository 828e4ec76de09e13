"""An address with a NUL in it is refused as such: PostgreSQL would only say that it cannot."""

import pytest

from tests.factories import make_manager

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/library/new/?campaign=%00", "/library/?into=%00", "/search/?q=a%00", "/a%00b/"]
)
def test_a_null_character_in_an_address_is_a_bad_request(as_user, path):
    assert as_user(make_manager()).get(path).status_code == 400
