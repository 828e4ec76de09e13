"""Logging in at a real SAML identity provider, and with what a forger makes of its answers."""

import base64
import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import xmlsec
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from lxml import etree

from activity.models import Entry
from ambassadors.accounts.sso import saml
from ambassadors.accounts.sso.models import Provider
from ambassadors.models import GroupRole, Role, User
from tests.ambassadors.identity import encoded, key_pair, private, saml_provider
from tests.factories import make_admin, make_provider, make_user

pytestmark = pytest.mark.django_db
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
NAMES = {"saml": SAML, "ds": "http://www.w3.org/2000/09/xmldsig#"}
FORGED = (Path(__file__).parent / "saml_response.xml").read_text()


@pytest.fixture(scope="module")
def idp(tmp_path_factory):
    with saml_provider(tmp_path_factory.mktemp("saml")) as running:
        yield running


@pytest.fixture
def company(idp):
    read = saml.read_metadata(idp.metadata)
    provider = make_provider(
        "saml",
        entity_id=read.entity_id,
        sign_in_url=read.sign_in_url,
        certificates=read.certificates,
    )
    idp.serves(provider)
    idp.people.are(lea=person())
    return provider


@pytest.fixture
def lea():
    return make_user(email="lea@orvaly.example")


def person(**said):
    return {"nameid": "n-1", "email": "lea@orvaly.example", "firstName": "Léa"} | said


def begin(client, company, path=""):
    address = reverse("ambassadors:sso-begin", args=[company.slug])
    return client.get(address, {"next": path})["Location"]


def post(client, company, form):
    """The provider's page posts, without our cookies; the browser then follows with them."""
    bare = Client()
    answer = bare.post(reverse("ambassadors:sso-acs", args=[company.slug]), form)
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def log_in(client, idp, company, path=""):
    return post(client, company, idp.log_in(begin(client, company, path), "lea"))


def is_in(client):
    return "_auth_user_id" in client.session


def refused(client, answer):
    return answer.status_code == 403 and not is_in(client) and not SocialAccount.objects.exists()


def why():
    return Entry.objects.filter(verb="sign_on.refused").first().data


# --- The real one -------------------------------------------------------------------------------


def test_a_known_person_comes_in(client, idp, company, lea):
    answer = log_in(client, idp, company, "/charter/")
    assert (answer.status_code, answer["Location"]) == (302, "/charter/")
    assert client.session["_auth_user_id"] == str(lea.pk)
    assert SocialAccount.objects.get().uid == "n-1"


def test_an_unknown_person_starts_with_the_lowest_role(client, idp, company):
    Provider.objects.update(admits="anybody")
    log_in(client, idp, company)
    assert User.objects.get(email="lea@orvaly.example").role == Role.AMBASSADOR


def test_an_address_of_another_domain_is_refused(client, idp, company):
    idp.people.are(lea=person(email="lea@stranger.example"))
    make_user(email="lea@stranger.example")
    Provider.objects.update(admits="anybody")
    assert refused(client, log_in(client, idp, company))


def test_a_changed_address_brings_nobody_elses_account(client, idp, company, lea):
    log_in(client, idp, company)
    client.logout()
    make_admin(email="boss@orvaly.example")
    idp.people.are(lea=person(email="boss@orvaly.example"))
    log_in(client, idp, company)
    assert client.session["_auth_user_id"] == str(lea.pk)


def test_groups_give_roles(client, idp, company, lea):
    make_admin()
    Provider.objects.update(groups_claim="groups")
    GroupRole.objects.set_role("rh", Role.MANAGER, by=None)
    idp.people.are(lea=person(groups=["x", "rh"]))
    log_in(client, idp, company)
    lea.refresh_from_db()
    assert lea.role == Role.MANAGER


def test_an_answer_is_good_once(client, idp, company, lea):
    form = idp.log_in(begin(client, company), "lea")
    assert post(client, company, form).status_code == 302
    client.logout()
    assert post(client, company, form).status_code == 403
    assert not is_in(client)
    assert why()["detail"] == "It has been used before."


def test_another_browser_cannot_be_logged_in_with_my_answer(client, idp, company, lea):
    """Login CSRF: the attacker's page posts the attacker's answer from the victim's browser."""
    form = idp.log_in(begin(Client(), company), "lea")
    begin(client, company)
    assert refused(client, post(client, company, form))


def test_a_strangers_relay_state_leads_nowhere(client, idp, company, lea):
    form = idp.log_in(begin(client, company, "/charter/"), "lea")
    form["RelayState"] = "https://evil.example/"
    assert post(client, company, form)["Location"] == "/charter/"


def test_our_metadata_says_what_we_ask_for(client, company):
    text = client.get(reverse("ambassadors:sso-metadata", args=[company.slug])).content
    found = etree.fromstring(text)
    assert found.get("entityID") == company.address_of("metadata")
    assert b'WantAssertionsSigned="true"' in text


# --- The forger, who may even have the provider's key --------------------------------------------


def forge(company, idp, question="", *, key=None, signed=True, edit=None, sha1=False, **said):
    """An answer that is right but for `said`, signed with the provider's own key unless told."""
    now = dt.datetime.now(dt.UTC)
    right = {
        "id": "_r1",
        "assertion": "_a1",
        "now": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "until": (now + dt.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "issuer": company.entity_id,
        "acs": company.address_of("acs"),
        "recipient": company.address_of("acs"),
        "audience": company.address_of("metadata"),
        "answers": f'InResponseTo="{question}"' if question else "",
        "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "name": "n-1",
        "email": "lea@orvaly.example",
    }
    document = etree.fromstring(FORGED.format(**right | said).encode())
    if edit:
        edit(document)
    if signed:
        sign(document.find("saml:Assertion", NAMES), key or idp.key, sha1=sha1)
    return document


def sign(node, key, *, sha1=False):
    how = xmlsec.Transform
    method, digest = (how.RSA_SHA1, how.SHA1) if sha1 else (how.RSA_SHA256, how.SHA256)
    template = xmlsec.template.create(node, how.EXCL_C14N, method, ns="ds")
    node.insert(1, template)
    reference = xmlsec.template.add_reference(template, digest, uri=f"#{node.get('ID')}")
    xmlsec.template.add_transform(reference, how.ENVELOPED)
    xmlsec.template.add_transform(reference, how.EXCL_C14N)
    xmlsec.tree.add_ids(node, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(private(key), xmlsec.KeyFormat.PEM)
    context.sign(template)


def send(client, company, document):
    return post(client, company, {"SAMLResponse": encoded(etree.tostring(document))})


def ask(client, company):
    """Begins a login; the id of our question, as the session has it."""
    begin(client, company)
    return list(client.session["sso_questions"])[-1]


def test_a_forgery_with_nothing_wrong_would_be_taken(client, idp, company, lea):
    """Or else none of those below would show anything."""
    answer = send(client, company, forge(company, idp, ask(client, company)))
    assert answer.status_code == 302, why()
    assert is_in(client)


PAST = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": "https://another.example/metadata"},
        {"audience": ""},
        {"issuer": "https://evil.example/idp"},
        {"acs": "https://another.example/acs"},
        {"recipient": "https://another.example/acs"},
        {"until": PAST},
        {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        {"name": ""},
        {"name": "n" * 300},
        {"signed": False},
        {"sha1": True},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_an_answer_for_another_purpose_is_refused(client, idp, company, lea, wrong):
    assert refused(
        client, send(client, company, forge(company, idp, ask(client, company), **wrong))
    )


def test_an_answer_signed_by_somebody_else_is_refused(client, idp, company, lea):
    stranger, _certificate = key_pair()
    document = forge(company, idp, ask(client, company), key=stranger)
    assert refused(client, send(client, company, document))


def test_a_word_changed_after_the_signature_is_refused(client, idp, company, lea):
    document = forge(company, idp, ask(client, company))
    document.find(".//saml:NameID", NAMES).text = "n-2"
    assert refused(client, send(client, company, document))


def without_audience(document):
    conditions = document.find(".//saml:Conditions", NAMES)
    conditions.remove(conditions.find("saml:AudienceRestriction", NAMES))


def without_end(document):
    del document.find(".//saml:SubjectConfirmationData", NAMES).attrib["NotOnOrAfter"]


def without_recipient(document):
    del document.find(".//saml:SubjectConfirmationData", NAMES).attrib["Recipient"]


def recipient_that_holds_ours(document):
    data = document.find(".//saml:SubjectConfirmationData", NAMES)
    data.set("Recipient", f"https://evil.example/?{data.get('Recipient')}")


def answers_another_question_inside(document):
    document.find(".//saml:SubjectConfirmationData", NAMES).set("InResponseTo", "_of_another")


def answers_only_outside(document):
    del document.find(".//saml:SubjectConfirmationData", NAMES).attrib["InResponseTo"]


@pytest.mark.parametrize(
    "edit",
    [
        without_audience,
        without_end,
        without_recipient,
        recipient_that_holds_ours,
        answers_another_question_inside,
        answers_only_outside,
    ],
)
def test_an_answer_that_leaves_the_decisive_word_out_is_refused(client, idp, company, lea, edit):
    document = forge(company, idp, ask(client, company), edit=edit)
    assert refused(client, send(client, company, document))


def wrap_beside(document):
    """XSW: a second assertion, unsigned, before the signed one."""
    evil = etree.fromstring(etree.tostring(document.find("saml:Assertion", NAMES)))
    evil.remove(evil.find("ds:Signature", NAMES))
    evil.set("ID", "_evil")
    evil.find(".//saml:NameID", NAMES).text = "n-boss"
    document.insert(2, evil)


def wrap_inside(document):
    """XSW: the signed one is carried inside the signature of the evil one."""
    good = document.find("saml:Assertion", NAMES)
    evil = etree.fromstring(etree.tostring(good))
    signature = evil.find("ds:Signature", NAMES)
    evil.set("ID", "_evil")
    evil.find(".//saml:NameID", NAMES).text = "n-boss"
    document.replace(good, evil)
    etree.SubElement(signature, f"{{{NAMES['ds']}}}Object").append(good)


def wrap_same_id(document):
    """XSW: two with the id the signature speaks of."""
    wrap_beside(document)
    document.find("saml:Assertion", NAMES).set("ID", "_a1")


def comment_in_the_name(document):
    """A comment splits the text some parsers see: lea@… becomes boss@… without a broken signature."""
    email = document.find(".//saml:AttributeValue", NAMES)
    email.text = "boss@orvaly.example"
    email.append(etree.Comment("x"))
    email[-1].tail = ".evil.example"


@pytest.mark.parametrize("wrap", [wrap_beside, wrap_inside, wrap_same_id])
def test_a_wrapped_signature_is_refused(client, idp, company, lea, wrap):
    document = forge(company, idp, ask(client, company))
    wrap(document)
    assert refused(client, send(client, company, document))


def test_a_comment_does_not_shorten_an_address(client, idp, company):
    make_admin(email="boss@orvaly.example")
    document = forge(company, idp, ask(client, company), edit=comment_in_the_name)
    assert refused(client, send(client, company, document))


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE], ids=["bomb", "file"])
def test_a_document_with_entities_is_refused(client, idp, company, lea, doctype):
    text = etree.tostring(forge(company, idp, ask(client, company)))
    answer = post(client, company, {"SAMLResponse": encoded(doctype + text)})
    assert refused(client, answer)


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE], ids=["bomb", "file"])
def test_metadata_with_entities_is_refused(idp, doctype):
    with pytest.raises(saml.NoMetadata):
        saml.read_metadata(doctype + idp.metadata.encode())


@pytest.mark.parametrize(
    "text", ["", "%%%", "AAAA", base64.b64encode(b"<a/>").decode(), "A" * 300_000]
)
def test_rubbish_is_refused_without_a_trace(client, company, text):
    answer = post(client, company, {"SAMLResponse": text})
    assert answer.status_code == 403


def test_a_login_that_begins_at_the_provider_is_refused(client, idp, company, lea):
    assert refused(client, send(client, company, forge(company, idp)))


@pytest.mark.parametrize(
    ("relay", "path"),
    [
        ("/charter/", "/charter/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_where_it_is_allowed_its_relay_state_must_be_a_path_of_ours(
    client, idp, company, lea, relay, path
):
    Provider.objects.update(idp_initiated=True)
    form = {"SAMLResponse": encoded(etree.tostring(forge(company, idp))), "RelayState": relay}
    assert post(client, company, form)["Location"] == path


def test_a_stolen_answer_is_not_passed_off_as_begun_at_the_provider(client, idp, company, lea):
    Provider.objects.update(idp_initiated=True)
    document = forge(company, idp, "_of_another")
    del document.attrib["InResponseTo"]
    assert refused(client, send(client, company, document))


def test_an_answer_waits_for_a_browser_once(client, idp, company, lea):
    Provider.objects.update(idp_initiated=True)
    form = {"SAMLResponse": encoded(etree.tostring(forge(company, idp)))}
    answer = Client().post(reverse("ambassadors:sso-acs", args=[company.slug]), form)
    assert client.get(answer["Location"]).status_code == 302
    assert Client().get(answer["Location"]).status_code == 403
    assert urlsplit(answer["Location"]).netloc == ""
