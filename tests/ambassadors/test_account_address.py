"""An account's address comes from the directory: a private one would outlive the employment."""

import pytest
from allauth.account.models import EmailAddress

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_an_address_cannot_be_added_or_made_primary(as_user):
    person = make_user()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client = as_user(person)
    for action in ("action_add", "action_primary", "action_remove"):
        answer = client.post("/accounts/email/", {action: "", "email": "me@elsewhere.example"})
        assert answer.status_code == 405
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [person.email]
