"""SAML 2.0: python3-saml reads and verifies; what it leaves to others is here.

That is: an audience that must be there, an answer that belongs to a question, each assertion
once, a name that lasts, and no logins that begin elsewhere unless they were allowed.
"""

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from xmlsec import Error as XmlsecError

from ambassadors.accounts.sso.arrival import Claim, Refused
from ambassadors.accounts.sso.connection import Session, must_be_secure
from ambassadors.accounts.sso.models import Provider, Spent, SpentAssertion

MOST_CHARACTERS = 200_000
SIGN_IN = Constants.BINDING_HTTP_REDIRECT
LONGEST_SUBJECT = 191
EMAIL = (
    "email",
    "mail",
    "emailAddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
FIRST_NAME = (
    "firstName",
    "givenName",
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
)
LAST_NAME = (
    "lastName",
    "surname",
    "sn",
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
)
# What Entra sends to say that there were too many groups to name.
GROUPS_ELSEWHERE = "http://schemas.microsoft.com/claims/groups.link"
# All that a hostile document makes the libraries raise; ValueError is for DTDs and odd base64.
TROUBLE = (
    OneLogin_Saml2_Error,
    OneLogin_Saml2_ValidationError,
    LxmlError,
    XmlsecError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


class NoMetadata(Exception):
    """The text is no description of a SAML identity provider that could be used."""


@dataclass(frozen=True)
class Metadata:
    """What a provider says of itself. `certificates`: base64 of DER, one at least."""

    entity_id: str
    sign_in_url: str
    certificates: list[str]


def read_metadata(text: str | bytes) -> Metadata:
    """Raises NoMetadata; NotSafe where people would be sent to a page without encryption."""
    try:
        idp = OneLogin_Saml2_IdPMetadataParser.parse(text, required_sso_binding=SIGN_IN)["idp"]
        certificates = _signing(idp)
        found = Metadata(idp["entityId"], idp["singleSignOnService"]["url"], certificates)
        for each in certificates:
            certificate_of(each)
    except TROUBLE as error:
        raise NoMetadata from error
    if not certificates:
        raise NoMetadata
    must_be_secure(found.sign_in_url)
    return found


def fetch_metadata(url: str) -> Metadata:
    """As read_metadata; raises NotReached too."""
    with Session() as session:
        return read_metadata(session.get(url).content)


def _signing(idp):
    found = idp.get("x509certMulti", {}).get("signing") or [idp.get("x509cert", "")]
    return [re.sub(r"\s+", "", each) for each in found if each]


def certificate_of(text: str) -> x509.Certificate:
    """Raises ValueError."""
    lines = f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
    return x509.load_pem_x509_certificate(lines.encode())


def settings_of(provider: Provider) -> dict:
    """As python3-saml wants it. What it would let pass by default is refused here."""
    return {
        "strict": True,
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantNameId": True,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "signatureAlgorithm": Constants.RSA_SHA256,
            "digestAlgorithm": Constants.SHA256,
            "allowSingleLabelDomains": True,
        },
        "sp": {
            "entityId": provider.address_of("metadata"),
            "assertionConsumerService": {
                "url": provider.address_of("acs"),
                "binding": Constants.BINDING_HTTP_POST,
            },
        },
        "idp": {
            "entityId": provider.entity_id,
            "singleSignOnService": {"url": provider.sign_in_url, "binding": SIGN_IN},
            "x509certMulti": {"signing": provider.certificates},
        },
    }


def own_metadata(provider: Provider) -> bytes:
    """What the other side asks for: who we are, and where answers are sent."""
    made = OneLogin_Saml2_Settings(settings_of(provider), sp_validation_only=True)
    text = made.get_sp_metadata()
    return text.encode() if isinstance(text, str) else text


def question(provider: Provider) -> tuple[str, str]:
    """(its id, the address the browser is sent to with it)."""
    auth = OneLogin_Saml2_Auth(_request(provider), settings_of(provider))
    address = auth.login(return_to="")
    return auth.get_last_request_id(), address


def _request(provider):
    """Our own address as it is configured, whatever the request's headers say."""
    parts = urlsplit(provider.address_of("acs"))
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "path_info": "",
        "get_data": {},
        "post_data": {},
    }


@dataclass(frozen=True)
class Assertion:
    """A verified one. `answers`: the id of our question, or "" when it came unasked."""

    answers: str
    claim: Claim


def read(provider: Provider, encoded: str) -> Assertion:
    """Verifies an answer and uses it up. Raises Refused."""
    try:
        if not encoded or len(encoded) > MOST_CHARACTERS:
            raise Refused("answer_refused", provider, "There was nothing, or too much of it.")
        response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings(settings_of(provider)), encoded)
        answers = _question_of(response)
        response.is_valid(_request(provider), answers or None, raise_exceptions=True)
        _check_audience(response, provider)
        _check_recipient(response, provider)
        assertion = Assertion(answers, _claim(provider, response))
        until = dt.datetime.fromtimestamp(response.get_assertion_not_on_or_after(), dt.UTC)
        SpentAssertion.spend(provider, response.get_assertion_id(), until)
    except Spent:
        raise Refused("answer_refused", provider, "It has been used before.") from None
    except TROUBLE as error:
        raise Refused("answer_refused", provider, str(error)[:200]) from error
    return assertion


def _question_of(response):
    """Which question this answers, as the signed part says; the envelope must say the same."""
    said = {each.get("InResponseTo", "") for each in _confirmations(response)}
    if said != {response.get_xml_document().get("InResponseTo", "")}:
        raise ValueError("It answers another question, or more than one.")
    return said.pop()


def _confirmations(response):
    path = "//*[local-name()='SubjectConfirmationData']"
    return response.get_xml_document().xpath(path)


def _check_recipient(response, provider):
    """python3-saml takes one without a recipient, and one whose recipient holds our address."""
    if {each.get("Recipient") for each in _confirmations(response)} != {provider.address_of("acs")}:
        raise ValueError("It was made out to another address.")


def _check_audience(response, provider):
    """python3-saml lets an assertion for nobody in particular pass."""
    if provider.address_of("metadata") not in response.get_audiences():
        raise ValueError("It was made out to nobody in particular.")


def _claim(provider, response):
    said = response.get_attributes()
    name, form = response.get_nameid(), response.get_nameid_format()
    subject = name
    if provider.subject_attribute:
        subject = _first(said, [provider.subject_attribute])
    elif form == Constants.NAMEID_TRANSIENT:
        raise ValueError("The name in it (NameID) is a new one at each login.")
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise ValueError("It holds no name that identifies the person.")
    by_name = name if form == Constants.NAMEID_EMAIL_ADDRESS else ""
    return Claim(
        provider=provider,
        subject=subject,
        email=_first(said, EMAIL) or by_name,
        # Whoever signs for a domain has its mailboxes too; other domains it does not speak for.
        is_verified=True,
        first_name=_first(said, FIRST_NAME),
        last_name=_first(said, LAST_NAME),
        groups=_groups(said, provider.groups_claim),
    )


def _groups(said, name):
    if name not in said and GROUPS_ELSEWHERE in said:
        return None
    return [each for each in said.get(name, []) if each]


def _first(said, names):
    for name in names:
        for value in said.get(name, []):
            if value and value.strip():
                return value.strip()
    return ""
