"""How a report comes in: fetched from a mailbox, or handed in by a mail server."""

import pytest
from django.test import Client

from activity.mailing.mailbox import Place
from activity.mailing.models import Bounce
from activity.mailing.tasks import read_returns
from tests.activity.imap_server import Mailbox, imap_server
from tests.activity.mail_reports import AWAY, filled, returned
from tests.activity.test_mail_returns import sent

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32


def test_the_mailbox_is_emptied_of_reports_and_of_nothing_else(settings):
    mail = sent()
    box = Mailbox(filled(AWAY, mail), returned(mail))
    with imap_server(box) as port:
        settings.BOUNCE_MAILBOX = f"imap://retours:secret@127.0.0.1:{port}/INBOX"
        read_returns()
        read_returns()
    assert Bounce.objects.get().notification == mail.pk
    assert list(box.mails) == [1]
    assert box.read == {1}


@pytest.mark.parametrize("password", ["wrong", "secret"])
def test_a_mailbox_that_is_away_or_shut_is_asked_again_later(settings, caplog, password):
    with imap_server(Mailbox()) as port:
        port = port if password == "wrong" else 1
        settings.BOUNCE_MAILBOX = f"imap://retours:{password}@127.0.0.1:{port}/INBOX"
        read_returns()
    assert "cannot be read" in caplog.text
    assert "retours" not in caplog.text


def test_a_password_may_hold_any_character():
    place = Place.of("imaps://returns%40x.example:p%2Fw%3A@mail.example")
    assert (place.user, place.password) == ("returns@x.example", "p/w:")
    assert (place.port, place.folder, place.encrypted) == (993, "INBOX", True)


@pytest.mark.parametrize("url", ["https://a:b@c", "imaps://c/INBOX", "mailbox"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="not imaps"):
        Place.of(url)


def hand_in(raw, token=TOKEN):
    shown = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(enforce_csrf_checks=True)
    return client.post("/returns/", raw, content_type="message/rfc822", headers=shown).status_code


def test_a_mail_server_hands_a_report_in_by_its_token(settings):
    settings.BOUNCE_TOKEN = TOKEN
    assert hand_in(returned(sent())) == 204
    assert hand_in(b"anything") == 204
    assert Bounce.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x" * 32, "é"])
def test_without_the_token_nothing_is_taken(settings, token):
    settings.BOUNCE_TOKEN = TOKEN
    assert hand_in(returned(sent()), token) == 401
    assert not Bounce.objects.exists()


def test_without_a_token_set_there_is_no_door(settings):
    settings.BOUNCE_TOKEN = ""
    assert hand_in(returned(sent()), "") == 404


def test_an_endless_report_is_not_read_to_its_end(settings):
    settings.BOUNCE_TOKEN = TOKEN
    assert hand_in(b"x" * (2 * 2**20 + 1)) == 413
