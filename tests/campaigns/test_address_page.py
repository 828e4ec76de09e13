"""HR gives an item a short address on its page, moves it, turns it off, and prints its QR code."""

import io

import pytest
from PIL import Image

from ambassadors.models import Charter, Role
from campaigns.models import Content, Link, ShortAddress
from campaigns.sharing import qr
from tests.factories import (
    make_address,
    make_ambassador,
    make_campaign,
    make_content,
    make_manager,
    make_tally,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    client.force_login(make_manager(language="en"))
    return client


@pytest.fixture
def content():
    return make_content()


def give(page, content, code):
    return page.post(f"/library/{content.pk}/addresses/new/", {"code": code}, follow=True)


def test_an_address_is_given_as_it_is_said(page, content):
    answer = give(page, content, " Portes Ouvertes d’été ".replace("’", "-"))
    assert "/portes-ouvertes-d-ete leads to this item from now on." in answer.text
    assert content.addresses.get().code == "portes-ouvertes-d-ete"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ab", "Three to 32 letters"),
        ("abcdefgh", "look like a person’s link"),
        ("healthz", "kept for ourselves"),
        ("a/b?c", "Three to 32 letters"),
        ("", "This field is required"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(page, content, code, why):
    assert why in give(page, content, code).text
    assert not ShortAddress.objects.exists()


def test_one_that_is_taken_is_refused_and_says_by_what(page, content):
    make_address("metiers", make_content(campaign=content.campaign))
    make_address("autre-part")
    assert "you may bring it here" in give(page, content, "Métiers").text
    assert "is not handed on" in give(page, content, "autre-part").text
    assert not content.addresses.exists()


def test_an_address_of_the_campaign_is_brought_here(page, content):
    address = make_address("metiers", make_content(campaign=content.campaign))
    page.post(f"/library/{content.pk}/addresses/bring/", {"code": "metiers"})
    address.refresh_from_db()
    assert address.content == content
    assert Link.objects.of_programme().filter(content=content).count() == 2


def test_one_of_another_campaign_is_not(page, content):
    make_address("autre-part", make_content(campaign=make_campaign()))
    answer = page.post(f"/library/{content.pk}/addresses/bring/", {"code": "autre-part"})
    assert answer.status_code == 404


def test_it_is_turned_off_and_on_and_its_code_is_downloaded_while_it_is_on(page, content):
    address = make_address(content=content)
    at = f"/library/addresses/{address.pk}"
    assert "Turned off" in page.post(f"{at}/off/", follow=True).text
    assert f"{at}/qr.svg" not in page.get(f"/library/{content.pk}/").text
    assert "somebody was faster" in page.post(f"{at}/off/", follow=True).text
    page.post(f"{at}/on/")
    assert f"{at}/qr.svg" in page.get(f"/library/{content.pk}/").text


def test_the_page_says_what_its_addresses_brought(page, content):
    make_address(content=content)
    for scanned, clicks in ((False, 4), (True, 2)):
        make_tally(Link.objects.for_programme(content, scanned=scanned), clicks=clicks)
    answer = page.get(f"/library/{content.pk}/")
    assert "6 visits so far by these addresses, 2 of them by scanning the code." in answer.text


def test_nothing_is_given_to_what_was_withdrawn(page):
    content = make_content(status=Content.Status.WITHDRAWN)
    assert "Give this address" not in page.get(f"/library/{content.pk}/").text
    give(page, content, "adieu")
    assert not ShortAddress.objects.exists()


def test_an_ambassador_has_no_such_pages(client, content):
    address = make_address(content=content)
    client.force_login(make_user(role=Role.AMBASSADOR))
    paths = [f"/library/{content.pk}/addresses/{verb}/" for verb in ("new", "bring")]
    paths += [f"/library/addresses/{address.pk}/{verb}/" for verb in ("off", "on")]
    assert {client.post(path, {"code": "moi"}).status_code for path in paths} == {403}
    assert client.get(f"/library/addresses/{address.pk}/qr.svg").status_code == 403


# --- The code itself ---------------------------------------------------------------------------


def test_a_code_is_a_drawing_that_names_itself_and_a_picture_large_enough_to_print(page, content):
    address = make_address(content=content)
    svg, png = (page.get(f"/library/addresses/{address.pk}/qr.{kind}") for kind in ("svg", "png"))
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg["Content-Disposition"] == 'attachment; filename="qr-carrieres.svg"'
    assert f"<title>QR code: {address.said}</title>".encode() in svg.content
    picture = Image.open(io.BytesIO(png.content))
    assert (picture.format, picture.width) == ("PNG", picture.height)
    assert picture.width >= 800
    assert page.get(f"/library/addresses/{address.pk}/qr.gif").status_code == 404


def test_it_has_a_quiet_zone_and_survives_a_tear():
    picture = Image.open(io.BytesIO(qr.drawing("https://go.example/a?q", "A", "png"))).convert("L")
    edge = qr.QUIET_ZONE * qr.SCALE
    assert picture.crop((0, 0, picture.width, edge)).getextrema() == (255, 255)
    assert picture.crop((0, 0, edge, picture.height)).getextrema() == (255, 255)
    assert qr.segno.make_qr("https://go.example/a?q", error=qr.ERROR).error == "H"


def test_a_title_with_signs_stays_a_title():
    assert b"<title>a &amp; &lt;b&gt;</title>" in qr.drawing("https://x.example", "a & <b>", "svg")


@pytest.fixture
def ambassador():
    ambassador = make_ambassador(make_user(language="en"), networks=["linkedin"])
    ambassador.accept(Charter.objects.current(), language="en")
    return ambassador


@pytest.fixture
def hers(ambassador, as_user):
    return as_user(ambassador.user)


def test_a_person_has_a_code_of_their_own_counted_apart(hers, ambassador, content):
    answers = [hers.get(f"/share/{content.pk}/qr.{kind}") for kind in ("svg", "png", "svg")]
    assert [answer.status_code for answer in answers] == [200] * 3
    link = Link.objects.get(ambassador=ambassador)
    assert (link.network.slug, link.kind, link.content) == ("qr", "personal", content)
    assert f"<title>QR code: {link.said}</title>".encode() in answers[0].content


def test_what_has_ended_has_no_code(hers):
    ended = make_content(status=Content.Status.EXPIRED)
    assert hers.get(f"/share/{ended.pk}/qr.svg").status_code == 410
    assert not Link.objects.exists()


def test_nobody_is_offered_the_places_of_codes_as_a_network(hers, content):
    answer = hers.get(f"/share/{content.pk}/")
    assert "QR code to print or to show" in answer.text
    assert f'/share/{content.pk}/qr.svg"' in answer.text
    assert not {"?network=qr", "?network=programme"} & set(answer.text.split('"'))
    assert not Link.objects.exists()
