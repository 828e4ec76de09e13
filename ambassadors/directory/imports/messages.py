"""The words for what judging found. Codes are stored; these are chosen at display."""

from django.utils.translation import gettext_lazy as _

# %(value)s is what the file says; the other names are a message's params.
TEXTS = {
    # Lines that are nobody
    "skipped": _("Left out, as you asked."),
    "blank_row": _("A blank line."),
    "repeated_header": _("The column names again, after a page break."),
    "totals_row": _("A total, nobody’s line."),
    "left": _("Left the company: not enrolled; the account is closed if there is one."),
    "close_by_admin": _("Left the company. An administrator must close this account."),
    "met_before": _("The same person as on line %(line)s: met once, the first line counts."),
    # Lines as a whole
    "too_few_columns": _(
        "%(cells)s cells where %(columns)s are expected: the line was cut, its end is unknown."
    ),
    "too_many_columns": _(
        "%(cells)s cells where %(columns)s are expected: a stray separator has moved the rest."
    ),
    "stray_quote": _(
        "A quotation mark opens here and never closes. Read without it: please check."
    ),
    "row_hidden": _("This row is hidden by a filter in the workbook. It is imported all the same."),
    # E-mail
    "email_missing": _("The e-mail is required: without it nobody can be invited."),
    "email_no_at": _("Not an address: the @ is missing."),
    "email_space": _("Not an address: there is a space in it."),
    "email_accent": _("Not an address: no accent may stand in it."),
    "email_lookalike": _(
        "A letter of another alphabet looks like one of ours: it is another mailbox."
    ),
    "email_comma": _("Not an address: a comma stands where a dot should be."),
    "email_no_domain": _("The address stops too early: nothing like “.com” after the @."),
    "email_malformed": _("Not an address."),
    "email_outside": _("This domain is not allowed: %(domains)s only."),
    "formula_uncomputed": _(
        "A formula that was never computed: open the file in Excel and save it."
    ),
    "email_taken": _("Someone else’s address: see line %(line)s, another person."),
    "email_taken_already": _(
        "This address belongs to someone with another employee number: nobody is overwritten."
    ),
    "account_closed": _("This account is closed: brought up to date, not opened again."),
    # Employee number
    "number_taken": _("This number is on line %(line)s already, for another person."),
    "number_taken_already": _(
        "This number belongs to %(email)s. If the address has changed, change it there first."
    ),
    "number_padded": _("A number shown with zeros: read as shown, “%(value)s”."),
    # Text
    "mojibake": _("Letters were mangled on the way: read as “%(became)s”."),
    "formula": _("It looks like a formula: kept as plain text, never computed."),
    "too_long": _("Too long: %(is_)s characters, %(limit)s at most. Nothing is cut in silence."),
    "cell_error": _("The workbook shows an error here: left empty."),
    "merged_cell": _("Merged with the cell above: left empty."),
    "lost_letters": _("A question mark stands for a letter that an older system did not know."),
    # Department, team, place
    "department_empty": _("No department: imported without one."),
    "department_unknown": _("No department is called this: left empty unless you create it."),
    "team_unknown": _("This department has no such team: left empty unless you create it."),
    "location_unknown": _("No place is called this: left empty unless you create it."),
    # Language and role
    "language_unknown": _("Neither French nor English: the organisation’s language is used."),
    "role_unknown": _("No such role: ambassador, hr or admin."),
    "role_above": _("Only an administrator gives this role: the role is left as it is."),
    # Dates
    "date_impossible": _("No such day: imported without the date."),
    "date_unreadable": _("Not a date: imported without it."),
    "date_ambiguous": _("Day or month first? Left empty rather than guessed."),
    "date_zero": _("A day zero, shown as 00-Jan-1900: left empty."),
    "date_serial": _("A date that lost its format: read as %(read)s."),
    "hire_date_future": _("Not here yet: imported, and not invited before that day."),
    "leaves_later": _("Leaves on %(date)s: still here, imported, the date is noted."),
    # Translators: fr: Change de poste le %(date)s : noté, et fait ce jour-là.
    "moves_later": _("Moves on %(date)s: noted, and done on that day."),
    # Manager
    "manager_malformed": _("The manager is not given by an e-mail address: left without one."),
    "manager_unknown": _("Nobody has this address: imported without a manager."),
    "manager_left": _("This manager has left: imported without a manager."),
    "manager_self": _("Their own manager: imported without one."),
    "manager_ring": _("People who manage each other in a ring: imported without this link."),
}


def text_of(code: str, value: str, params: dict) -> str:
    """A message in the language of the moment. An unknown code shows itself."""
    return str(TEXTS.get(code, code)) % {"value": value, **params}
