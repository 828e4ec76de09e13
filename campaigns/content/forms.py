"""The composer's form, and the note that goes with a withdrawal."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.db.models import Count, Q
from django.forms.utils import ErrorDict
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ambassadors.enrolment.models import Topic
from campaigns.content.addresses import page_key
from campaigns.content.images import UnusableImage, make_cover
from campaigns.content.models import ComposerDraft, Content, in_sixty_days, objections
from campaigns.networks.models import Network
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.forms import LocalDateTime, web_first
from campaigns.planning.models import Campaign

MOST_TOPICS = 3
KEPT = "porte-voix.picture"
# The page is read as soon as its address is there; typing on starts over.
READS = {
    "hx-post": reverse_lazy("campaigns:content-read"),
    "hx-trigger": "input changed delay:500ms",
    "hx-target": "#card",
    "hx-sync": "this:replace",
    "hx-indicator": "#card",
}


def keep(name: str) -> str:
    """A picture's name in the storage under our own signature, for a form to hold; "" for none."""
    return signing.dumps(name, salt=KEPT) if name else ""


def known(urls: list[str], content: Content) -> Content | None:
    """The item of the library about one of these pages, other than `content`, with `shares`."""
    keys = {page_key(url) for url in urls}
    declared = Q(links__shares__declared_at__isnull=False)
    others = Content.objects.exclude(pk=content.pk).filter(page_key__in=keys)
    return others.annotate(shares=Count("links__shares", filter=declared, distinct=True)).first()


def already_there(item: Content) -> str:
    """How a page that is in the library is announced, before the item’s title."""
    if item.campaign_id in meant_for_few():
        # How often so few have shared it would be what those few people did.
        # Translators: fr: Déjà dans la bibliothèque :
        return _("Already in the library:")
    text = ngettext(
        "Already in the library (%(n)d share):",
        "Already in the library (%(n)d shares):",
        item.shares,
    )
    return text % {"n": item.shares}


class ContentForm(forms.ModelForm):
    """Everything about an item but its suggested texts.

    A picture is kept from one attempt to the next: a browser forgets it on every error.
    is_final: it is being submitted, so that words that must not go out are an error.
    """

    is_final = False

    picture = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG or WebP. It is cut to 1200 by 630 pixels, from the middle."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
        required=False,
    )
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    no_picture = forms.BooleanField(label=_("Take the picture out"), required=False)
    evergreen = forms.BooleanField(label=_("Evergreen: it does not expire"), required=False)
    again = forms.BooleanField(label=_("Add this page once more"), required=False)

    class Meta:
        model = Content
        formfield_callback = web_first
        fields = (
            "campaign",
            "url",
            "language",
            "title",
            "why",
            "image_alt",
            "note",
            "topics",
            "networks",
            "disclosure_fr",
            "disclosure_en",
            "publish_at",
            "embargo_until",
            "expires_at",
        )
        widgets = {
            "url": forms.URLInput(READS | {"autocomplete": "off", "placeholder": "https://"}),
            "why": forms.TextInput(),
            "note": forms.Textarea({"rows": 2}),
            "topics": forms.CheckboxSelectMultiple(),
            "networks": forms.CheckboxSelectMultiple(),
            "publish_at": LocalDateTime(),
            "embargo_until": LocalDateTime(),
            "expires_at": LocalDateTime(),
        }
        help_texts = {
            "why": _("What is in it for whoever reads it. At most 140 characters."),
            "image_alt": _("For people who cannot see it: one sentence."),
            "note": _("For colleagues who approve; ambassadors never see it."),
            "topics": _("At most three."),
            "networks": _("None ticked: all of them."),
            "disclosure_fr": _("Left empty, the campaign’s own line opens the post."),
            "embargo_until": _("Nobody sees it before, even when it is published."),
        }

    def __init__(self, *args, user, **kwargs):
        """user: who writes, and so for which campaigns."""
        super().__init__(*args, **kwargs)
        self.duplicate = None
        open_ones = Campaign.objects.visible_to(user).open()
        self.fields["campaign"].queryset = open_ones.order_by("name_fr")
        # Translators: fr: Choisissez une campagne
        self.fields["campaign"].empty_label = _("Choose a campaign")
        self.fields["language"].choices = settings.LANGUAGE_CHOICES
        self.fields["topics"].queryset = Topic.objects.all()
        self.fields["networks"].queryset = Network.objects.available()
        if self.instance.pk:
            self.initial["evergreen"] = self.instance.expires_at is None
        self.fields["expires_at"].required = False
        # Its default moves with the clock: Django would send it along in a hidden field of its own.
        self.fields["publish_at"].show_hidden_initial = False

    def clean_url(self):
        """One page is one item: its shares and clicks are counted together."""
        url = self.cleaned_data["url"]
        twin = known([url], self.instance)
        if twin and not self.data.get("again"):
            self.duplicate = twin
            link = format_html('<a href="{}">{}</a>', twin.get_absolute_url(), twin.title)
            raise forms.ValidationError(
                format_html("{} {}", already_there(twin), link), code="duplicate"
            )
        return url

    def clean_topics(self):
        topics = self.cleaned_data["topics"]
        if len(topics) > MOST_TOPICS:
            raise forms.ValidationError(_("At most three topics: choose the closest ones."))
        return topics

    def clean_picture(self):
        upload = self.cleaned_data["picture"]
        if not upload:
            return None
        try:
            return make_cover(upload)
        except UnusableImage as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean_expires_at(self):
        """Evergreen wins over a date; without either, sixty days."""
        if self.data.get("evergreen"):
            return None
        return self.cleaned_data["expires_at"] or in_sixty_days()

    def clean(self):
        data = super().clean()
        self._settle_picture(data)
        for name in ("title", "why") if self.is_final else ():
            if said := objections(data.get(name, "")):
                self.add_error(name, said)
        if self.instance.image and not data.get("image_alt"):
            self.add_error("image_alt", _("Say what the picture shows."))
        publish_at, expires_at = data.get("publish_at"), data.get("expires_at")
        if publish_at and expires_at and expires_at <= publish_at:
            self.add_error("expires_at", _("It would expire before it is published."))
        return data

    def _settle_picture(self, data):
        """Puts the new picture, the one kept from the last attempt, or none into the item."""
        if data.get("picture"):
            self.instance.image = default_storage.save(
                f"content/{data['picture'].name}", data["picture"]
            )
        elif name := self._kept_name(data.get("kept")):
            self.instance.image = name
        if data.get("no_picture"):
            self.instance.image = ""

    def _kept_name(self, token):
        try:
            return signing.loads(token, salt=KEPT, max_age=ComposerDraft.KEPT) if token else ""
        except signing.BadSignature:
            return ""

    @cached_property
    def kept_token(self):
        """For the next attempt: the picture this one has brought, under our own signature."""
        return keep(self.instance.image.name if self.is_bound and self.instance.image else "")

    @property
    def site(self):
        """Where the page is, as a card says it, from what is typed so far."""
        try:
            return (urlsplit(self["url"].value() or "").hostname or "").removeprefix("www.")
        except ValueError:
            return ""

    def hush(self):
        """Shows what was typed without judging it: nobody has asked to save yet."""
        self.is_valid()
        self._errors = ErrorDict()

    def save(self, by, base=None):
        """base: the `changed_at` of what it began with. Raises WrongState when it has left its
        author in the meantime, ChangedMeanwhile when somebody has saved it since."""
        self.instance.write(by, base)
        self._save_m2m()
        return self.instance


class WithdrawForm(forms.Form):
    note = forms.CharField(
        label=_("Why it is withdrawn"),
        help_text=_(
            "Its links stop leading there at once. Everybody who shared it can be told why."
        ),
        widget=forms.Textarea({"rows": 2}),
        max_length=2000,
    )
