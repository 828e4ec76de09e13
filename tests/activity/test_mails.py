"""What arrives in a mailbox: two parts, the reader's language, headers no name can break."""

import re

import pytest
from django.template.loader import get_template

from activity import tasks
from activity.hearing import KINDS
from activity.transports.email import from_address, one_line
from ambassadors.models import Invitation
from tests.activity.post_office import html_of, text_of, work
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_manager,
    make_notification,
    make_user,
)

pytestmark = pytest.mark.django_db


def send(post_office, **fields):
    notification = make_notification(**fields)
    tasks.deliver(str(notification.pk))
    return post_office.only_mail()


def test_a_mail_has_both_parts_and_says_who_wrote_it(post_office):
    mail = send(post_office)
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "<h1" in html_of(mail)
    assert "<" not in text_of(mail)


@pytest.mark.parametrize(("language", "said"), [("fr", "fr-CA"), ("en", "en-CA")])
def test_a_mail_is_in_its_readers_language(post_office, language, said):
    person = make_ambassador(make_user(language=language)).user
    campaign = make_campaign(name_fr="Chantiers d’hiver", name_en="Winter sites")
    mail = send(post_office, recipient=person, subject_id=campaign.pk)
    assert f'lang="{said}"' in html_of(mail)
    assert ("Winter sites" in mail["Subject"]) == (language == "en")
    assert ("Chantiers d’hiver" in mail["Subject"]) == (language == "fr")


def test_a_text_is_not_written_as_html(post_office):
    campaign = make_campaign(name_fr="L'hiver & nous", objective_fr='Dire "<oui>" à l\'hiver')
    make_content(campaign=campaign)
    mail = send(post_office, subject_id=campaign.pk)
    assert "L'hiver & nous" in mail["Subject"]
    assert 'Dire "<oui>" à l\'hiver' in text_of(mail)
    assert "&lt;oui&gt;" in html_of(mail)


def test_a_bulk_mail_can_be_stopped_with_one_click(post_office):
    mail = send(post_office)
    [address] = re.findall(
        r"^<(http://127\.0\.0\.1:8000/u/[^>]+)>$", mail["List-Unsubscribe"].strip()
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in text_of(mail)
    assert address in html_of(mail)


def test_a_mail_that_is_owed_has_nothing_to_unsubscribe_from(post_office):
    mail = send(post_office, kind="invitation")
    assert mail["List-Unsubscribe"] is None
    assert "/u/" not in html_of(mail) + text_of(mail)


def test_links_lead_to_our_own_address_whatever_a_request_said(post_office, client, settings):
    user = make_user()
    Invitation.send(user)
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    client.post("/join/again/", {"email": user.email}, headers={"host": "evil.example"})
    work()
    mail = post_office.only_mail()
    links = re.findall(r"https?://[^/\"\s]+", html_of(mail) + text_of(mail))
    assert set(links) == {settings.BASE_URL}


def test_nothing_in_a_mail_says_that_it_was_opened(post_office):
    mail = send(post_office)
    pictures = re.findall(r"<img[^>]+src=\"([^\"]+)\"", html_of(mail))
    assert all(re.search(r"/static/icons/mark-96[^/]*\.png$", address) for address in pictures)


@pytest.mark.parametrize(
    "bad", ["\r\nBcc: all@orvaly.example", "\nBcc: all@orvaly.example", "\x0b", " "]
)
def test_a_name_cannot_add_a_header_or_a_recipient(post_office, bad):
    inviter = make_manager(first_name=f"Sophie{bad}", last_name=f"Lavoie{bad}")
    Invitation.send(make_user(first_name=f"Léo{bad}"), by=inviter)
    work()
    mail = post_office.only_mail()
    assert len(mail.envelope) == 1
    assert mail["Bcc"] is None
    assert "Sophie" in mail["From"]


def test_a_title_cannot_add_a_header(post_office):
    title = "Une école\r\nBcc: all@orvaly.example\r\n\r\n<script>alert(1)</script>"
    content = make_content(title=title, status="in_review")
    content.approve(by=make_manager())
    work()
    mail = post_office.only_mail()
    assert mail["Bcc"] is None
    assert mail.envelope == [content.author.email]
    assert "<script>" not in html_of(mail)


def test_a_name_cannot_pose_as_another_address():
    spoof = from_address('"Paie" <paie@banque.example>')
    assert spoof.endswith("<ambassadeurs@orvaly.example>")
    assert one_line("moc.euqnab\u202e Sophie\u2066") == "moc.euqnab Sophie"


def test_an_address_with_a_line_break_is_refused_for_good(post_office):
    notification = make_notification()
    type(notification.recipient).objects.filter(pk=notification.recipient_id).update(
        email="a@orvaly.example\r\nbcc: b@orvaly.example"
    )
    tasks.deliver(str(notification.pk))
    notification.refresh_from_db()
    assert notification.state == "failed"
    assert post_office.mails == []


def test_an_invitation_comes_from_whoever_invites(post_office):
    inviter = make_manager(first_name="Sophie", last_name="Lavoie")
    Invitation.send(make_user(), by=inviter)
    work()
    mail = post_office.only_mail()
    [sender] = mail["From"].addresses
    assert sender.display_name == "Sophie Lavoie, Orvaly"
    assert sender.addr_spec == "ambassadeurs@orvaly.example"
    assert mail["Reply-To"] == inviter.email


@pytest.mark.parametrize(
    "kind", [k for k in KINDS.values() if "email" in (k.offered or k.channels)]
)
@pytest.mark.parametrize("part", ["subject.txt", "txt", "html"])
def test_every_kind_that_may_come_by_mail_has_its_templates(kind, part):
    assert get_template(f"mail/{kind.name}.{part}")


def test_logs_hold_no_address(post_office, caplog):
    post_office.at_recipient.append("550 5.1.1 <someone@orvaly.example> unknown")
    notification = make_notification()
    with caplog.at_level("DEBUG"):
        tasks.deliver(str(notification.pk))
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("mail.")]
    assert any("was refused" in line for line in ours)
    assert not any("@" in line for line in ours)
