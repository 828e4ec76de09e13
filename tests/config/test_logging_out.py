import pytest
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_one_logs_out(as_user):
    client = as_user(make_user(language="en"))
    answer = client.post(reverse("account_logout"))
    assert answer.status_code == 302
    assert answer.headers["Content-Language"] == "en"
    assert client.get(reverse("activity:notification-list")).status_code == 302
