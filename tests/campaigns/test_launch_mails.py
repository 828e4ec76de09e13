"""What many are told alike is rendered once, and each still gets a mail of their own."""

import pytest

from activity.delivery import deliver
from activity.hearing import KINDS, sent_together
from activity.models import Notification, Preference
from activity.rendering import letter_of, letters_of
from activity.tokens import unsubscribe_url
from ambassadors.models import Ambassador
from config.settings import BASE_DIR
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_notification,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    found = make_campaign(state="running")
    make_content(campaign=found, status="published", title="A school that warms itself")
    return found


def told(campaign, **person):
    reader = make_ambassador(make_user(**person)).user
    return make_notification(
        recipient=reader, kind="campaign.launched", subject_id=str(campaign.pk)
    )


def claimed(*rows):
    return Notification.objects.claim(*(row.pk for row in rows))


def test_each_mail_is_the_one_its_reader_would_get_alone(campaign):
    rows = [told(campaign, language=language) for language in ("fr", "en", "fr", "en")]
    letters = letters_of(claimed(*rows))
    assert len({letter.html for letter in letters.values()}) == 4
    for row in rows:
        alone = letter_of(row)
        assert letters[row.pk] == alone
        assert unsubscribe_url(row.recipient_id, row.kind) in alone.html


def test_many_cost_as_many_queries_as_two(campaign, django_assert_num_queries, queries_of):
    rows = claimed(*(told(campaign) for _ in range(12)))
    few = queries_of(lambda: letters_of(rows[:2]))
    with django_assert_num_queries(few):
        letters_of(rows)


def test_who_left_or_turned_it_off_since_gets_nothing_and_the_others_do(campaign, mailoutbox):
    stays, left, refused, gone = (told(campaign) for _ in range(4))
    Ambassador.objects.get(user=left.recipient).leave()
    Preference.say(refused.recipient, refused.kind, "email", wanted=False)
    type(gone.recipient).objects.filter(pk=gone.recipient_id).update(is_active=False)
    deliver(*(row.pk for row in (stays, left, refused, gone)))
    assert [mail.to for mail in mailoutbox] == [[stays.recipient.email]]
    said = dict(Notification.objects.filter(state="skipped").values_list("pk", "error"))
    assert said == {
        left.pk: "no longer true",
        refused.pk: "no longer wanted",
        gone.pk: "the account is closed",
    }


def test_what_is_not_come_to_in_time_is_no_attempt_and_due_at_once(campaign, mailoutbox):
    rows = [told(campaign) for _ in range(3)]
    deliver(*(row.pk for row in rows), until=0)
    assert mailoutbox == []
    waiting = Notification.objects.filter(state="queued", attempts=0, lease_until=None)
    assert waiting.count() == 3


@pytest.mark.parametrize("kind", sent_together() or ["campaign.launched"])
def test_a_template_that_many_share_names_nobody(kind):
    assert KINDS[kind].contexts
    for template in (BASE_DIR / "templates/mail").glob(f"{kind}.*"):
        assert "person" not in template.read_text()
