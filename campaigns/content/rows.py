"""Rows of small forms under one large one: the texts of an item, and what it claims."""

from django import forms
from django.forms.utils import ErrorDict, ErrorList


class RowSet(forms.BaseFormSet):
    """A formset that can be shown as it was typed."""

    def hush(self):
        """Takes its complaints back: nobody has asked to save yet."""
        self.is_valid()
        self._errors = [ErrorDict() for _form in self.forms]
        self._non_form_errors = ErrorList()
        for form in self.forms:
            form._errors = ErrorDict()
