"""A button pressed twice, where no script holds the second press back."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from activity.models import Entry
from campaigns.models import Campaign, Share
from tests.factories import (
    make_ambassador,
    make_content,
    make_link,
    make_manager,
    make_ready_campaign,
    make_share,
)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
pytestmark = pytest.mark.django_db(transaction=True)


def press_twice(user, path, fields=None):
    """Two presses at the same moment; returns their status codes."""
    codes, together = [], threading.Barrier(2)

    def press():
        client = Client()
        client.force_login(user, backend=BACKEND)
        together.wait()
        codes.append(client.post(path, fields or {}).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def test_a_campaign_is_launched_once():
    manager = make_manager()
    campaign = make_ready_campaign(state=Campaign.State.APPROVED, owner=manager)
    codes = press_twice(manager, reverse("campaigns:campaign-launch", args=[campaign.slug]))
    assert codes == [302, 302]
    assert Campaign.objects.get().state == Campaign.State.SCHEDULED
    assert Entry.objects.filter(verb="campaign.scheduled").count() == 1


def test_a_post_is_declared_once():
    ambassador = make_ambassador()
    link = make_link(ambassador=ambassador, content=make_content())
    share = make_share(link, declared_at=None)
    codes = press_twice(ambassador.user, reverse("campaigns:share-declare", args=[share.pk]))
    assert codes == [302, 302]
    assert Share.objects.declared().count() == 1
    assert Entry.objects.filter(verb="share.declared").count() == 1
