import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from requests.exceptions import RequestException

from ambassadors.accounts.sso import saml
from ambassadors.accounts.sso.checking import why_not
from ambassadors.accounts.sso.connection import NotReached, must_be_secure
from ambassadors.accounts.sso.models import Provider, ProviderDomain

MOST_METADATA = 500_000


STRANGERS = [
    (Provider.Admits.KNOWN, _("are refused, and may ask for access")),
    (Provider.Admits.ANYBODY, _("come in with the lowest role")),
]


class Lines(forms.CharField):
    """A list, one item a line."""

    widget = forms.Textarea

    def __init__(self, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": 2}), **kwargs)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return list(dict.fromkeys(line for line in lines if line))


class ProviderForm(forms.ModelForm):
    domains = Lines(
        label=_("E-mail domains"),
        help_text=_(
            "One a line, such as orvaly.example. Addresses of other domains are never accepted "
            "from this provider."
        ),
    )

    class Meta:
        model = Provider
        fields = ("name", "admits", "is_required", "is_on", "groups_claim")
        help_texts = {
            "name": _("As people know it: it is on the button of the login page."),
            "is_required": _(
                "For these domains, passwords and codes by mail are refused. Administrators keep "
                "theirs, for the day the provider is down."
            ),
            "groups_claim": _(
                "Leave it empty to give roles by hand. With it, each login gives the highest role "
                "of the person’s groups, and the lowest when they are in none of these."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["admits"].label = _("People who are not in the directory yet")
        self.fields["admits"].choices = STRANGERS
        row = self.instance
        if row.pk:
            self.initial["domains"] = [each.domain for each in row.domains.all()]

    def clean_domains(self):
        domains = [each.lower().removeprefix("@") for each in self.cleaned_data["domains"]]
        for domain in domains:
            if domain not in settings.EMPLOYEE_DOMAINS:
                raise forms.ValidationError(
                    _("%(domain)s is not a domain of the company (EMPLOYEE_DOMAINS)."),
                    params={"domain": domain},
                )
        others = ProviderDomain.objects.exclude(provider=self.instance.pk)
        if taken := others.filter(domain__in=domains).first():
            raise forms.ValidationError(
                _("%(domain)s already logs in with %(name)s."),
                params={"domain": taken.domain, "name": taken.provider},
            )
        return domains

    def clean(self):
        said = super().clean()
        if said.get("is_required") and not said.get("is_on"):
            self.add_error("is_required", _("What is off cannot be the only way in."))
        return said

    def save_by(self, user):
        self.instance.set_up(self.cleaned_data["domains"], by=user)
        return self.instance


class OpenIDForm(ProviderForm):
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta(ProviderForm.Meta):
        fields = (
            *ProviderForm.Meta.fields,
            "issuer",
            "client_id",
            "extra_scope",
            "vouches",
        )
        help_texts = ProviderForm.Meta.help_texts | {
            "issuer": _("The provider’s address, such as https://login.orvaly.example/realm."),
            "vouches": _(
                "Needed where nothing says that an address is verified, as in Entra ID. Then we "
                "take its word for the domains above."
            ),
            "extra_scope": _("Okta calls it “groups”. Most providers need none."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["issuer"].required = self.fields["client_id"].required = True
        self.fields["vouches"].label = _("Every address it names was given out by our company")
        if self.instance.sealed_secret:
            self.fields["secret"].help_text = _(
                "One is kept, and shown to nobody. Fill this in only to replace it."
            )
        else:
            self.fields["secret"].required = True

    def clean_issuer(self):
        issuer = self.cleaned_data["issuer"].strip()
        issuer = issuer.removesuffix("/.well-known/openid-configuration")
        try:
            must_be_secure(issuer)
        except NotReached as error:
            raise forms.ValidationError(why_not(error)) from None
        if not issuer or re.search(r"[{}?#\s]|/(common|organizations|consumers)(/|$)", issuer):
            raise forms.ValidationError(
                _("This is no single company’s address. Entra ID needs your tenant’s ID in it.")
            )
        return issuer

    def save_by(self, user):
        if self.cleaned_data["secret"]:
            self.instance.secret = self.cleaned_data["secret"]
        return super().save_by(user)


class SAMLForm(ProviderForm):
    metadata = forms.CharField(
        label=_("Metadata"),
        required=False,
        max_length=MOST_METADATA,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("The XML itself, where it has no address that this server can read."),
    )

    class Meta(ProviderForm.Meta):
        fields = (
            *ProviderForm.Meta.fields,
            "metadata_url",
            "subject_attribute",
            "idp_initiated",
        )
        help_texts = ProviderForm.Meta.help_texts | {
            "metadata_url": _("Read when this page is saved."),
            "subject_attribute": _(
                "Leave it empty to use the NameID. Name another one where the NameID may change."
            ),
            "idp_initiated": _(
                "For tiles on a portal. Safer without: anybody’s link could then log people in as "
                "somebody else."
            ),
        }

    def clean(self):
        said = super().clean()
        text, url = said.get("metadata"), said.get("metadata_url")
        row = self.instance
        try:
            if text:
                self._take(saml.read_metadata(text.encode()))
            elif url:
                self._take(saml.fetch_metadata(url))
            elif not row.entity_id:
                self.add_error("metadata_url", _("Give the metadata’s address, or the XML below."))
        except (RequestException, saml.NoMetadata) as error:
            self.add_error("metadata" if text else "metadata_url", why_not(error))
        return said

    def _take(self, found):
        row = self.instance
        row.entity_id, row.sign_in_url = found.entity_id, found.sign_in_url
        row.certificates = found.certificates

    def _post_clean(self):
        # Django would judge the constraints before a metadata that could not be read was refused.
        if not self.errors:
            super()._post_clean()


FORMS = {Provider.Kind.OPENID: OpenIDForm, Provider.Kind.SAML: SAMLForm}
