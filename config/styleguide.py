"""Every component in every state, in both themes and both languages, on one living page."""

import json
import re

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from ambassadors.accounts.policy import permission_required

# Sample words, not messages of the product: they show each language at its own length.
WORDS = settings.BASE_DIR / "templates" / "styleguide"
SPRITE = settings.BASE_DIR / "static" / "icons.svg"
TOKENS = (
    *("bg", "surface", "sunken", "border", "control", "text", "text-2", "focus"),
    *("accent", "accent-soft", "success", "success-soft", "warn", "warn-soft"),
    *("danger", "danger-soft", "info", "info-soft"),
    *("d1", "d2", "d3", "d4", "h1", "h2", "h3", "h4", "h5"),
)
NETWORKS = [("LinkedIn", 197, 812), ("Facebook", 58, 214), ("X", 24, 96)]


class SampleForm(forms.Form):
    """One field of each sort."""

    title = forms.CharField()
    email = forms.EmailField()
    why = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    department = forms.ChoiceField()
    networks = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    charter = forms.BooleanField(required=False)
    file = forms.FileField(required=False)
    locked = forms.CharField(disabled=True, required=False)

    def __init__(self, words, prefix):
        fields = words["fields"]
        data = {f"{prefix}-{name}": value for name, (_label, _hint, value) in fields.items()}
        super().__init__(data, prefix=prefix, initial={"locked": fields["locked"][2]})
        for name, (label, hint, _value) in fields.items():
            self.fields[name].label = label
            self.fields[name].help_text = hint
        self.fields["department"].choices = [(name, name) for name in words["departments"]]
        self.fields["networks"].choices = [(name, name) for name, _shares, _visits in NETWORKS]


def icon_names():
    return re.findall(r'id="i-([a-z-]+)"', SPRITE.read_text(encoding="utf-8"))


def column(theme, language):
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    with translation.override(language):
        form = SampleForm(words, prefix=theme)
        form.full_clean()
    return {"theme": theme, "language": language, "words": words, "form": form}


@require_GET
@permission_required("ambassadors.see_styleguide")
def styleguide(request):
    """Light beside dark, one in each language; `?swap=1` exchanges the languages."""
    light, dark = ("en", "fr") if "swap" in request.GET else ("fr", "en")
    most = max(visits for _name, _shares, visits in NETWORKS)
    context = {
        "columns": [column("light", light), column("dark", dark)],
        "icons": icon_names(),
        "tokens": TOKENS,
        "bars": [(name, shares, visits, 100 * visits / most) for name, shares, visits in NETWORKS],
        "page": Paginator(range(482), 25).page(2),
    }
    return render(request, "styleguide.html", context)
