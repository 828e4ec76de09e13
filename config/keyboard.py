"""What the keyboard does here, and the switch of those keys that are a single letter.

Somebody who dictates, or whose hand slips, presses letters without meaning to (WCAG 2.1.4).
"""

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from activity.preferences import Section, add_section


@add_section
class LetterKeysForm(Section):
    title = _("Keyboard")
    link = ("keyboard", _("All the keys"))
    comes_last = True

    letter_keys = forms.BooleanField(
        label=_("Shortcuts of one letter"),
        help_text=_("Turn them off if you dictate, or if keys get pressed by accident."),
        required=False,
    )

    @classmethod
    def for_person(cls, person, data=None):
        form = cls(data, initial={"letter_keys": person.letter_keys})
        form.person = person
        return form

    def save(self):
        self.person.letter_keys = self.cleaned_data["letter_keys"]
        self.person.save(update_fields=["letter_keys"])


@require_GET
def keyboard(request):
    """All the keys: a page, and a dialog over any other."""
    dialog = request.htmx.target == "sheet"
    return render(request, "_keyboard_dialog.html" if dialog else "keyboard.html")
