"""Dates, times and numbers as each language writes them.

Read by Django before the first date is written (FORMAT_MODULE_PATH), so what every page, mail and
export needs of dates is said here.
"""

from django.utils import dateformat
from django.utils.translation import get_language


class DateFormat(dateformat.DateFormat):
    """Whose `S`, the ending of an ordinal, is also French: “1er décembre”, and “2 décembre”.

    A format is a string and cannot say "er, on the first only"; `S` is English in Django.
    """

    def S(self):
        if get_language() != "fr":
            return super().S()
        return "er" if self.data.day == 1 else ""


dateformat.DateFormat = DateFormat
