import hashlib
import secrets
from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.groups import GroupRole
from ambassadors.accounts.sso.sealing import seal, unseal


def domain_of(email: str) -> str:
    """`orvaly.example` of `a@Orvaly.example`; "" of what is no address."""
    return email.strip().rpartition("@")[2].lower() if "@" in email else ""


def new_slug():
    """Random and never used twice: who was known to a removed provider is nobody to the next."""
    return secrets.token_hex(6)


class ProviderQuerySet(models.QuerySet):
    def on(self):
        return self.filter(is_on=True)

    def for_address(self, email):
        """The one provider that speaks for this address, or none. Domains are compared whole."""
        return self.filter(domains__domain=domain_of(email))


class Provider(models.Model):
    """Where the people of some e-mail domains log in, and what it may decide about them."""

    class Kind(models.TextChoices):
        OPENID = "openid", "OpenID Connect"
        SAML = "saml", "SAML 2.0"

    class Admits(models.TextChoices):
        KNOWN = "known", _("Only people who are already in the directory")
        ANYBODY = "anybody", _("Everybody the provider lets in; they start as ambassadors to be")

    kind = models.CharField(max_length=6, choices=Kind, editable=False)
    slug = models.CharField(max_length=20, unique=True, default=new_slug, editable=False)
    name = models.CharField(_("name"), max_length=60)
    is_on = models.BooleanField(_("people may log in with it"), default=False)
    admits = models.CharField(_("who comes in"), max_length=8, choices=Admits, default=Admits.KNOWN)
    # No password, no code by mail, for the people of its domains.
    is_required = models.BooleanField(_("the only way in"), default=False)
    # OpenID Connect
    issuer = models.CharField(_("issuer"), max_length=300, blank=True)
    client_id = models.CharField(_("client ID"), max_length=300, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    extra_scope = models.CharField(_("further scope"), max_length=100, blank=True)
    # A statement of the administrator, for providers that never say `email_verified`.
    vouches = models.BooleanField(_("its addresses are its own"), default=False)
    # SAML
    metadata_url = models.CharField(_("address of the metadata"), max_length=500, blank=True)
    entity_id = models.CharField(max_length=500, blank=True, editable=False)
    sign_in_url = models.CharField(max_length=500, blank=True, editable=False)
    certificates = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    subject_attribute = models.CharField(_("attribute that identifies"), max_length=200, blank=True)
    idp_initiated = models.BooleanField(_("logins may begin at the provider"), default=False)
    # What its groups give is said once for all that tell of groups: accounts/groups.py.
    groups_claim = models.CharField(_("name of the groups"), max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="openid") | (~Q(issuer="") & ~Q(client_id="")),
                name="provider_openid_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(kind="saml")
                | (~Q(entity_id="") & ~Q(sign_in_url="") & Q(certificates__len__gt=0)),
                name="provider_saml_is_complete",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("ambassadors:sign-on-edit", args=[self.pk])

    @property
    def is_openid(self):
        return self.kind == self.Kind.OPENID

    @property
    def secret(self):
        """The client's secret in the clear. Raises Unreadable. Never for a page, a log, a file."""
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, value):
        self.sealed_secret = seal(value)

    @property
    def gives_roles(self):
        """Whether its word on groups decides; where no group gives a role, nobody loses one."""
        return bool(self.groups_claim) and GroupRole.objects.exists()

    def speaks_for(self, email):
        return self.domains.filter(domain=domain_of(email)).exists()

    def address_of(self, page):
        """The whole address of one of this provider's pages here: "callback", "acs", "metadata"."""
        return settings.BASE_URL + reverse(f"ambassadors:sso-{page}", args=[self.slug])

    @transaction.atomic
    def set_up(self, domains, *, by):
        """Saves it with its domains. Raises IntegrityError when another has one of them."""
        before = self._facts(type(self).objects.filter(pk=self.pk).first())
        self.save()
        self.domains.exclude(domain__in=domains).delete()
        for domain in domains:
            self.domains.get_or_create(domain=domain)
        after = self._facts(self)
        if before != after:
            verb = "sign_on.changed" if before else "sign_on.added"
            record(verb, subject=self, actor=by, before=before, after=after)

    @staticmethod
    def _facts(provider):
        """What the audit trail says of it: everything but the secret, of which only a mark."""
        if provider is None:
            return {}
        left_out = {"id", "slug", "added_at", "sealed_secret", "certificates"}
        fields = [f.attname for f in provider._meta.concrete_fields if f.name not in left_out]
        return {name: getattr(provider, name) for name in fields} | {
            "domains": sorted(provider.domains.values_list("domain", flat=True)),
            "secret": _mark(provider.sealed_secret),
            "certificates": [_mark(each) for each in provider.certificates],
        }

    @transaction.atomic
    def remove(self, *, by):
        """Forgets it, and who was known to it: their accounts stay, with other ways in."""
        record("sign_on.removed", subject=self, actor=by, before=self._facts(self))
        SocialAccount.objects.filter(provider=self.slug).delete()
        self.delete()


def _mark(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


class ProviderDomain(models.Model):
    """An e-mail domain, and the one provider that may speak for the people there."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.CheckConstraint(
                condition=Q(domain=Lower("domain")), name="provider_domain_lower_case"
            )
        ]

    def __str__(self):
        return self.domain


class Spent(Exception):
    """This assertion has opened a session before."""


class SpentAssertion(models.Model):
    """An assertion that was used, until it would be too old anyway."""

    # Longer than clocks may differ.
    GRACE = timedelta(minutes=10)

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "mark"], name="assertion_spent_once")
        ]

    def __str__(self):
        return self.mark

    @classmethod
    def spend(cls, provider, assertion_id, until):
        """Raises Spent the second time. until: when the assertion itself is over."""
        cls.objects.filter(until__lt=timezone.now()).delete()
        mark = hashlib.sha256(assertion_id.encode()).hexdigest()
        try:
            with transaction.atomic():
                cls.objects.create(provider=provider, mark=mark, until=until + cls.GRACE)
        except IntegrityError:
            raise Spent from None
