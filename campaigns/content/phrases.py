"""The words and phrases no post of the programme may hold: one page to see, add and remove them."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content.matching import holds, readings
from campaigns.content.models import Caption, Content, Phrase

LIVE = [Content.Status.APPROVED, Content.Status.PUBLISHED]


class PhraseForm(forms.ModelForm):
    class Meta:
        model = Phrase
        fields = ("text", "instead")
        help_texts = {
            "text": gettext_lazy("Found as whole words, whatever their accents and capitals."),
            "instead": gettext_lazy("Whoever writes it reads this."),
        }


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_phrases")
def phrase_list(request):
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.add(by=request.user)
        done = _("From now on no text with “%(phrase)s” is submitted or shared.")
        messages.success(request, done % {"phrase": form.instance})
        return redirect("campaigns:phrase-list")
    context = {"form": form, "phrases": _with_contents(Phrase.objects.select_related("added_by"))}
    status = 422 if form.errors else 200
    return render(request, "campaigns/phrase_list.html", context, status=status)


def _with_contents(phrases):
    """Each phrase with the items in the feed one of whose texts holds it: `contents`."""
    phrases = list(phrases)
    captions = Caption.objects.approved().filter(content__status__in=LIVE)
    read = [
        (caption.content, reading)
        for caption in captions.select_related("content")
        for reading in readings(caption.text)
    ]
    for phrase in phrases:
        words = phrase.words
        phrase.contents = {content for content, reading in read if holds(reading, words)}
    return phrases


@require_POST
@permission_required("campaigns.change_phrases")
def phrase_remove(request, pk):
    phrase = get_object_or_404(Phrase, pk=pk)
    phrase.remove(by=request.user)
    messages.success(request, _("“%(phrase)s” may be used again.") % {"phrase": phrase})
    return redirect("campaigns:phrase-list")
