"""The digest: at the start of the person's own working day, once, and only if there is news."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from activity.models import Entry, Hours, Notification, Preference
from campaigns.models import Mute
from campaigns.sharing.digest import due_slot, period_before
from campaigns.tasks import send_due_digests
from tests.activity.post_office import deliver_all, html_of, text_of
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_department,
    make_link,
    make_person,
    make_share,
    make_tally,
    make_topic,
    make_user,
)

MONTREAL, PARIS = ZoneInfo("America/Montreal"), ZoneInfo("Europe/Paris")
A_TUESDAY = datetime(2026, 12, 1, 7, 31, tzinfo=MONTREAL)  # and the first one of its month
JOINED = datetime(2026, 11, 1, tzinfo=UTC)


def beat(at=A_TUESDAY, times=2):
    """Two beats tick, and the workers work."""
    with time_machine.travel(at):
        for _ in range(times):
            send_due_digests()
        deliver_all()


def reader(**fields):
    user = make_user(**{"time_zone": "America/Montreal"} | fields.pop("user", {}))
    return make_ambassador(user, **{"joined_at": JOINED} | fields)


def item(at=A_TUESDAY - timedelta(days=1), **fields):
    """An item published on the eve, in a campaign that runs until the new year."""
    fields.setdefault("campaign", winter_campaign())
    moments = {"publish_at": at, "published_at": at, "expires_at": at + timedelta(days=60)}
    return make_content(**moments | fields)


def winter_campaign(**fields):
    return make_campaign(starts_at=JOINED, ends_at=JOINED + timedelta(days=90), **fields)


def states():
    return list(Notification.objects.order_by("created_at").values_list("state", flat=True))


# --- When --------------------------------------------------------------------------------------
def slot(rhythm, moment, zone=MONTREAL):
    found = due_slot(rhythm, zone, moment.astimezone(UTC))
    return found and found.replace(tzinfo=None)


def test_a_week_begins_on_tuesday_at_half_past_seven():
    before, after = A_TUESDAY - timedelta(minutes=2), A_TUESDAY
    assert slot("weekly", before) is None
    assert slot("weekly", after) == datetime(2026, 12, 1, 7, 30)


def test_what_tuesday_missed_is_made_up_for_on_wednesday_and_not_on_friday():
    assert slot("weekly", A_TUESDAY + timedelta(days=1)) == datetime(2026, 12, 1, 7, 30)
    assert slot("weekly", A_TUESDAY + timedelta(days=3)) is None


def test_nothing_leaves_at_night_or_on_a_weekend():
    evening, saturday = A_TUESDAY.replace(hour=18), A_TUESDAY + timedelta(days=4)
    for rhythm in ("daily", "weekly", "monthly"):
        assert slot(rhythm, evening) is None
        assert slot(rhythm, saturday) is None


def test_a_working_day_is_monday_to_friday():
    days = [slot("daily", A_TUESDAY + timedelta(days=n)) for n in range(7)]
    assert [bool(day) for day in days] == [True, True, True, True, False, False, True]


def test_twice_a_week_is_tuesday_and_thursday():
    days = [slot("twice", A_TUESDAY + timedelta(days=n)) for n in (0, 2, 3)]
    assert [day and day.day for day in days] == [1, 3, 3]


def test_a_month_begins_on_its_first_tuesday():
    assert slot("monthly", A_TUESDAY) == datetime(2026, 12, 1, 7, 30)
    assert slot("monthly", A_TUESDAY + timedelta(days=7)) is None


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        # The week before and the week after the clocks change, in spring and in autumn.
        (MONTREAL, (2027, 3, 9), 12),
        (MONTREAL, (2027, 3, 16), 11),
        (MONTREAL, (2026, 10, 27), 11),
        (MONTREAL, (2026, 11, 3), 12),
        (PARIS, (2027, 3, 23), 6),
        (PARIS, (2027, 3, 30), 5),
        (PARIS, (2026, 10, 20), 5),
        (PARIS, (2026, 10, 27), 6),
    ],
)
def test_half_past_seven_is_by_the_persons_own_clock_all_year(zone, day, utc):
    moment = datetime(*day, utc, 30, tzinfo=UTC)
    assert due_slot("weekly", zone, moment - timedelta(minutes=1)) is None
    assert due_slot("weekly", zone, moment) == moment


@pytest.mark.parametrize(
    ("rhythm", "first", "last"),
    [
        ("daily", "2026-11-30", "2026-11-30"),
        ("twice", "2026-11-26", "2026-11-30"),
        ("weekly", "2026-11-23", "2026-11-29"),
        ("monthly", "2026-11-01", "2026-11-30"),
    ],
)
def test_the_effect_is_that_of_the_time_before(rhythm, first, last):
    days = period_before(rhythm, A_TUESDAY.date())
    assert [day.isoformat() for day in days] == [first, last]


# --- Who and what ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_digest_shows_three_items_and_comes_once(post_office):
    ambassador = reader()
    campaign = winter_campaign()
    contents = {item(campaign=campaign).title for _ in range(5)}
    beat()
    beat(A_TUESDAY + timedelta(hours=1))
    mail = post_office.only_mail()
    assert mail.envelope == [ambassador.user.email]
    assert sum(title in text_of(mail) for title in contents) == 3
    assert mail["List-Unsubscribe"]


@pytest.mark.django_db
def test_an_empty_digest_is_not_sent(post_office):
    reader()
    beat()
    assert post_office.mails == []
    assert Notification.objects.get().error == "nothing new"


@pytest.mark.django_db
def test_news_after_an_empty_slot_waits_for_the_next(post_office):
    reader()
    beat()
    item(at=A_TUESDAY + timedelta(minutes=30))
    beat(A_TUESDAY + timedelta(hours=1))
    assert post_office.mails == []
    beat(A_TUESDAY + timedelta(days=7))
    assert len(post_office.mails) == 1


@pytest.mark.django_db
def test_nothing_is_shown_twice(post_office):
    reader()
    campaign = winter_campaign()
    titles = [item(campaign=campaign).title for _ in range(5)]
    for week in range(3):
        beat(A_TUESDAY + timedelta(weeks=week))
    shown = [[title in text_of(mail) for title in titles] for mail in post_office.mails]
    assert [sum(week) for week in shown] == [3, 2]
    assert all(sum(weeks) == 1 for weeks in zip(*shown, strict=True))


@pytest.mark.django_db
def test_each_gets_it_at_their_own_half_past_seven(post_office):
    item(at=A_TUESDAY - timedelta(days=1))
    montreal, paris = reader(), reader(user={"time_zone": "Europe/Paris", "language": "en"})
    beat(datetime(2026, 12, 1, 7, 35, tzinfo=PARIS))
    assert [mail.envelope for mail in post_office.mails] == [[paris.user.email]]
    beat(A_TUESDAY)
    assert post_office.mails[1].envelope == [montreal.user.email]
    assert len(post_office.mails) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"rhythm": "never"}, {"state": "paused"}, {"joined_at": A_TUESDAY}]
)
def test_who_does_not_want_one_or_has_just_come_gets_none(post_office, fields):
    item()
    reader(**fields)
    beat()
    assert post_office.mails == []
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_who_unsubscribed_gets_none(post_office):
    item()
    Preference.say(reader().user, "digest", "email", wanted=False)
    beat()
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_only_what_is_meant_for_the_person_is_shown(post_office):
    department = make_department()
    inside, outside = reader(), reader()
    make_person(inside.user, department=department)
    item(campaign=winter_campaign(audience={"departments": [department]}))
    beat()
    assert [mail.envelope for mail in post_office.mails] == [[inside.user.email]]
    assert Notification.objects.get(recipient=outside.pk).error == "nothing new"


@pytest.mark.django_db
def test_only_followed_topics_and_none_at_all_are_shown(post_office):
    followed, ignored = make_topic(), make_topic()
    reader().topics.add(followed)
    on, off, none = item(topics=[followed]), item(topics=[ignored]), item()
    beat()
    text = text_of(post_office.only_mail())
    assert [content.title in text for content in (on, off, none)] == [True, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"status": "approved"},
        {"status": "withdrawn"},
        {"embargo_until": A_TUESDAY + timedelta(days=1)},
        {"at": A_TUESDAY - timedelta(days=61)},
    ],
)
def test_what_cannot_be_shared_or_is_no_news_is_left_out(post_office, fields):
    item(**fields)
    reader()
    beat()
    assert post_office.mails == []


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [{}, {"declared_at": None, "dismissed_at": JOINED}])
def test_what_the_person_has_answered_to_is_left_out(post_office, answer):
    make_share(make_link(reader(), item()), **answer)
    beat()
    assert post_office.mails == []


@pytest.mark.django_db
def test_what_is_withdrawn_between_the_beat_and_the_worker_is_not_shown(post_office):
    reader()
    content = item()
    with time_machine.travel(A_TUESDAY):
        send_due_digests()
        content.withdraw(by=content.author, note="Faux.")
        deliver_all()
    assert post_office.mails == []
    assert states() == ["skipped"]


@pytest.mark.django_db
def test_the_persons_own_effect_comes_first(post_office):
    ambassador, other = reader(user={"language": "en"}), reader()
    old = item(at=A_TUESDAY - timedelta(days=80))
    for person, clicks, day in [
        (ambassador, 30, 25),
        (ambassador, 7, 29),
        (ambassador, 99, 30),
        (other, 5, 25),
    ]:
        link, _new = old.links.get_or_create(
            ambassador=person, network=make_link(network="x").network
        )
        make_tally(link, clicks=clicks, day=datetime(2026, 11, day).date())
    item()
    beat()
    [mail] = post_office.to(ambassador.user)
    assert "Your shares brought 37 visits last week." in text_of(mail).split("\n")[0]
    assert "/impact/" in html_of(mail)


@pytest.mark.django_db
def test_a_digest_without_an_effect_does_not_mention_zero(post_office):
    reader(user={"language": "en", "first_name": "Zoé"})
    item()
    beat()
    mail = post_office.only_mail()
    assert text_of(mail).startswith("Hello Zoé. One new item for you.")
    assert mail["Subject"] == "1 item for you · 1 min"


@pytest.mark.django_db
def test_a_picture_comes_from_us_with_its_words(post_office):
    reader()
    item(image="content/abc.jpg", image_alt='Une école "passive"')
    beat()
    html = html_of(post_office.only_mail())
    assert 'src="http://127.0.0.1:8000/media/content/abc.jpg"' in html
    assert 'alt="Une école &quot;passive&quot;"' in html


@pytest.mark.django_db
def test_deciding_costs_the_same_for_one_person_and_for_eight(django_assert_num_queries):
    campaign = winter_campaign()
    item(campaign=campaign)
    for week, more in ((1, 1), (2, 7)):
        for _ in range(more):
            reader()
        item(at=A_TUESDAY + timedelta(weeks=week, days=-1), campaign=campaign)
        with time_machine.travel(A_TUESDAY + timedelta(weeks=week)), django_assert_num_queries(32):
            send_due_digests()
    assert Notification.objects.count() == 9


@pytest.mark.django_db
def test_colleagues_are_not_all_shown_the_same(post_office):
    campaign = winter_campaign()
    for _ in range(12):
        item(campaign=campaign)
    for _ in range(6):
        reader()
    beat()
    chosen = Notification.objects.values_list("data__items", flat=True)
    assert len({tuple(sorted(items)) for items in chosen}) > 1


@pytest.mark.django_db
def test_the_day_is_written_as_the_reader_writes_it(post_office):
    reader(user={"language": "en"})
    item()
    beat()
    with translation.override("en"), timezone.override(MONTREAL):
        assert "Tuesday, December 1" in html_of(post_office.only_mail())


# --- Away, muted, and not looked at --------------------------------------------------------------
@pytest.mark.django_db
def test_a_holiday_is_made_up_for_the_day_after(post_office, settings):
    settings.QUIET_HOURS = (time(18), time(7, 30))
    # The national day of Québec, 2027: a Thursday; of France, a Wednesday.
    holiday = datetime(2027, 6, 24, 7, 31, tzinfo=MONTREAL)
    ambassador = reader(rhythm="twice")
    item(
        at=holiday - timedelta(days=1),
        campaign=make_campaign(starts_at=JOINED, ends_at=holiday + timedelta(days=30)),
    )
    beat(holiday)
    assert not Notification.objects.exists()
    beat(holiday + timedelta(days=1))
    assert len(post_office.to(ambassador.user)) == 1


@pytest.mark.django_db
def test_nothing_is_decided_for_who_is_away(post_office):
    ambassador = reader()
    Hours.objects.create(
        person=ambassador.user, away_from=A_TUESDAY.date(), away_until=A_TUESDAY.date()
    )
    item()
    beat()
    assert not Notification.objects.exists()
    beat(A_TUESDAY + timedelta(days=1))
    assert len(post_office.mails) == 1


@pytest.mark.django_db
def test_a_muted_campaign_is_left_out(post_office):
    ambassador = reader()
    content = item()
    Mute.objects.create(campaign=content.campaign, ambassador=ambassador)
    beat()
    assert post_office.mails == []


def five_weeks(ambassador, after=lambda week, content: None):
    """A digest a week, with one new item each, and what the person does after each."""
    campaign = winter_campaign()
    for week in range(5):
        tuesday = A_TUESDAY + timedelta(weeks=week)
        content = item(at=tuesday - timedelta(days=1), campaign=campaign)
        beat(tuesday, times=1)
        # The database's clock stands still: it is moved by hand.
        mine = Notification.objects.filter(recipient=ambassador.pk, data__day=f"{tuesday:%Y-%m-%d}")
        mine.update(sent_at=tuesday)
        with time_machine.travel(tuesday + timedelta(hours=1)):
            after(week, content)
    ambassador.refresh_from_db()
    return ambassador.rhythm


@pytest.mark.django_db
def test_after_four_that_led_to_nothing_it_comes_once_a_month_and_says_so(post_office):
    ambassador = reader(user={"language": "en"})
    assert five_weeks(ambassador) == "monthly"
    said = ["from now on we write once a month" in text_of(mail) for mail in post_office.mails]
    assert said == [False, False, False, False, True]
    assert Entry.objects.filter(verb="ambassador.slowed").count() == 1


@pytest.mark.django_db
def test_whoever_does_something_with_one_item_keeps_the_rhythm(post_office):
    ambassador = reader()

    def share(week, content):
        if week == 2:
            make_share(make_link(ambassador, content), declared_at=None)

    assert five_weeks(ambassador, share) == "weekly"


@pytest.mark.django_db
def test_whoever_follows_a_link_of_it_keeps_the_rhythm(post_office):
    ambassador = reader()

    def press(week, content):
        if week == 2:
            Notification.objects.to(ambassador.user).mark_read()

    assert five_weeks(ambassador, press) == "weekly"
