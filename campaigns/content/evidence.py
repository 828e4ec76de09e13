"""What an item claims, while it is being written, and how a claim is kept in date afterwards."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambassadors.accounts.holders import who_may
from ambassadors.accounts.models import User
from ambassadors.accounts.policy import permission_required
from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.content.models import Claim, Content, WrongState
from campaigns.content.rows import RowSet
from campaigns.content.views import do

MOST_CLAIMS = 20


class Day(forms.DateInput):
    """The browser's own picker."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class ClaimForm(forms.Form):
    """One claim. An emptied one is taken out."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("What is claimed"),
        help_text=gettext_lazy("A figure, a first, a comparison: what may be asked proof of."),
        max_length=280,
        required=False,
    )
    source = forms.CharField(
        label=gettext_lazy("Where it comes from"), max_length=200, required=False
    )
    source_url = forms.URLField(
        label=gettext_lazy("Link to the source"),
        max_length=2000,
        assume_scheme="https",
        validators=[WEB_ONLY, validate_public],
        required=False,
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who keeps it true"),
        empty_label=None,
        required=False,
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        help_text=gettext_lazy("The day after, the item leaves the feed. Empty: it stays true."),
        widget=Day(),
        required=False,
    )

    def __init__(self, *args, owners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners

    @property
    def is_open(self):
        """Whether there is anything in it to be shown at once."""
        return any(self[name].value() for name in ("text", "source", "source_url", "valid_until"))

    def clean(self):
        data = super().clean()
        if not data.get("text") and (data.get("source") or data.get("source_url")):
            self.add_error("text", _("Say what is claimed, or empty its source too."))
        return data


class BaseClaimFormSet(RowSet):
    """The claims of one item. by: who writes, and answers for a new claim unless they say who."""

    is_final = False

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    @cached_property
    def owners(self):
        return User.objects.filter(pk__in=who_may("campaigns.write_content")).order_by(
            "first_name", "last_name"
        )

    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"owners": self.owners}

    @property
    def is_open(self):
        return any(form.is_open for form in self.forms)

    def clean(self):
        for form in self.forms:
            day = form.cleaned_data.get("valid_until") if form.is_valid() else None
            if self.is_final and day and day < timezone.localdate():
                form.add_error("valid_until", _("That day is over: look at the source again."))

    def save(self, content):
        """Adds, rewrites and removes."""
        known = {claim.pk: claim for claim in content.claims.all()}
        for form in self.forms:
            data = dict(form.cleaned_data)
            claim = known.get(data.pop("key", None))
            if not data.get("text"):
                if claim:
                    claim.delete()
                continue
            data["owner"] = data["owner"] or (claim.owner if claim else self.by)
            if claim:
                content.claims.filter(pk=claim.pk).update(**data, lapsed_at=None)
            else:
                content.claims.create(**data)


ClaimFormSet = forms.formset_factory(
    ClaimForm,
    formset=BaseClaimFormSet,
    extra=0,
    max_num=MOST_CLAIMS,
    absolute_max=MOST_CLAIMS,
    validate_max=True,
)


def claims_of(content, by):
    """What the rows begin with: the claims there are, or one that is empty."""
    there = content.claims.all() if content.pk else []
    return [
        {
            "key": claim.pk,
            "text": claim.text,
            "source": claim.source,
            "source_url": claim.source_url,
            "owner": claim.owner_id,
            "valid_until": claim.valid_until,
        }
        for claim in there
    ] or [{"owner": by.pk}]


def with_one_more_claim(data, by):
    """The posted data with an empty claim after the others."""
    data = data.copy()
    n = int(data.get("claims-TOTAL_FORMS") or 0)
    if n < MOST_CLAIMS:
        data["claims-TOTAL_FORMS"] = n + 1
        data[f"claims-{n}-owner"] = by.pk
    return data


class RenewForm(forms.Form):
    """Until when a claim may be said, its source having been looked at again."""

    valid_until = forms.DateField(label=gettext_lazy("Valid until"), widget=Day())

    def clean_valid_until(self):
        day = self.cleaned_data["valid_until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("That day is over: choose a later one."))
        return day


@require_POST
@permission_required("campaigns.write_content")
def claim_renew(request, pk):
    visible = Content.objects.visible_to(request.user)
    claims = Claim.objects.filter(content__in=visible).select_related("content__campaign")
    claim = get_object_or_404(claims, pk=pk)
    form = RenewForm(request.POST)
    if not form.is_valid():
        messages.warning(request, " ".join(form.errors["valid_until"]))
        return redirect(claim.content)
    try:
        claim.renew(request.user, form.cleaned_data["valid_until"])
    except WrongState:
        text = _("Nothing was changed: the item waits for a decision on these very words.")
        messages.warning(request, text)
    else:
        messages.success(request, _("The date is moved."))
    return redirect(claim.content)


@require_POST
@permission_required("campaigns.write_content")
def content_revive(request, pk):
    """An expired item becomes a draft again."""
    content = get_object_or_404(Content.objects.visible_to(request.user), pk=pk)
    done = _("A draft again: put right what is no longer so, then submit it.")
    return do(request, content, content.revive, done)
