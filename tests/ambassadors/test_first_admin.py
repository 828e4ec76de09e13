import pytest
from django.core.management import CommandError, call_command

from ambassadors.models import User
from tests.factories import make_admin

pytestmark = pytest.mark.django_db


def test_the_first_admin_can_log_in_with_a_code(client, mailoutbox):
    call_command("first_admin", "first@orvaly.example")
    client.post("/accounts/login/code/", {"email": "first@orvaly.example"})
    assert [mail.to for mail in mailoutbox] == [["first@orvaly.example"]]
    assert User.objects.get().has_perm("ambassadors.write_charter")


def test_there_is_no_second_first_admin():
    make_admin()
    with pytest.raises(CommandError, match="already"):
        call_command("first_admin", "second@orvaly.example")


def test_an_address_that_is_none_is_refused():
    with pytest.raises(CommandError):
        call_command("first_admin", "not an address")
    assert not User.objects.exists()
