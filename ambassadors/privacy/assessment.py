"""The facts that an assessment of the privacy impact asks for (Québec: ÉFVP; EU: AIPD).

Nothing here is written by hand about an installation: it is what the settings, the tables and the
registry say at this moment, so that the page and the product cannot differ.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambassadors.accounts.models import Role, User
from ambassadors.accounts.sso.models import Provider
from ambassadors.accounts.tokens import ApiToken
from ambassadors.enrolment.models import Ambassador
from ambassadors.privacy.registry import sorts
from ambassadors.privacy.retention import RULES
from ambassadors.privacy.rights import bases
from ambassadors.privacy.words import label_of


@dataclass(frozen=True)
class Flow:
    """What leaves the machine, or comes to it. where: a host. what: which data."""

    name: Any
    where: str
    what: Any
    is_on: bool


OUTBOUND: list = []


def outbound(find):
    """Decorates a function that gives Flows: a slice that speaks to somebody outside says so."""
    OUTBOUND.append(find)
    return find


def facts() -> dict:
    by_right = bases()
    return {
        "organisation": settings.ORGANISATION,
        "contact": settings.HELP_EMAIL,
        "parts": [_part(sort, holdings, by_right) for sort, holdings in sorts().items()],
        "flows": [flow for find in OUTBOUND for flow in find()],
        "rules": list(RULES.values()),
        "security": list(_security()),
        "roles": _roles(),
        "people": User.objects.active().count(),
        "enrolled": Ambassador.objects.enrolled().count(),
        "minimum": settings.MINIMUM_GROUP,
        "undo_days": settings.ERASURE_UNDO_DAYS,
    }


def _part(sort, holdings, by_right):
    columns = dict.fromkeys(label_of(field) for each in holdings for field in each.columns)
    return {
        "sort": sort,
        "basis": by_right[sort.key],
        "tables": [each.label for each in holdings],
        "columns": list(columns),
    }


def _roles():
    """(role, how many hold it). Customers and employees are both ambassadors here."""
    active = User.objects.active()
    return [(role.label, active.with_role(role).count()) for role in Role]


@outbound
def _mail() -> list[Flow]:
    host = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    what = gettext_lazy("Names and addresses of those who are written to, and what the mail says.")
    return [Flow(gettext_lazy("Mail server"), host, what, True)]


@outbound
def _sign_on() -> list[Flow]:
    what = gettext_lazy("That somebody logs in. The address and the groups come back.")
    return [
        Flow(str(provider), _host(provider), what, provider.is_on)
        for provider in Provider.objects.all()
    ]


def _host(provider):
    return urlsplit(provider.issuer or provider.sign_in_url or provider.metadata_url).hostname or ""


@outbound
def _directory() -> list[Flow]:
    is_on = ApiToken.objects.filter(scope="scim", revoked_at=None).exists()
    what = gettext_lazy(
        "The company’s directory sends names, addresses and departments, and reads those back."
        " Nothing about taking part."
    )
    return [Flow(gettext_lazy("Company’s directory (SCIM)"), "", what, is_on)]


def _security():
    """(what, how it is here)."""
    yes, no = _("Yes"), _("No")
    yield _("Pages are reached by HTTPS only"), yes if settings.HTTPS else no
    hashers = settings.PASSWORD_HASHERS[0].rpartition(".")[2].removesuffix("PasswordHasher")
    yield _("Passwords are stored as"), hashers
    yield _("Second steps offered"), ", ".join(settings.MFA_SUPPORTED_TYPES)
    yield _("A session lasts, in days, at most"), settings.SESSION_COOKIE_AGE // 86400
    yield _("Other sites may load nothing into a page (Content-Security-Policy)"), yes
    yield _("Cookies set on visitors of a shared link"), _("None")
    yield _("Addresses of visitors stored"), _("None")
    yield _("Smallest group of which a figure is shown"), settings.MINIMUM_GROUP
    yield _("Days that single clicks are kept"), settings.RAW_CLICKS_DAYS
    yield _("Audit trail that the database refuses to change"), yes
    yield _("Time zone of the organisation"), settings.TIME_ZONE
