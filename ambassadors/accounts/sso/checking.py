"""The test button: what is wrong with a provider, in words that say what to do about it."""

from dataclasses import dataclass
from datetime import timedelta

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from requests import auth
from requests.exceptions import InvalidJSONError, RequestException

from ambassadors.accounts.sso import openid, saml
from ambassadors.accounts.sso.connection import NotSafe, Session, must_be_secure
from ambassadors.accounts.sso.models import Provider
from ambassadors.accounts.sso.sealing import Unreadable

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """kind: "success", "warn" or "danger", as banners have it."""

    kind: str
    text: str


class Wrong(Exception):
    """A sentence for the administrator; nothing further can be looked at."""


def check(provider: Provider) -> list[Finding]:
    """Asks the provider, without logging anybody in. Takes some seconds when it is slow."""
    look = _openid if provider.is_openid else _saml
    try:
        found = list(look(provider))
    except Wrong as wrong:
        return [Finding("danger", str(wrong))]
    if all(each.kind == "success" for each in found):
        text = _("All that can be seen from here is right. Try it in a private window.")
        found.append(Finding("success", text))
    return found


def why_not(error: Exception) -> str:
    """What went wrong on the way to a provider, for its administrator."""
    if isinstance(error, NotSafe):
        return _("The address must begin with https.")
    if isinstance(error, InvalidJSONError):
        return _("What answers there is no OpenID provider. Look at the issuer’s address.")
    if isinstance(error, openid.WrongIssuer):
        name = error.args[0] or "—"
        return _("The provider calls itself “%(name)s”: enter exactly that as the issuer.") % {
            "name": name
        }
    if isinstance(error, saml.NoMetadata):
        return _("This is not the metadata of a SAML identity provider with a signing certificate.")
    if isinstance(error, RequestException):
        return str(error)
    return _("The provider publishes no keys that could be used.")


def _openid(provider):
    try:
        described = openid.discover(provider.issuer)
        keys = openid.keys_at(described.get("jwks_uri", ""))
    except (RequestException, OAuth2Error) as error:
        raise Wrong(why_not(error)) from error
    missing = {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(described)
    if missing or not keys:
        raise Wrong(_("The provider’s description is incomplete."))
    yield Finding("success", _("The provider answers, and publishes its keys."))
    yield from _client(provider, described)
    if not provider.vouches and "email_verified" not in described.get("claims_supported", []):
        yield Finding(
            "warn",
            _(
                "The provider does not say that it confirms addresses. If people are refused for "
                "that, read about “email_verified” in the guide."
            ),
        )


def _client(provider, described):
    """A code that cannot be good: how it is refused tells whether the secret is."""
    form = {
        "grant_type": "authorization_code",
        "code": "porte-voix-test",
        "redirect_uri": provider.address_of("callback"),
        "code_verifier": "x" * 43,
    }
    try:
        secret = provider.secret
    except Unreadable:
        raise Wrong(_("The secret can no longer be read: enter it again.")) from None
    ways = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    sent = {"auth": auth.HTTPBasicAuth(provider.client_id, secret)}
    if "client_secret_post" in ways:
        sent, form = {}, form | {"client_id": provider.client_id, "client_secret": secret}
    try:
        must_be_secure(described["token_endpoint"])
        with Session() as session:
            said = session.request("POST", described["token_endpoint"], data=form, **sent).json()
    except RequestException as error:
        raise Wrong(why_not(error)) from error
    if said.get("error") in {"invalid_client", "unauthorized_client"}:
        raise Wrong(_("The provider does not accept this client ID with this secret."))
    yield Finding("success", _("The client ID and the secret are accepted."))


def _saml(provider):
    if provider.metadata_url:
        yield _same_metadata(provider)
    ends = [saml.certificate_of(each).not_valid_after_utc for each in provider.certificates]
    last, now = max(ends), timezone.now()
    day = {"day": date_format(timezone.localdate(last), "DATE_FORMAT")}
    if last < now:
        yield Finding("warn", _("The signing certificate ended on %(day)s: bring a new one.") % day)
    elif last < now + SOON:
        yield Finding("warn", _("The signing certificate ends on %(day)s.") % day)
    else:
        yield Finding("success", _("The signing certificate is good until %(day)s.") % day)


def _same_metadata(provider):
    try:
        now = saml.fetch_metadata(provider.metadata_url)
    except (RequestException, saml.NoMetadata) as error:
        raise Wrong(why_not(error)) from error
    kept = saml.Metadata(provider.entity_id, provider.sign_in_url, provider.certificates)
    if now == kept:
        return Finding("success", _("The metadata is the same as when it was read."))
    return Finding("warn", _("The provider’s metadata has changed: save this page to read it."))
