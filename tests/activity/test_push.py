"""Messages in a browser: readable by it alone, signed by us, and forgotten with it."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse

from activity.models import Browser, Entry, Notification, PushKey
from activity.push import crypto, sending
from activity.transports.personal import CHANNELS
from tests.activity.post_office import deliver_all
from tests.activity.receivers import Receiver
from tests.factories import make_ambassador, make_notification, make_user
from tests.outside import answer

pytestmark = pytest.mark.django_db
HOST = "fcm.googleapis.com"
ADDRESS = f"https://{HOST}/fcm/send/abc"
# RFC 8291, section 5 and appendix A.
RFC = {
    "text": b"When I grow up, I want to be a watermelon",
    "key": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "ours": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "salt": "DGv6ra1nlYgDCS1FRnbzlw",
    "body": (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    ),
}


class Reader:
    """What a browser does with a push that comes to it."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._point = self._key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.key, self.auth = crypto.b64(self._point), crypto.b64(b"0123456789abcdef")

    def read(self, body):
        salt, length = body[:16], body[20]
        theirs, box = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )
        info = b"WebPush: info\0" + self._point + theirs
        secret = crypto._derive(shared, crypto.unb64(self.auth), info, 32)
        key = crypto._derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = crypto._derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        return json.loads(AESGCM(key).decrypt(nonce, box, None).rstrip(b"\x02"))


@pytest.fixture
def service(secure):
    return Receiver(secure, HOST)


def make_browser(person, reader=None, address=ADDRESS):
    reader = reader or Reader()
    return Browser.add(
        person, address=address, key=reader.key, auth=reader.auth, device="Chrome, Android"
    )


def make_push(person=None):
    return make_notification(channel="push", recipient=person or make_ambassador().user)


def test_the_encryption_is_the_one_of_the_rfc():
    body = crypto.encrypt(
        RFC["text"],
        RFC["key"],
        RFC["auth"],
        ours=crypto.private_key(RFC["ours"]),
        salt=crypto.unb64(RFC["salt"]),
    )
    assert crypto.b64(body) == RFC["body"]


def test_a_notification_arrives_as_words_only_the_browser_can_read(service):
    person, reader = make_ambassador().user, Reader()
    make_browser(person, reader)
    row = make_push(person)
    deliver_all()
    row.refresh_from_db()
    [(headers, body)] = service.got
    shown = reader.read(body)
    assert row.state == Notification.State.SENT
    assert shown["title"]
    assert shown["path"].startswith("/")
    assert shown["title"].encode() not in body
    assert headers["ttl"] == str(sending.KEPT_SECONDS)


def test_it_is_signed_with_our_key_for_that_service(service):
    person = make_ambassador().user
    make_browser(person)
    make_push(person)
    deliver_all()
    token, key = (part[2:] for part in service.got[0][0]["authorization"][6:].split(", "))
    assert key == PushKey.current().public
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), crypto.unb64(key))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=f"https://{HOST}")
    assert claims["sub"].startswith("mailto:")


def test_the_key_is_made_once_and_kept_sealed():
    first = PushKey.current()
    assert PushKey.current().public == first.public
    assert first.private not in first.sealed_private
    made = crypto.private_key(first.private).public_key()
    assert crypto.b64(crypto._point(made)) == first.public


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_a_browser_that_is_gone_is_forgotten(service, status):
    service.answers = [answer(status=status)]
    person = make_ambassador().user
    make_browser(person)
    row = make_push(person)
    deliver_all()
    row.refresh_from_db()
    assert not Browser.objects.exists()
    # What it would have said comes by mail, once.
    assert row.state == Notification.State.SKIPPED
    instead = Notification.objects.get(channel="email", recipient=person)
    assert (instead.kind, instead.subject_id) == (row.kind, row.subject_id)


@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
def test_a_service_that_is_busy_is_asked_again_later(service, status):
    service.answers = [answer(status=status)]
    person = make_ambassador().user
    make_browser(person)
    row = make_push(person)
    deliver_all()
    row.refresh_from_db()
    assert row.state == Notification.State.QUEUED
    assert Browser.objects.exists()


def test_one_browser_that_takes_it_is_enough(service):
    service.answers = [answer(status="410 Gone")]
    person = make_ambassador().user
    make_browser(person)
    make_browser(person, address=f"{ADDRESS}2")
    row = make_push(person)
    deliver_all()
    row.refresh_from_db()
    assert row.state == Notification.State.SENT
    assert Browser.objects.count() == 1


def test_who_has_no_browser_is_not_ready():
    with_one, without = make_user(), make_user()
    make_browser(with_one)
    ready = CHANNELS[Notification.Channel.PUSH].ready([with_one.pk, without.pk])
    assert ready == {with_one.pk}


def test_the_longest_message_still_fits():
    push = sending.Push(1, "🎉" * 300, "🎉" * 900, "/", "t", "fr-CA")
    reader = Reader()
    body = crypto.encrypt(push.as_bytes(), reader.key, reader.auth)
    assert len(body) <= crypto.RECORD
    assert reader.read(body)["title"].startswith("🎉")


def test_a_browser_asked_for_on_the_page_is_the_persons(as_user):
    person, reader = make_user(), Reader()
    data = {"address": ADDRESS, "key": reader.key, "auth": reader.auth}
    as_user(person).post(reverse("activity:push-add"), data)
    assert Browser.objects.get().person == person
    assert Entry.objects.filter(verb="preference.browser_added").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "https://evil.example/"},
        {"address": "https://fcm.googleapis.com.evil.example/"},
        {"address": "http://fcm.googleapis.com/fcm/send/abc"},
        {"address": "https://evilpush.apple.com/"},
        {"address": "https://a@127.0.0.1/.push.apple.com"},
        {"key": "AAAA"},
        {"key": "é"},
        {"auth": "short"},
    ],
)
def test_nobody_has_us_knock_anywhere_else(as_user, wrong):
    reader = Reader()
    data = {"address": ADDRESS, "key": reader.key, "auth": reader.auth} | wrong
    assert as_user(make_user()).post(reverse("activity:push-add"), data).status_code == 302
    assert not Browser.objects.exists()


def test_a_shared_browser_tells_only_who_asked_last(as_user):
    first, second = make_user(), make_user()
    make_browser(first)
    make_browser(second)
    assert Browser.objects.get().person == second


def test_the_eleventh_browser_takes_the_place_of_the_first():
    person = make_user()
    for n in range(11):
        make_browser(person, address=f"{ADDRESS}{n}")
    assert Browser.objects.of(person).count() == Browser.MOST
    assert not Browser.objects.filter(address=f"{ADDRESS}0").exists()


@pytest.mark.parametrize("name", ["push-remove", "push-test"])
def test_another_persons_browser_is_out_of_sight(as_user, name):
    browser = make_browser(make_user())
    path = reverse(f"activity:{name}", args=[browser.pk])
    assert as_user(make_user()).post(path).status_code == 404
    assert Browser.objects.exists()


def test_a_test_comes_to_the_browser_at_hand(as_user, service):
    person, reader = make_user(language="en"), Reader()
    browser = make_browser(person, reader)
    as_user(person).post(reverse("activity:push-test", args=[browser.pk]))
    assert reader.read(service.got[0][1])["title"] == "A test from Porte-voix"
