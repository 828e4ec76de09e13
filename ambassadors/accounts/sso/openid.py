"""OpenID Connect: allauth's state, PKCE and exchange of the code; what it leaves to others is here.

That is: a nonce, the ID token's signature (allauth trusts the line it came by), the issuer of the
discovery document, one subject in token and userinfo, and no parameter taken from the address.
"""

import base64
import hashlib
import hmac

import jwt
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache

from ambassadors.accounts.sso.arrival import Claim
from ambassadors.accounts.sso.connection import Session
from ambassadors.accounts.sso.models import Provider

# With a public key only: one that the client's secret could sign is one that a leak could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
SKEW = 60
REMEMBERED = 600
LONGEST_SUBJECT = 191
# A leeway for the ways in which providers write yes; everything else is a no.
YES = (True, 1, "true", "1")


class WrongIssuer(OAuth2Error):
    """The discovery document is another provider's than the one that was set up. args: its name."""


def app_of(provider: Provider) -> SocialApp:
    """What allauth wants to know of a provider; never saved, since `Provider` is where it is."""
    return SocialApp(
        provider="openid_connect",
        provider_id=provider.slug,
        name=provider.name,
        client_id=provider.client_id,
        secret=provider.secret,
        settings={"server_url": provider.issuer.rstrip("/")},
    )


def discover(issuer: str) -> dict:
    """The provider's own description. Raises NotReached, InvalidJSONError, WrongIssuer."""
    with Session() as session:
        found = session.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration").json()
    if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise WrongIssuer(str(found.get("issuer", ""))[:200])
    return found


def keys_at(address: str) -> list[jwt.PyJWK]:
    """The public keys tokens are signed with. Raises as `discover`; OAuth2Error without any."""
    with Session() as session:
        found = session.get(address).json()
    try:
        return [each for each in jwt.PyJWKSet.from_dict(found).keys if each.key_type != "oct"]
    except (jwt.PyJWTError, AttributeError) as error:
        raise OAuth2Error("no keys") from error


def nonce_of(code_verifier: str) -> str:
    """Bound to the browser by what is kept in its session anyway; says nothing of the verifier."""
    digest = hmac.digest(code_verifier.encode(), b"porte-voix.nonce", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self):
        if not hasattr(self, "_config"):
            issuer = self.get_provider().row.issuer
            name = f"sign-on-discovery:{issuer}"
            self._config = cache.get_or_set(name, lambda: discover(issuer), REMEMBERED)
        return self._config

    @property
    def basic_auth(self):
        """How the secret is sent. Who names no way means this one (OpenID Connect Discovery 3)."""
        ways = self.openid_config.get("token_endpoint_auth_methods_supported")
        return "client_secret_post" not in (ways or ["client_secret_basic"])

    def get_callback_url(self, request, app):
        return self.get_provider().row.address_of("callback")

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        """With the verifier comes the nonce; and who answers says so (RFC 9207)."""
        issuer = request.GET.get("iss")
        if issuer is not None and issuer != self.openid_config["issuer"]:
            raise OAuth2Error("the answer names another issuer")
        self.nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request, app, token, **kwargs):
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("no ID token")
        return super().complete_login(request, app, token, **kwargs)

    def _fetch_user_info(self, access_token):
        # Some have none: what they say is in the token.
        if not self.openid_config.get("userinfo_endpoint"):
            return {}
        return super()._fetch_user_info(access_token)

    def _decode_id_token(self, app, id_token):
        try:
            claims = self._verified(app, id_token)
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"ID token: {type(error).__name__}") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("ID token: another nonce")
        if isinstance(claims["aud"], list) and claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("ID token: for another party")
        return claims

    def _verified(self, app, id_token):
        return jwt.decode(
            id_token,
            self._key(jwt.get_unverified_header(id_token).get("kid")),
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=SKEW,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )

    def _key(self, kid):
        """The one that is named; the only one when none is. A new name is asked for once."""
        address = self.openid_config["jwks_uri"]
        for keys in (cache.get(f"sign-on-keys:{address}"), None):
            keys = keys or self._fresh_keys(address)
            parsed = [jwt.PyJWK.from_dict(each) for each in keys]
            fitting = [each for each in parsed if kid in (None, each.key_id)]
            if len(fitting) == 1:
                return fitting[0]
        raise OAuth2Error("ID token: signed with an unknown key")

    @staticmethod
    def _fresh_keys(address):
        keys = [each._jwk_data for each in keys_at(address)]
        cache.set(f"sign-on-keys:{address}", keys, REMEMBERED)
        return keys


class OpenID(OpenIDConnectProvider):
    oauth2_adapter_class = OpenIDAdapter

    @property
    def row(self):
        if not hasattr(self, "_row"):
            self._row = Provider.objects.get(slug=self.app.provider_id)
        return self._row

    def get_pkce_params(self):
        made = generate_code_challenge()
        return made | {"nonce": nonce_of(made["code_verifier"])}

    def get_scope(self):
        return ["openid", "profile", "email", *self.row.extra_scope.split()]

    def extract_uid(self, data):
        """`sub`, the same in the signed token and in userinfo: else these are two people."""
        subject = data["id_token"]["sub"]
        if data["userinfo"] and data["userinfo"].get("sub") != subject:
            raise OAuth2Error("userinfo of somebody else")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise OAuth2Error("no usable subject")
        return subject

    def extract_extra_data(self, data):
        """Nothing of what they say is kept; it is read once, by claim()."""
        self.said = data["id_token"] | data["userinfo"]
        return {}

    def extract_email_addresses(self, data):
        return []

    def extract_common_fields(self, data):
        return {}

    def claim(self, subject: str) -> Claim:
        said, row = self.said, self.row
        return Claim(
            provider=row,
            subject=subject,
            email=_text(said.get("email")),
            is_verified=_is_verified(said, row),
            first_name=_text(said.get("given_name")),
            last_name=_text(said.get("family_name")),
            groups=_groups(said, row.groups_claim),
        )


def _is_verified(said, row):
    """`email_verified`; Entra's `xms_edov`; or the administrator's word where nothing is said."""
    if "email_verified" in said:
        return said["email_verified"] in YES
    if "xms_edov" in said:
        return said["xms_edov"] in YES
    return row.vouches


def _groups(said, name):
    if not name:
        return []
    if name not in said and name in said.get("_claim_names", {}):
        # Entra, for people in more groups than fit: it names none of them.
        return None
    found = said.get(name, [])
    found = [found] if isinstance(found, str) else found
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _text(value):
    return value.strip() if isinstance(value, str) else ""


class Callback(OAuth2CallbackView):
    """As allauth's: checks the state, gives the code for a token, and calls the adapter's door."""
