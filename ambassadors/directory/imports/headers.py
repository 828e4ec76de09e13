"""Which column is what: header names in French and English, however they are written."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ambassadors.directory.imports.table import Matter, folded


@dataclass(frozen=True)
class Field:
    """Something a column can be about.

    french, english: header names after `folded`, the most usual first.
    kept: False for what is only read, to know who left, and never stored.
    """

    name: str
    label: Any
    french: tuple[str, ...]
    english: tuple[str, ...]
    kept: bool = True
    limit: int = 150


FIELDS = {
    field.name: field
    for field in [
        Field(
            "email",
            _("E-mail"),
            (
                "courriel", "courriel professionnel", "adresse courriel", "adresse de courriel",
                "courriel travail", "courriel au travail", "courriel employe", "mel",
                "adresse electronique", "adresse mail", "adresse e mail", "adresse email",
                "mail professionnel", "email professionnel", "e mail professionnel", "mail pro",
                "email pro", "messagerie",
            ),
            (
                "email", "e mail", "mail", "work email", "work e mail", "email address",
                "e mail address", "business email", "company email", "primary email", "email work",
                "employee email", "corporate email", "primary work email", "work email address",
            ),
            limit=254,
        ),
        Field(
            "first_name",
            _("First name"),
            ("prenom", "prenoms", "prenom usuel", "prenom legal", "prenom employe"),
            (
                "first name", "firstname", "given name", "forename", "legal first name",
                "first", "givenname",
            ),
        ),
        Field(
            "last_name",
            _("Last name"),
            (
                "nom", "nom de famille", "nom usuel", "nom d usage", "nom usage", "patronyme",
                "nom employe",
            ),
            (
                "last name", "lastname", "surname", "family name", "legal last name", "sn", "last",
            ),
        ),
        Field(
            "preferred_name",
            _("Preferred name"),
            ("prenom prefere", "prenom d usage", "nom prefere", "surnom", "prenom choisi"),
            (
                "preferred name", "preferred first name", "known as", "nickname", "goes by",
                "display first name",
            ),
        ),
        Field(
            "full_name",
            _("Full name"),
            ("nom complet", "nom et prenom", "nom prenom", "prenom nom", "prenom et nom"),
            ("full name", "name", "employee name", "display name", "worker", "employee"),
            kept=False,
            limit=301,
        ),
        Field(
            "employee_id",
            _("Employee number"),
            (
                "matricule", "numero d employe", "no d employe", "numero employe", "no employe",
                "n employe", "identifiant employe", "id employe", "code employe", "no matricule",
                "n matricule", "n de matricule", "numero de matricule", "matricule paie", "numero",
            ),
            (
                "employee id", "employee number", "employee no", "employee code", "emp id",
                "emp no", "staff id", "staff number", "worker id", "personnel number", "badge",
                "employeeid", "person number", "id",
            ),
            limit=40,
        ),
        Field(
            "department",
            _("Department"),
            (
                "service", "departement", "direction", "service departement",
                "departement service", "unite", "unite administrative", "division",
                "nom du service", "direction service",
            ),
            (
                "department", "dept", "department name", "business unit", "division name",
                "org unit", "organization", "organisation", "cost center name",
            ),
        ),
        Field(
            "team",
            _("Team"),
            ("sous service", "equipe", "equipes", "section", "sous direction", "pole", "groupe"),
            ("team", "teams", "sub department", "subdepartment", "team name", "group", "squad"),
        ),
        Field(
            "location",
            _("Place"),
            (
                "etablissement", "lieu", "lieu de travail", "site", "emplacement", "bureau",
                "lieu d affectation", "site de travail", "succursale",
            ),
            (
                "location", "work location", "office", "office location", "workplace",
                "place", "location name", "branch", "place of work",
            ),
        ),
        Field(
            "town",
            _("Town"),
            ("ville", "commune", "ville de residence", "municipalite"),
            ("town", "city", "home city"),
            kept=False,
        ),
        Field(
            "language",
            _("Language"),
            (
                "langue", "langue preferee", "langue de correspondance", "langue de communication",
                "langue de travail", "langue d usage", "langue parlee",
            ),
            (
                "language", "preferred language", "lang", "locale", "correspondence language",
                "language preference",
            ),
        ),
        Field(
            "hire_date",
            _("Hire date"),
            (
                "date d embauche", "date embauche", "date d entree", "date entree", "embauche",
                "date d anciennete", "date d arrivee", "date de debut", "entree", "date debut",
                "date d entree en fonction",
            ),
            (
                "hire date", "hired", "start date", "date of hire", "original hire date",
                "date hired", "joining date", "hired on", "date joined", "employment date",
            ),
        ),
        Field(
            "leave_date",
            _("Leaving date"),
            (
                "date de depart", "date depart", "date de sortie", "date sortie", "sortie",
                "date de fin", "date fin", "date de fin de contrat", "fin de contrat",
                "date de cessation", "date de fin d emploi", "depart",
            ),
            (
                "termination date", "end date", "leaving date", "leave date", "last day",
                "date left", "last day worked", "contract end date", "exit date",
                "employment end date",
            ),
        ),
        Field(
            "moves_on",
            # Translators: fr: Change de poste le (the day from which department, place and manager
            # of the line are right)
            _("Moves on"),
            (
                "date de mutation", "mutation", "mutation le", "date du changement",
                "date de changement", "date de transfert", "change le", "date d effet",
            ),
            (
                "moves on", "move date", "transfer date", "date of transfer", "change date",
                "effective date", "effective from",
            ),
        ),
        Field(
            "manager_email",
            _("Manager’s e-mail"),
            (
                "gestionnaire courriel", "courriel gestionnaire", "courriel du gestionnaire",
                "gestionnaire", "responsable", "superieur", "superieur immediat", "manageur",
                "superieur hierarchique", "responsable hierarchique", "n 1",
                "courriel du responsable", "courriel responsable", "email manager",
                "courriel du superieur", "courriel du superieur immediat", "mail manager",
                "email du manager", "email responsable", "responsable email", "manager courriel",
            ),
            (
                "manager email", "manager", "manager e mail", "manager s email", "manager mail",
                "supervisor", "supervisor email", "reports to", "reports to email",
                "line manager", "line manager email", "manager email address",
                "manager work email",
            ),
            limit=254,
        ),
        Field(
            "manager_id",
            _("Manager’s number"),
            (
                "matricule gestionnaire", "matricule du gestionnaire", "matricule responsable",
                "matricule du responsable", "matricule du superieur", "matricule superieur",
                "no employe gestionnaire",
            ),
            (
                "manager id", "manager employee id", "supervisor id", "reports to id",
                "manager number", "manager employee number", "line manager id",
            ),
            kept=False,
            limit=40,
        ),
        Field(
            "role",
            _("Role in Porte-voix"),
            ("role", "role porte voix", "profil d acces", "role dans porte voix"),
            ("role", "access role", "user role", "porte voix role", "advocacy role"),
        ),
        Field(
            "job_title",
            _("Job title"),
            (
                "titre", "poste", "fonction", "titre du poste", "titre de poste", "emploi",
                "intitule du poste", "titre d emploi", "intitule de poste", "metier",
            ),
            ("job title", "title", "position", "job", "position title", "business title"),
        ),
        Field(
            "contract",
            _("Contract"),
            ("type de contrat", "contrat", "nature du contrat", "type d emploi"),
            ("contract", "contract type", "employment type", "employee type", "worker type"),
            kept=False,
        ),
        Field(
            "status",
            _("Employment status"),
            ("statut", "statut d emploi", "statut de l employe", "situation", "etat"),
            (
                "employment status", "status", "employee status", "worker status", "active",
                "active status",
            ),
            kept=False,
        ),
        Field(
            "working_time",
            _("Working time"),
            ("temps de travail", "regime de travail", "horaire", "temps plein partiel"),
            ("working time", "full part time", "full time part time", "fte", "time type"),
            kept=False,
        ),
        Field(
            "cost_centre",
            _("Cost centre"),
            ("centre de couts", "centre de cout", "centre couts"),
            ("cost centre", "cost center", "cost centre code", "cost center code"),
            kept=False,
        ),
        Field(
            "phone",
            _("Telephone"),
            ("telephone", "tel", "telephone professionnel", "no de telephone", "telephone bureau",
             "numero de telephone", "cellulaire", "portable", "mobile professionnel"),
            ("phone", "work phone", "telephone", "phone number", "mobile", "business phone",
             "office phone", "mobile phone", "cell"),
            kept=False,
        ),
        Field(
            "tags",
            pgettext_lazy("plural", "Tags"),
            ("etiquettes", "etiquette", "mots cles", "tags"),
            ("tags", "labels", "keywords", "tag"),
            limit=2000,
        ),
    ]
}  # fmt: skip

_BY_WORDS = {
    words: field.name
    for field in reversed(FIELDS.values())
    for words in (*field.french, *field.english)
}
_FRENCH = {words for field in FIELDS.values() for words in field.french}
_ENGLISH = {words for field in FIELDS.values() for words in field.english}

# Pay, bank details, civil identity and health have no business here, whatever the column is
# called. "Compensation" and "rémunération" are pay; a department of that name is a cell.
_NEVER = re.compile(
    r"\b("
    r"salaires?|sal|salary|salaries|salarial|remunerations?|compensation|compa|wages?|paye?|paie"
    r"|payroll|pay ?rate|pay ?grade|earnings|gages|traitement|appointements|bonus|boni|primes?"
    r"|ctc|ote|taux horaire|hourly rate|annual rate|base rate|gross|brut|net a payer|echelon"
    r"|iban|bic|rib|bank|banque|bancaire|compte bancaire|account number"
    r"|nas|sin|ssn|nir|social (security|insurance)|securite sociale|assurance sociale"
    r"|naissance|birth|birthday|dob|birthdate|genre|sexe|gender|sex|nationalite|nationality"
    r"|religion|ethnicity|ethnie|handicap|disability|disabilities|medical|sante|health"
    r"|passport|passeport|permis"
    r")\b"
)
# "Matricule paie" names people by a number; it says nothing of what they earn.
_NOT_PAY = re.compile(r"(no |numero |n )?(de )?matricule (de )?paie|payroll (id|number|no)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


def header_words(header: str) -> str:
    """A header name as it is compared: `EmployeeID`, `employee_id` and `Employee ID` are one."""
    return folded(_CAMEL.sub(" ", header))


def is_never_imported(header: str) -> bool:
    """True for pay and other private matters: such a column is not read, even when visible."""
    words = header_words(header)
    return bool(_NEVER.search(words)) and not _NOT_PAY.fullmatch(words)


def field_for(header: str) -> str | None:
    """The field a header stands for, or None."""
    if is_never_imported(header):
        return None
    return _BY_WORDS.get(header_words(header)) or _BY_WORDS.get(folded(header))


def auto_map(headers: list[str]) -> list[str | None]:
    """One field name (or None) per column; when two columns say the same, the first has it."""
    mapping: list[str | None] = []
    for header in headers:
        name = field_for(header) if header else None
        mapping.append(name if name not in mapping else None)
    return mapping


def recognised(cells: list[str]) -> int:
    """How much a line looks like a header. An e-mail column weighs most."""
    found = [name for name in auto_map(cells) if name]
    return len(found) + 5 * ("email" in found)


PEOPLE = Matter(recognised, lambda cell: "@" in cell, is_never_imported)


def language_of(headers: list[str]) -> str | None:
    """`fr` or `en`, the language the headers are written in; None when nothing tells."""
    words = [header_words(header) for header in headers if header]
    tally = Counter(fr=sum(w in _FRENCH - _ENGLISH for w in words))
    tally["en"] = sum(w in _ENGLISH - _FRENCH for w in words)
    if tally["fr"] == tally["en"]:
        return None
    return max(tally, key=tally.get)
