"""Who hears of what."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from activity.log import record
from activity.models import Notification, Outbox
from ambassadors.accounts.holders import who_may
from tests.activity.post_office import html_of, text_of, work
from tests.factories import (
    make_admin,
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_department,
    make_link,
    make_manager,
    make_person,
    make_share,
    make_user,
)

pytestmark = pytest.mark.django_db


def rang_for(kind):
    rows = Notification.objects.filter(kind=kind, channel="bell")
    return set(rows.values_list("recipient", flat=True))


# --- A campaign --------------------------------------------------------------------------------
def test_a_launch_is_told_to_the_active_ambassadors_it_is_meant_for(post_office):
    department = make_department()
    meant, other, paused = make_ambassador(), make_ambassador(), make_ambassador(state="paused")
    for ambassador in (meant, paused):
        make_person(ambassador.user, department=department)
    campaign = make_campaign(state="scheduled", audience={"departments": [department]})
    campaign.launch()
    work()
    assert post_office.only_mail().envelope == [meant.user.email]
    assert rang_for("campaign.launched") == {meant.pk}
    assert other.user.notifications.count() == paused.user.notifications.count() == 0


def test_a_campaign_that_resumes_is_not_announced_again(post_office):
    make_ambassador()
    campaign = make_campaign(state="scheduled")
    campaign.launch()
    campaign.pause(by=None)
    campaign.resume(by=None)
    work()
    record("campaign.running", subject=campaign)
    work()
    assert len(post_office.mails) == 1


def test_a_launch_shows_what_there_is_to_share(post_office):
    make_ambassador()
    campaign = make_campaign(state="scheduled")
    content = make_content(campaign=campaign, status="approved", published_at=None)
    campaign.launch()
    work()
    mail = post_office.only_mail()
    assert content.title in text_of(mail)
    assert content.why in html_of(mail)


def test_a_campaign_sent_back_says_why_to_its_owner(post_office):
    campaign = make_campaign(state="in_review")
    campaign.send_back(by=make_manager(first_name="Sophie"), note="La cible manque.")
    work()
    mail = post_office.only_mail()
    assert mail.envelope == [campaign.owner.email]
    assert "La cible manque." in text_of(mail)
    assert "Sophie" in text_of(mail)


# --- An item -----------------------------------------------------------------------------------
def test_an_item_that_waits_rings_for_those_who_may_approve_it():
    author, other, admin = make_manager(), make_manager(), make_admin()
    make_ambassador()
    make_content(author=author, status="draft", published_at=None).submit(by=author)
    work()
    rang = rang_for("content.submitted")
    assert {other.pk, admin.pk} <= rang
    assert author.pk not in rang
    assert not Notification.objects.filter(channel="email").exists()


def test_where_two_eyes_are_enough_the_author_still_does_not_hear_of_it():
    author, other = make_manager(), make_manager()
    content = make_content(
        campaign=make_campaign(four_eyes=False), author=author, status="draft", published_at=None
    )
    content.submit(by=other)
    work()
    assert author.pk not in rang_for("content.submitted")


def test_an_approval_that_publishes_is_one_piece_of_news(post_office):
    content = make_content(status="in_review", published_at=None)
    content.approve(by=make_manager())
    work()
    assert post_office.only_mail().envelope == [content.author.email]
    assert content.author.notifications.filter(channel="bell").count() == 1


def test_an_item_published_later_rings_for_its_author(post_office):
    content = make_content(
        campaign=make_campaign(state="scheduled"), status="in_review", published_at=None
    )
    content.approve(by=make_manager())
    Outbox.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        content.campaign.launch()
        work()
    assert content.author_id in rang_for("content.published")
    assert post_office.mails == []


def test_a_request_for_changes_carries_its_note_and_leads_to_the_item(post_office):
    content = make_content(status="in_review", published_at=None)
    content.request_changes(by=make_manager(), note="Le chiffre de 40 %\nn’est plus bon.")
    work()
    mail = post_office.only_mail()
    assert "Le chiffre de 40 %" in text_of(mail)
    assert "40 %<br>n’est plus bon." in html_of(mail)
    assert reverse("campaigns:content-edit", args=[content.pk]) in text_of(mail)


def test_changes_that_were_made_meanwhile_are_not_asked_for(post_office):
    content = make_content(status="in_review", published_at=None)
    content.request_changes(by=make_manager(), note="Le titre.")
    content.submit(by=content.author)
    work()
    assert post_office.mails == []


def test_a_changed_text_is_decided_with_its_writer(post_office):
    caption = make_caption(writer=make_manager(), status="in_review")
    caption.request_changes(by=make_manager(), note="Trop long.")
    work()
    mail = post_office.only_mail()
    assert mail.envelope == [caption.writer.email]
    assert "LinkedIn" in text_of(mail)


def test_nobody_is_told_what_they_have_just_done(post_office):
    author = make_manager()
    content = make_content(
        campaign=make_campaign(four_eyes=False),
        author=author,
        status="in_review",
        published_at=None,
    )
    content.approve(by=author)
    work()
    assert post_office.mails == []
    assert author.notifications.count() == 0


# --- A recall ----------------------------------------------------------------------------------
def test_a_withdrawal_reaches_everybody_who_posted_it_and_nobody_else(post_office):
    content = make_content()
    posted, opened, left = (make_link(content=content) for _ in range(3))
    make_share(posted)
    make_share(make_link(posted.ambassador, content, network="x"))
    make_share(opened, declared_at=None)
    make_share(left)
    left.ambassador.leave()
    make_ambassador()
    content.withdraw(by=make_manager(), note="Le chiffre était faux.")
    work()
    mail = post_office.only_mail()
    assert mail.envelope == [posted.ambassador.user.email]
    assert "Le chiffre était faux." in text_of(mail)
    assert "LinkedIn" in text_of(mail)
    assert rang_for("content.withdrawn") == {posted.ambassador_id}


# --- Who may -----------------------------------------------------------------------------------
def test_who_may_is_what_the_policy_says():
    manager, admin = make_manager(), make_admin()
    make_user()
    make_manager(is_active=False)
    assert set(who_may("campaigns.approve_content")) == {manager.pk, admin.pk}
    assert who_may("ambassadors.change_role") == [admin.pk]
    assert set(who_may("campaigns.approve_content", make_content(author=manager))) >= {admin.pk}


def test_asking_who_may_costs_the_same_for_one_manager_and_for_five(django_assert_num_queries):
    content = make_content()
    for more in (0, 4):
        for _ in range(more):
            make_manager()
        found = type(content).objects.select_related("campaign")
        found = found.prefetch_related("captions", "campaign__approvers")
        with django_assert_num_queries(1 + 3):
            who_may("campaigns.approve_content", found.get(pk=content.pk))
