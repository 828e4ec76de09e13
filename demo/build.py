"""The demo company, the same on every run for a given day."""

import random

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from activity import sealing
from activity.models import Outbox
from ambassadors.models import User
from campaigns.models import Campaign
from campaigns.reach.headcount import backfill
from demo.history import WEEKS, make_history
from demo.people import make_people
from demo.programme import close, launch, make_programme, make_topics
from demo.success import make_success

SEED = 20261123
# Rows the product itself brings by migration, and keeps.
KEPT = {
    "ambassadors_charter",
    "campaigns_network",
    "django_content_type",
    "django_migrations",
}


def is_empty():
    return not User.objects.exists()


@transaction.atomic
def build():
    """Fills an empty database. Nobody is written to: what happened is past."""
    dice = random.Random(SEED)  # noqa: S311  # a demo, not a secret
    # Until last midnight, so that two runs on one day agree to the click.
    now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    make_topics()
    ambassadors = make_people(dice, now)
    campaigns = Campaign.objects.all()
    contents = make_programme(dice, now)
    owner = User.objects.get(email="rh@orvaly.example")
    approver = User.objects.get(email="admin@orvaly.example")
    for campaign in campaigns:
        launch(campaign, owner, approver)
    for content in contents:
        departments = content.campaign.audience.departments
        content.campaign.demo_departments = set(departments.values_list("pk", flat=True))
    clicks = make_history(dice, ambassadors, contents, now)
    _count_rows()
    make_success(dice, owner, now)
    close(owner, now)
    backfill(days=WEEKS * 7, today=timezone.localdate(now))
    Outbox.objects.all().delete()
    sealing.seal()
    return {"ambassadors": len(ambassadors), "contents": len(contents), "clicks": clicks}


def _count_rows():
    """For the planner: what is not committed yet, autovacuum takes for nothing at all."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@transaction.atomic
def clear():
    """Empties every table but those the migrations fill."""
    tables = [
        name
        for name in connection.introspection.table_names()
        if name not in KEPT and not name.startswith("campaigns_click_")
    ]
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    with connection.cursor() as cursor:
        # The trail refuses to be cut; a demo may start again.
        cursor.execute("SET LOCAL porte_voix.may_truncate = 'yes'")
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    transaction.on_commit(cache.clear)
