from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from campaigns.models import Click
from campaigns.tracking import partitions
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import ClickEvent
from campaigns.tracking.tasks import ensure_partitions, recheck_clicks
from tests.campaigns.conftest import BROWSER, make_posted_link

pytestmark = pytest.mark.django_db


def test_the_months_to_come_are_made_ahead_and_only_once():
    ensure_partitions()
    made = partitions.existing()
    ensure_partitions()
    assert partitions.existing() == made
    now = partitions.month_of(timezone.now())
    assert {partitions.month_before(now), now, partitions.next_month(now)} <= set(made)


def test_yesterday_is_judged_once_more():
    noon = timezone.localtime().replace(hour=12) - timedelta(days=1)
    link = make_posted_link()
    ingest([ClickEvent.make(link.pk, at=noon, agent=BROWSER, visitor=b"v" * 16)])
    Click.objects.update(kind="bot", is_first=False)
    recheck_clicks()
    assert Click.objects.get().kind == "human"


@pytest.mark.parametrize("name", ["drop_old_salts", "ensure_partitions", "recheck_clicks"])
def test_the_schedule_names_tasks_that_exist(name):
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert f"campaigns.tasks.{name}" in scheduled & set(current_app.tasks)
