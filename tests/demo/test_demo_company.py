from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum

from activity.models import Notification, Outbox
from ambassadors.models import Department, Location, User
from campaigns.models import Campaign, Content, ConversionTally, Goal, Share, Tally
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def figures():
    """What two runs must agree on."""
    return {
        "people": list(User.objects.order_by("pk").values_list("email", flat=True)),
        "shares": Share.objects.aggregate(n=Count("pk"), declared=Count("declared_at")),
        "clicks": sorted(
            Tally.objects.values_list("kind").annotate(n=Sum("clicks"), u=Sum("uniques"))
        ),
        "conversions": ConversionTally.objects.total(),
        "contents": sorted(Content.objects.values_list("status").annotate(n=Count("pk"))),
    }


def test_the_demo_company_is_whole_sound_and_the_same_on_every_run():
    call_command("demo", stdout=StringIO())
    first = figures()
    assert (User.objects.count(), Content.objects.count()) == (2000, 60)
    assert Department.objects.filter(parent=None).count() == 12
    assert Location.objects.count() == 6
    assert sorted(Campaign.objects.values_list("kind", flat=True)) == [
        "change",
        "marketing",
        "recruiting",
    ]
    goal = Goal.objects.get(campaign__kind="recruiting")
    assert ConversionTally.objects.total() == goal.conversions.attributed().count() >= 10
    call_command("verify", stdout=StringIO())
    call_command("demo", stdout=StringIO())
    assert figures() == first


def test_nobody_is_written_to_about_the_demos_past():
    call_command("demo", stdout=StringIO())
    assert not Outbox.objects.exists()
    assert not Notification.objects.filter(channel="email").exists()


def test_the_demo_is_not_loaded_over_people_when_asked_to_spare_them():
    person = make_user()
    call_command("demo", "--if-empty", stdout=StringIO())
    assert list(User.objects.all()) == [person]


def test_the_demo_refuses_to_erase_a_real_installation(settings):
    settings.LOCAL = False
    person = make_user()
    with pytest.raises(CommandError, match="erase"):
        call_command("demo")
    assert list(User.objects.all()) == [person]
