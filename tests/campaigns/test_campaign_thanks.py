"""A word of thanks for a campaign, and what is told to one person alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity.models import Notification
from campaigns.home.impact import Impact
from campaigns.home.thanks import Thanks, together
from tests.activity.post_office import expand_all
from tests.factories import (
    make_campaign,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_member,
    make_share,
    make_tally,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db
TEXT = {"text_fr": "Merci à chacune et à chacun.", "text_en": "Thank you, all of you."}


def share(member, content, clicks=0, day=None):
    link = make_link(member, content)
    make_share(link, declared_at=timezone.now())
    if clicks:
        make_tally(link, day=day or timezone.localdate(), clicks=clicks)
    return link


def sharers(campaign, number):
    content = make_content(campaign=campaign)
    members = [make_member(person={"user": make_user(language="en")}) for _ in range(number)]
    for member in members:
        share(member, content, clicks=10)
    return members


def say(as_user, campaign, **text):
    client = as_user(make_manager(language="en", first_name="Solange"))
    return client.post(f"/campaigns/{campaign.slug}/thanks/", TEXT | text)


# --- Saying it -------------------------------------------------------------------------------
def test_everybody_who_shared_reads_it_with_what_all_brought(as_user):
    campaign = make_campaign(name_en="Join us")
    members = sharers(campaign, 6)
    say(as_user, campaign)
    page = as_user(members[0].user).get("/impact/").content.decode()
    assert "Thank you, all of you." in page
    assert "together, 6 people brought 60 visits" in page


def test_the_bell_rings_once_for_those_who_shared_alone(as_user):
    campaign = make_campaign()
    members, other = sharers(campaign, 2), make_member()
    say(as_user, campaign)
    expand_all()
    say(as_user, campaign, text_en="Thank you again.")
    expand_all()
    heard = Notification.objects.filter(kind="campaign.thanked")
    assert sorted(heard.values_list("recipient", flat=True)) == sorted(m.pk for m in members)
    assert other.pk not in heard.values_list("recipient", flat=True)


def test_somebody_who_did_not_share_reads_nothing(as_user):
    campaign = make_campaign()
    sharers(campaign, 6)
    say(as_user, campaign)
    other = make_member(person={"user": make_user(language="en")})
    assert "Thank you, all of you." not in as_user(other.user).get("/impact/").content.decode()


def test_of_five_sharers_no_sum_is_told_since_each_could_take_their_own_away():
    campaign = make_campaign()
    sharers(campaign, 5)
    assert together(campaign) is None
    sharers(campaign, 1)
    assert together(campaign).people == 6


def test_a_campaign_for_a_handful_has_no_sum():
    board = make_department()
    campaign = make_campaign(audience={"departments": [board]})
    sharers(campaign, 8)
    assert together(campaign) is None


def test_it_is_said_in_french_where_there_is_no_english(as_user):
    campaign = make_campaign()
    [member] = sharers(campaign, 1)
    say(as_user, campaign, text_en="")
    page = as_user(member.user).get("/impact/").content.decode()
    assert '<p lang="fr">Merci à chacune et à chacun.</p>' in page


def test_an_empty_sentence_says_nothing(as_user):
    campaign = make_campaign()
    assert say(as_user, campaign, text_fr=" ").status_code == 422
    assert not Thanks.objects.exists()


def test_only_those_who_run_campaigns_say_it(as_user):
    campaign = make_campaign()
    path = f"/campaigns/{campaign.slug}/thanks/"
    assert as_user(make_user()).post(path, TEXT).status_code == 403
    draft = make_campaign(state="draft")
    assert say(as_user, draft).status_code == 404


# --- One's own effect ------------------------------------------------------------------------
def test_visits_per_post_are_told_from_three_posts_on():
    member = make_member()
    for clicks in (2, 4):
        share(member, make_content(), clicks)
    assert Impact(member).per_share is None
    share(member, make_content(), 6)
    assert Impact(member).per_share == 4


def test_visits_of_older_posts_do_not_make_new_ones_look_better():
    member, today = make_member(), timezone.localdate()
    for _ in range(3):
        share(member, make_content(), 1)
    old = make_link(member, make_content())
    make_share(old, declared_at=timezone.now() - timedelta(days=90))
    make_tally(old, day=today, clicks=300)
    assert Impact(member).per_share == 1


def test_a_topic_says_on_how_many_posts_it_stands():
    member, topic = make_member(), make_topic(name="Bois")
    share(member, make_content(topics=[topic]), 5)
    effect = Impact(member)
    assert effect.by_topic == [("Bois", 5, 100, 1, True)]
    assert effect.topics_are_few


def test_nobody_else_sees_ones_own_effect(as_user):
    member = make_member(person={"user": make_user(language="en")})
    title = "Une école que nul autre ne partage"
    share(member, make_content(title=title), clicks=4321)
    assert "4,321" in as_user(member.user).get("/impact/").content.decode()
    for reader in (make_manager(), make_member().user):
        pages = ["/impact/", f"/impact/?user={member.pk}", f"/impact/?ambassador={member.pk}"]
        for page in pages:
            assert "4,321" not in as_user(reader).get(page).content.decode()
