from django import forms
from django.conf import settings
from django.forms.utils import ErrorDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns.content.addresses import page_key, validate_public, without_tracking
from campaigns.content.forms import MOST_TOPICS
from campaigns.content.models import Content
from campaigns.planning.forms import web_first
from campaigns.planning.models import Campaign
from campaigns.sources.models import Proposal, Source


class SourceForm(forms.ModelForm):
    """Which feed or page is read, and what becomes of its articles."""

    class Meta:
        model = Source
        formfield_callback = web_first
        fields = ("kind", "url", "name", "campaign", "language", "topics", "per_day")
        widgets = {
            "kind": forms.RadioSelect(),
            "url": forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
            "topics": forms.CheckboxSelectMultiple(),
        }
        help_texts = {
            "url": _("The address of the feed itself, or of a page that lists your articles."),
            "name": _("Left empty, “Read it now” fills in what the feed calls itself."),
            "campaign": _("Articles become drafts of this campaign, held until somebody looks."),
            "language": _("Where an article does not say."),
            "topics": _("At most three. Those an article names itself are added."),
            "per_day": _("What comes on top waits for the next day. From 1 to 50."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Without the empty choice that a radio button would make of it.
        self.fields["kind"].choices = Source.Kind.choices
        self.initial["kind"] = self.initial.get("kind") or Source.Kind.FEED
        open_ones = Campaign.objects.open()
        if self.instance.campaign_id:
            open_ones |= Campaign.objects.filter(pk=self.instance.campaign_id)
        self.fields["campaign"].queryset = open_ones.order_by("name_fr")
        self.fields["campaign"].empty_label = _("Choose a campaign")
        self.fields["language"].choices = settings.LANGUAGE_CHOICES
        self.fields["per_day"].min_value = 1

    def clean_topics(self):
        topics = self.cleaned_data["topics"]
        if len(topics) > MOST_TOPICS:
            raise forms.ValidationError(_("At most three topics: choose the closest ones."))
        return topics

    def clean_per_day(self):
        per_day = self.cleaned_data["per_day"]
        if not 1 <= per_day <= 50:
            raise forms.ValidationError(_("From 1 to 50."))
        return per_day

    def hush(self):
        """Shows what was typed without judging it: nobody has asked to save yet."""
        self.is_valid()
        self._errors = ErrorDict()

    def save(self, by):
        self.instance.write(by)
        self._save_m2m()
        return self.instance


class ProposalForm(forms.Form):
    """A link, and why. The page says its title itself."""

    url = forms.URLField(
        label=_("Link"),
        help_text=_("A page that anybody can read."),
        max_length=2000,
        assume_scheme="https",
        validators=[validate_public],
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
    )
    why = forms.CharField(
        label=_("Why share it"),
        help_text=_("One or two sentences: what is in it for whoever reads it."),
        max_length=Proposal._meta.get_field("why").max_length,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_url(self):
        url = without_tracking(self.cleaned_data["url"])
        self.check_is_new([url])
        return url

    def check_is_new(self, urls):
        """Raises ValidationError when one of these addresses is a page that is known here.

        What this person may not see is not told apart from what somebody has proposed.
        """
        keys = {page_key(url) for url in urls}
        over = [Content.Status.EXPIRED, Content.Status.WITHDRAWN]
        known = Content.objects.filter(page_key__in=keys).exclude(status__in=over)
        if item := known.shareable_by(self.by).first():
            link = format_html('<a href="{}">{}</a>', item.get_absolute_url(), item.title)
            # Translators: fr: Déjà dans la bibliothèque, à partager :
            text = format_html("{} {}", _("Already in the library, to be shared:"), link)
            raise forms.ValidationError(text, code="shared")
        waiting = Proposal.objects.waiting().filter(page_key__in=keys)
        if waiting.filter(proposer=self.by).exists():
            raise forms.ValidationError(_("You have proposed it already: it waits for an answer."))
        if known.exists() or waiting.exists():
            raise forms.ValidationError(self.already)

    @property
    def already(self):
        return _("It has been proposed already: somebody is looking at it.")
