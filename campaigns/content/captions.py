"""Suggested texts while they are being written: one row for a network and a language."""

from collections import Counter
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.content.hashtags import advice
from campaigns.content.models import SAMPLE_LINK, Caption, Phrase, objections, opened_by
from campaigns.content.rows import RowSet
from campaigns.networks import composer, counting
from campaigns.networks.models import Network

NEARLY = 0.8
MOST_ROWS = 60
# How a network shows a post: in a feed, with its link as a card, as a title, a mail or a message.
LOOKS = {
    "x": "card",
    "threads": "card",
    "bluesky": "card",
    "mastodon": "card",
    "reddit": "title",
    "email": "mail",
    "whatsapp": "chat",
    "telegram": "chat",
    "copy": "plain",
}
# What an empty composer begins with.
FIRST_ROWS = ("linkedin",)


@dataclass
class Measure:
    """How a text fares against its network's limit, in that network's own unit.

    limit is None where there is none that matters; a text is counted as it is posted, with its
    disclosure line and its link. notes: what else is worth changing, as sentences.
    """

    network: Network
    words: str
    tail: str
    used: int
    limit: int | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, network: Network, disclosure: str = "", notes=()) -> "Measure":
        words = opened_by(disclosure, text)
        tail = composer.full_text(network, "", SAMPLE_LINK)
        used = counting.length(words + tail, network)
        notes = (*notes, *advice(text, network))
        return cls(network, words, tail, used, counting.limit(network), notes)

    @property
    def link(self):
        """The link as people will read it, where it stands in the text itself."""
        return f"{settings.LINK_BASE_URL}/…" if self.tail else ""

    @property
    def link_place(self):
        """Where the link will stand, in words."""
        return link_place(self.network)

    @property
    def look(self):
        """Which way of showing a post is this network's."""
        return LOOKS.get(self.network.slug, "feed")

    @cached_property
    def _end(self):
        """Where the words stop fitting, the link's own cost taken off."""
        return counting.fitting_before(self.words, self.tail, self.network)

    @property
    def _seen(self):
        return self._end if self.over else counting.folded(self.words, self.network)

    @property
    def seen(self):
        """What stands there at once."""
        return self.words[: self._seen]

    @property
    def folded_away(self):
        """What "see more" opens, where the network folds."""
        return self.words[self._seen : self._end]

    @property
    def beyond(self):
        """What does not fit, to be marked."""
        return self.words[self._end :]

    @property
    def over(self):
        return max(0, self.used - self.limit) if self.limit else 0

    @property
    def is_near(self):
        return bool(self.limit) and not self.over and self.used >= NEARLY * self.limit

    @property
    def warning(self):
        """What is worth saying aloud: nothing before four fifths of the limit."""
        if self.over:
            text = ngettext(
                "%(n)d character over the limit of %(network)s, %(limit)d.",
                "%(n)d characters over the limit of %(network)s, %(limit)d.",
                self.over,
            )
            return text % {"n": self.over, "network": self.network, "limit": self.limit}
        if self.is_near:
            left = self.limit - self.used
            return ngettext("%(n)d character left.", "%(n)d characters left.", left) % {"n": left}
        return ""


def link_place(network: Network) -> str:
    """Where a post on `network` shows its link, for those who write the text beside it."""
    if network.prefill == Network.Prefill.LINK:
        return _("The link stands under the text, as a card.")
    if network.prefill == Network.Prefill.COPY:
        return _("The link is copied with the text, after it.")
    if "title={text}" in network.share_url:
        return _("The text is the title of the link.")
    return _("The link follows the text, and counts.")


class CaptionForm(forms.Form):
    """One suggested text. Which network and language it is for is settled when it is added."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    network = forms.IntegerField(widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        widget=forms.Textarea({"rows": 4}),
        max_length=3000,
        required=False,
    )
    # Which network "Adapt" copies it to. What is not offered any more is no error of a text.
    to = forms.CharField(label=gettext_lazy("Adapt it to"), widget=forms.Select, required=False)


class BaseCaptionFormSet(RowSet):
    """The texts of one item.

    disclosures: the lines they open with, by language. url: the page they are about. is_final: the
    item is being submitted, so that a text over its limit, or with words that must not go out, is
    an error; in a draft they are only pointed at.
    """

    disclosures: dict[str, str] = {}
    url = ""
    is_final = False

    @cached_property
    def phrases(self):
        return Phrase.objects.all()

    def add_fields(self, form, index):
        super().add_fields(form, index)
        here = str(form["network"].value())
        form.fields["to"].widget.choices = [
            (network.pk, str(network))
            for network in self.networks.values()
            if network.is_active and str(network.pk) != here
        ]

    @cached_property
    def networks(self):
        return {str(network.pk): network for network in Network.objects.all()}

    def rows(self):
        """(form, network, name of the language, measure) of each text."""
        names = dict(settings.LANGUAGES)
        for form in self.forms:
            network = self.networks.get(str(form["network"].value()))
            language = form["language"].value()
            if network and language in names:
                text, line = form["text"].value() or "", self.disclosures.get(language, "")
                notes = self._objections(text)
                yield form, network, names[language], Measure.of(text, network, line, notes)

    def _objections(self, text):
        return objections(text, url=self.url, phrases=self.phrases.found_in(text)) if text else []

    def clean(self):
        written = Counter(
            (form["network"].value(), form["language"].value())
            for form in self.forms
            if (form["text"].value() or "").strip()
        )
        if any(str(network) not in self.networks for network, _language in written):
            raise forms.ValidationError(_("One of the texts is for a network we do not know."))
        if any(n > Caption.MAX_VARIANTS for n in written.values()):
            raise forms.ValidationError(_("At most five texts for a network in a language."))
        for form, _network, _name, measure in self.rows():
            if self.is_final and measure.over:
                form.add_error("text", measure.warning)
            if self.is_final and (said := self._objections(form["text"].value())):
                form.add_error("text", said)

    def save(self, content, by):
        """Adds, rewrites and removes; an emptied text is a removed one."""
        captions = {caption.pk: caption for caption in content.captions.all()}
        for form in self.forms:
            data = form.cleaned_data
            text, caption = data["text"].strip(), captions.get(data["key"])
            if caption and text:
                caption.rewrite(text, by)
            elif caption:
                caption.delete()
            elif text:
                network = self.networks[str(data["network"])]
                content.add_caption(by, network=network, language=data["language"], text=text)


CaptionFormSet = forms.formset_factory(
    CaptionForm,
    formset=BaseCaptionFormSet,
    extra=0,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS,
    validate_max=True,
)


def rows_of(content):
    """What the rows begin with: the texts there are, or one empty row for each language.

    The languages come in the same order both times: whoever comes back finds the texts in place.
    """
    languages = [code for code, _name in settings.LANGUAGES]
    if content.pk:
        captions = content.captions.select_related("network")
        return [
            {"key": c.pk, "network": c.network_id, "language": c.language, "text": c.text}
            for c in sorted(
                captions, key=lambda c: (c.network.position, languages.index(c.language))
            )
        ]
    first = Network.objects.available().filter(slug__in=FIRST_ROWS)
    return [{"network": network.pk, "language": code} for network in first for code in languages]


def with_one_more(data, network, language):
    """The posted data with an empty row after the others, for what "Add a text" asks."""
    data = data.copy()
    n = int(data.get("captions-TOTAL_FORMS") or 0)
    same = sum(
        data.get(f"captions-{i}-network") == network
        and data.get(f"captions-{i}-language") == language
        for i in range(n)
    )
    if n >= MOST_ROWS or same >= Caption.MAX_VARIANTS:
        return data
    data["captions-TOTAL_FORMS"] = n + 1
    data[f"captions-{n}-network"], data[f"captions-{n}-language"] = network, language
    return data


def adapted(data, n):
    """The posted data with the text of row `n` once more, for the network it is to be adapted to.

    None where there is no such row, or no place left for another text.
    """
    row = f"captions-{n}-"
    to, language = data.get(f"{row}to", ""), data.get(f"{row}language", "")
    more = with_one_more(data, to, language)
    last = int(more.get("captions-TOTAL_FORMS") or 0) - 1
    if more.get(f"captions-{last}-text") is not None or not to:
        return None
    more[f"captions-{last}-text"] = data.get(f"{row}text", "")
    return more


class NewCaptionForm(forms.Form):
    """Where one more text is for."""

    network = forms.ModelChoiceField(
        Network.objects.available(), label=gettext_lazy("Network"), empty_label=None
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGE_CHOICES)


class RewriteForm(forms.Form):
    """The words of one text of an item that is live."""

    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea({"rows": 6}), max_length=3000
    )

    def __init__(self, *args, network=None, disclosure="", url="", **kwargs):
        super().__init__(*args, **kwargs)
        self.network, self.disclosure, self.url = network, disclosure, url

    @property
    def measure(self):
        return Measure.of(self["text"].value() or "", self.network, self.disclosure)

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        measure = Measure.of(text, self.network, self.disclosure)
        if wrong := [measure.warning] * bool(measure.over) + objections(text, url=self.url):
            raise forms.ValidationError(wrong)
        return text


class AddedForm(NewCaptionForm):
    """One more text for an item that is live."""

    text = RewriteForm.base_fields["text"]

    def __init__(self, *args, content, **kwargs):
        super().__init__(*args, **kwargs)
        self.content = content

    def clean(self):
        data = super().clean()
        if {"network", "language", "text"} <= data.keys():
            line = self.content.disclosure(data["language"])
            measure = Measure.of(data["text"], data["network"], line)
            wrong = [measure.warning] * bool(measure.over)
            if wrong := wrong + objections(data["text"], url=self.content.url):
                self.add_error("text", wrong)
        return data

    def too_many(self):
        self.add_error("network", _("There are five texts for it in this language already."))
