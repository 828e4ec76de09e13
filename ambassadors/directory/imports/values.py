"""What a cell means: clean text, addresses, dates, languages, roles. Pure functions."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

from activity.spreadsheet import unguarded
from ambassadors.accounts.roles import Role
from ambassadors.directory.imports.table import DATE, DAY_ZERO, FAILED, NUMBER, folded

# --- Text ------------------------------------------------------------------------------------
# Control characters that are no white space, soft hyphens, zero-width and bidirectional marks.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_SLIPPED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e"
                      "\u0192\u02c6\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]")  # fmt: skip
_FORMULA = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20]")
_TELEPHONE = re.compile(
    r"\+?[\d\s().\-/]{5,}(\s*,?\s*(poste|p\.|ext\.?|x|#)\s*\d+)?", re.IGNORECASE
)
_ERROR_VALUE = re.compile(
    r"#(N/A|NA|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NULL!|NUL!|NUM!|NOMBRE!|SPILL!|CALC!)"
)
_NOTHING = {
    "", "aucun", "aucune", "neant", "sans", "sans objet", "n a", "na", "n d", "nd", "none", "null",
    "nil", "vide", "empty", "inconnu", "unknown", "non disponible", "not available", "a venir",
    "tbd",
}  # fmt: skip


def clean(text: str) -> str:
    """Visible characters only, white space of any kind as single plain spaces, ends trimmed."""
    text = " ".join(_INVISIBLE.sub("", text).split())
    # A copy of our own list of errors, corrected and sent again, reads as the first file did.
    return unguarded(unicodedata.normalize("NFC", text)) if text else text


def mended(text: str) -> str:
    """UTF-8 that was read as Windows-1252 (`QualitÃ©`), put right; other text as it is."""
    if not _SLIPPED.search(text):
        return text
    try:
        return b"".join(_as_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return text


def _as_byte(character):
    try:
        return character.encode("windows-1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def says_nothing(text: str) -> bool:
    """True for an empty cell and for the words people write instead (`aucun`, `N/A`, `-`)."""
    return folded(text) in _NOTHING


def is_error_value(text: str, mark: str = "") -> bool:
    return mark == FAILED or bool(text.startswith("#") and _ERROR_VALUE.fullmatch(text.upper()))


def is_formula(text: str) -> bool:
    """True when a spreadsheet would compute this text; a telephone number with + is none."""
    return bool(_FORMULA.match(text)) and not _TELEPHONE.fullmatch(text)


def has_lost_letters(name: str) -> bool:
    """True for `Nguy?n`: an older system had no sign for a letter and wrote a question mark."""
    return "?" in name


def is_poorer(new: str, old: str) -> bool:
    """True when `new` is `old` with question marks for letters, or all in capitals."""
    if "?" not in new:
        return new.isupper() and not old.isupper() and new.casefold() == old.casefold()
    pattern = "".join("." if character == "?" else re.escape(character) for character in new)
    return bool(re.fullmatch(pattern, old, re.IGNORECASE))


# --- Addresses -------------------------------------------------------------------------------
_WRAPPED = re.compile(r"(?:.*<)?\s*(?:mailto:)?([^<>]*?)(?:\?[^<>]*)?\s*>?", re.IGNORECASE)
_LOCAL = re.compile(r"[a-z0-9!#$%&*/?^_`{|}~][a-z0-9!#$%&'*+/=?^_`{|}~.\-]*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?")


def email_of(text: str) -> tuple[str, str | None]:
    """The address in a cell, in lower case, and what is wrong with it (a message code) or None."""
    if len(text) > 500:
        return text.lower(), "email_malformed"
    address = _WRAPPED.fullmatch(text)
    email = (address[1] if address else text).strip().lower()
    return email, _fault_of(email)


def _fault_of(email):
    local, at, domain = email.rpartition("@")
    if says_nothing(email):
        return "email_missing"
    if not at:
        return "email_no_at"
    if " " in email:
        return "email_space"
    if not email.isascii():
        return "email_lookalike" if _other_alphabet(email) else "email_accent"
    if "," in email:
        return "email_comma"
    labels = domain.split(".")
    if len(labels) < 2:
        return "email_no_domain"
    if len(email) > 254 or len(local) > 64 or ".." in local or local.endswith("."):
        return "email_malformed"
    good = _LOCAL.fullmatch(local) and all(_LABEL.fullmatch(label) for label in labels)
    return None if good and not labels[-1].isdigit() and len(labels[-1]) > 1 else "email_malformed"


def _other_alphabet(text):
    return any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text)


# --- Dates -----------------------------------------------------------------------------------
_MONTHS = {
    word: number
    for number, words in enumerate(
        [
            "janvier janv jan january", "fevrier fevr fev february feb", "mars march mar",
            "avril avr april apr", "mai may", "juin june jun", "juillet juil july jul",
            "aout august aug", "septembre sept sep september", "octobre oct october",
            "novembre nov november", "decembre dec december",
        ],
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d.*)?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SLASHED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?: \d.*)?")
_DAY_FIRST_WORDS = re.compile(r"(\d{1,2})(?:er|e|st|nd|rd|th)?[ -]([a-z]+)[ -](\d{4})")
_MONTH_FIRST_WORDS = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_EXCEL_START = dt.date(1899, 12, 30)
_EXCEL_DAYS = range(7_306, 73_051)  # 1920 to 2099
EARLIEST = 1920


def day_first_evidence(texts: Iterable[str]) -> bool | None:
    """Whether a column writes 23/11/2021 or 11/23/2021. None when nothing or both is seen."""
    day = month = False
    for text in texts:
        found = (
            _SLASHED.fullmatch(clean(text)) if "/" in text or "-" in text or "." in text else None
        )
        if found:
            day = day or int(found[1]) > 12
            month = month or int(found[2]) > 12
    return day if day != month else None


def date_of(text: str, mark: str, day_first: bool | None) -> tuple[str | None, str | None]:
    """ISO date or None, and a message code or None.

    text: clean. mark: what the cell was. day_first: how this column writes 03/04/2022, None when
    nobody knows, and then such a date is left out rather than guessed.
    """
    if mark == DATE:
        return _checked(*(int(part) for part in text.split("-")))
    if mark == DAY_ZERO:
        return None, "date_zero"
    if mark == NUMBER and text.isdigit() and int(text) in _EXCEL_DAYS:
        return (_EXCEL_START + dt.timedelta(int(text))).isoformat(), "date_serial"
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _checked(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.fullmatch(text):
        return _slashed(int(found[1]), int(found[2]), int(found[3]), day_first)
    return _in_words(text)


def _slashed(first, second, year, day_first):
    if first > 12 or second > 12 or first == second:
        day_first = first > 12 or (second <= 12 and bool(day_first))
    if day_first is None:
        return None, "date_ambiguous"
    day, month = (first, second) if day_first else (second, first)
    return _checked(year, month, day)


def _in_words(text):
    bare = folded(text)
    if found := _DAY_FIRST_WORDS.fullmatch(bare):
        day, word, year = found.groups()
    elif found := _MONTH_FIRST_WORDS.fullmatch(bare):
        word, day, year = found.groups()
    else:
        return None, "date_unreadable"
    if word not in _MONTHS:
        return None, "date_unreadable"
    return _checked(int(year), _MONTHS[word], int(day))


def _checked(year, month, day):
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None, "date_impossible"
    return (date.isoformat(), None) if year >= EARLIEST else (None, "date_impossible")


# --- Words with a meaning --------------------------------------------------------------------
_LANGUAGE = re.compile(
    r"(?:(fr|fra|fre|francais|francaise|french)|(en|eng|anglais|anglaise|english))"
    r"(?: (?:[a-z]{2}|canada|quebec|france|uk|us|royaume uni|united kingdom|canadien|canadian))?"
)
_ROLES = {
    "ambassador": Role.AMBASSADOR, "ambassadeur": Role.AMBASSADOR, "ambassadrice": Role.AMBASSADOR,
    "membre": Role.AMBASSADOR, "member": Role.AMBASSADOR, "employee": Role.AMBASSADOR,
    "employe": Role.AMBASSADOR, "volontaire": Role.AMBASSADOR, "contributor": Role.AMBASSADOR,
    "rh": Role.MANAGER, "hr": Role.MANAGER, "hr manager": Role.MANAGER, "manager": Role.MANAGER,
    "gestionnaire rh": Role.MANAGER, "responsable rh": Role.MANAGER, "gestionnaire": Role.MANAGER,
    "admin": Role.ADMIN, "administrateur": Role.ADMIN, "administratrice": Role.ADMIN,
    "administrator": Role.ADMIN, "administration": Role.ADMIN,
}  # fmt: skip
_LEFT = (
    r"sorti|sortie|parti|partie|depart|quitte|a quitte|fin de contrat|licencie|licenciee"
    r"|demissionnaire|demission|retraite|retraitee|terminated|left|departed|resigned|retired"
    r"|inactive|inactif|separated|dismissed"
)
_GONE = re.compile(rf"(?:{_LEFT})(?: (?:le|on|au|en date du|depuis le|effective)?\s*(.*))?")
_NOT_ACTIVE = {"no", "non", "false", "faux", "0", "n"}


def language_of(text: str) -> str | None:
    """`fr`, `en`, or None for another language."""
    found = _LANGUAGE.fullmatch(folded(text))
    if not found:
        return None
    return "fr" if found[1] else "en"


def role_of(text: str) -> str | None:
    """A Role, or None for a word that is none."""
    return _ROLES.get(folded(text))


def departure_in(text: str, *, is_status: bool) -> tuple[bool, str | None]:
    """Whether a cell says that somebody left (`Sorti le 30/09/2026`), and the ISO date or None.

    is_status: the column is about being employed, so the word alone is enough. Elsewhere only a
    word followed by a date counts: `Retraite` may be a tag.
    """
    bare = folded(text)
    found = _GONE.fullmatch(bare)
    if not found:
        return is_status and bare in _NOT_ACTIVE, None
    # Cut from the cell itself, because folding took the slashes away.
    written = re.search(r"\d.*", clean(text))
    date = date_of(written[0], "", True)[0] if written else None
    return bool(is_status or date), date


def tags_of(text: str) -> list[str]:
    """The tags in a cell, in order, each once. A formula is one tag, whatever is in it."""
    if is_formula(text):
        return [text[:200]]
    pieces = [" ".join(piece.split()) for piece in re.split(r"[,;|]", text)]
    return list(dict.fromkeys(piece[:200] for piece in pieces if piece))


def names_of(full_name: str) -> tuple[str, str]:
    """First and last name out of one cell: `TREMBLAY, Luc`, `Luc TREMBLAY`, `Luc Tremblay`."""
    if "," in full_name:
        last, first = full_name.split(",", 1)
        return first.strip(), last.strip()
    words = full_name.split()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if capitals and len(capitals) < len(words):
        return " ".join(w for w in words if w not in capitals), " ".join(capitals)
    return " ".join(words[:1]), " ".join(words[1:])
