"""What the DNS says of the domain mail leaves from, asked of a DNS server of the test's own."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse

from activity.mailing import domain
from tests.activity.name_server import name_server
from tests.factories import make_admin, make_manager

OURS = "mail.orvaly.example"
MX = {(OURS, "MX"): ["10 mx.orvaly.example."]}
DMARC = (f"_dmarc.{OURS}", "TXT")


def key_of(size):
    public = rsa.generate_private_key(65537, size).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()
    return [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))]


@pytest.fixture
def found(settings):
    """From DNS records to {title: Finding} for OURS."""

    def ask(records):
        with name_server(records) as address:
            settings.DNS_SERVERS = [address]
            return {finding.title: finding for finding in domain.check(OURS)}

    return ask


def spf(*texts):
    return {(OURS, "TXT"): [f'"{text}"' for text in texts]}


def test_a_domain_with_nothing_is_told_what_to_paste(found, settings):
    settings.EMAIL_HOST = "smtp.orvaly.example"
    findings = found({})
    assert [each.state for each in findings.values()] == ["missing"] * 4
    assert findings["SPF"].paste.value == "v=spf1 a:smtp.orvaly.example mx ~all"
    assert findings["DMARC"].paste.name == f"_dmarc.{OURS}"
    assert findings["DMARC"].paste.value.startswith("v=DMARC1; p=none; rua=mailto:")
    assert "_domainkey" in findings["DKIM"].paste.name


def test_a_domain_with_everything_is_good(found):
    key = {(f"selector1._domainkey.{OURS}", "TXT"): key_of(2048)}
    policy = {DMARC: ['"v=DMARC1; p=reject; rua=mailto:d@orvaly.example"']}
    findings = found(spf("v=spf1 mx -all", "other=1") | key | policy | MX)
    assert {each.state for each in findings.values()} == {"good"}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["v=spf1 mx +all"], "+all"),
        (["v=spf1 mx"], "~all"),
        (["v=spf1 mx -all", "v=spf1 -all"], ""),
        ([f"v=spf1 {' '.join(f'a:h{n}.example' for n in range(11))} -all"], "11"),
    ],
)
def test_an_spf_record_that_does_harm_is_named(found, texts, said):
    finding = found(spf(*texts))["SPF"]
    assert finding.state == "weak"
    assert any(said in sentence for sentence in finding.says)


def test_questions_are_counted_through_what_is_included_and_a_circle_ends(found):
    inner = {("a.example", "TXT"): [f'"v=spf1 {"mx " * 8} include:{OURS} -all"']}
    finding = found(spf("v=spf1 include:a.example mx -all") | inner)["SPF"]
    assert any("11" in sentence for sentence in finding.says)


@pytest.mark.parametrize(
    ("key", "said"),
    [(['"v=DKIM1; p="'], "p="), (['"v=DKIM1; p=MIIB"'], ""), (key_of(1024), "1024")],
)
def test_a_key_that_is_no_good_is_named(found, key, said):
    finding = found({(f"mail._domainkey.{OURS}", "TXT"): key})["DKIM"]
    assert finding.state == "weak"
    assert said in finding.says[0]


def test_a_policy_of_the_parent_domain_counts(found):
    parent = {
        ("_dmarc.orvaly.example", "TXT"): ['"v=DMARC1; p=quarantine; rua=mailto:d@x.example"']
    }
    finding = found(parent)["DMARC"]
    assert finding.state == "good"
    assert "orvaly.example" in finding.says[1]


@pytest.mark.parametrize(
    "policy", ["v=DMARC1; p=none; rua=mailto:a@b.example", "v=DMARC1; p=reject"]
)
def test_a_policy_that_only_watches_or_reports_nowhere_is_weak(found, policy):
    assert found({DMARC: [f'"{policy}"']})["DMARC"].state == "weak"


def test_without_a_way_to_the_dns_nothing_is_claimed(settings):
    settings.DNS_SERVERS = ["127.0.0.1:1"]
    with pytest.raises(domain.Unreachable):
        domain.check(OURS)


@pytest.mark.django_db
def test_the_page_asks_the_dns_only_when_told_to(client, settings):
    settings.DNS_SERVERS = ["127.0.0.1:1"]
    client.force_login(make_admin(language="en"))
    path = reverse("activity:mail-domain")
    assert "No DNS server answered" not in client.get(path).content.decode()
    assert "No DNS server answered" in client.get(path, {"check": 1}).content.decode()


@pytest.mark.django_db
def test_the_page_shows_what_to_paste_to_administrators_only(client, settings):
    path = reverse("activity:mail-domain")
    with name_server({}) as address:
        settings.DNS_SERVERS = [address]
        client.force_login(make_admin(language="en"))
        assert "v=DMARC1; p=none" in client.get(path, {"check": 1}).content.decode()
    client.force_login(make_manager())
    assert client.get(path).status_code == 403
