"""The rules of judging, one small list at a time."""

import datetime as dt

import pytest

from ambassadors.accounts.roles import Role
from ambassadors.directory.imports import values
from ambassadors.directory.imports.headers import auto_map, field_for, is_never_imported
from ambassadors.directory.imports.judging import judge
from ambassadors.directory.imports.mapping import propose_mapping
from ambassadors.directory.imports.messages import TEXTS, text_of
from ambassadors.directory.imports.reading import read
from ambassadors.directory.imports.verdicts import Context, Known


def judged(*lines, header="email,employee_id,first_name", **context):
    table = read("\n".join([header, *lines]).encode(), "a.csv")
    defaults = {
        "today": dt.date(2026, 11, 20),
        "domains": frozenset({"b.example"}),
        "roles": frozenset(Role.values),
    }
    judgement = judge(table, propose_mapping(table), Context(**defaults | context))
    return judgement.verdicts


def codes(verdict):
    return [message.code for message in verdict.messages]


def known(email, **fields):
    return {email: Known(email, fields)}


# --- Headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("COURRIEL", "email"),
        ("E-mail professionnel", "email"),
        ("WorkEmail", "email"),
        ("employee_id", "employee_id"),
        ("N° matricule", "employee_id"),
        ("Nº d’employé", "employee_id"),
        ("Date d'entrée", "hire_date"),
        ("Supérieur immédiat", "manager_email"),
        ("Numéro de casier", None),
    ],
)
def test_headers_are_known_however_they_are_written(header, field):
    assert field_for(header) == field


@pytest.mark.parametrize(
    "header",
    ["Salaire", "SALAIRE ANNUEL BRUT", "Base Salary", "baseSalary", "Rémunération", "Hourly rate",
     "Prime", "Compensation (CAD)", "IBAN", "NAS", "Date de naissance", "Employee salary", "Paie"],
)  # fmt: skip
def test_pay_and_private_matters_are_never_imported(header):
    assert is_never_imported(header)
    assert auto_map([header]) == [None]


@pytest.mark.parametrize("header", ["Matricule paie", "Pays", "Payroll ID", "Service", "Genève"])
def test_what_only_sounds_like_pay_is_imported(header):
    assert not is_never_imported(header)


def test_of_two_columns_that_say_the_same_the_first_counts():
    assert auto_map(["Email", "Courriel"]) == ["email", None]


def test_a_role_that_is_a_job_is_a_job_title():
    verdict = judged("a@b.example,Welder", header="email,role")[0]
    assert verdict.fields["job_title"] == "Welder"


def test_a_manager_given_by_number_is_found():
    header = "email,employee id,manager"
    first, second = judged("a@b.example,1,", "c@b.example,2,1", header=header)
    assert second.fields["manager_email"] == first.email


# --- Dates -------------------------------------------------------------------------------------

HIRED = "email,hire date"


def hire_dates(*dates, header=HIRED):
    lines = [f"p{n}@b.example,{date}" for n, date in enumerate(dates)]
    return [verdict.fields["hire_date"] for verdict in judged(*lines, header=header)]


def test_a_column_that_once_says_day_first_says_it_always():
    assert hire_dates("03/04/2022", "23/04/2022") == ["2022-04-03", "2022-04-23"]


def test_a_column_that_once_says_month_first_says_it_always():
    assert hire_dates("03/04/2022", "04/23/2022") == ["2022-03-04", "2022-04-23"]


def test_a_column_that_says_both_is_not_guessed():
    dates = hire_dates("03/04/2022", "23/04/2022", "04/23/2022")
    assert dates == [None, "2022-04-23", "2022-04-23"]


def test_french_headers_mean_day_first():
    assert hire_dates("03/04/2022", header="courriel,date d’embauche") == ["2022-04-03"]


def test_a_date_without_doubt_needs_no_evidence():
    assert hire_dates("05/05/2022", "2022-03-04") == ["2022-05-05", "2022-03-04"]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1er févr. 2021", "2021-02-01"),
        ("14 March 2022", "2022-03-14"),
        ("March 14, 2022", "2022-03-14"),
        ("14-Mar-2022", "2022-03-14"),
        ("2022-03-14 00:00:00", "2022-03-14"),
        ("20220314", "2022-03-14"),
        ("14.03.2022", "2022-03-14"),
        ("31 février 2022", None),
        ("soon", None),
        ("01/01/1900", None),
    ],
)
def test_dates_are_read_as_people_write_them(text, date):
    assert values.date_of(text, "", None)[0] == date


# --- People ------------------------------------------------------------------------------------


def test_an_address_met_twice_under_two_numbers_is_an_error():
    verdicts = judged("a@b.example,1,Luc", "A@b.example,2,Mia")
    assert [v.outcome for v in verdicts] == ["clean", "error"]
    assert (codes(verdicts[1]), verdicts[1].related) == (["email_taken"], 2)


def test_the_same_person_without_a_number_is_met_once():
    assert [v.outcome for v in judged("a@b.example,,Luc", "a@b.example,,Luc")] == ["clean", "merge"]


def test_a_bad_line_takes_nobodys_place():
    long = "x" * 151
    verdicts = judged(f"a@b.example,1,{long}", "a@b.example,1,Luc")
    assert [v.outcome for v in verdicts] == ["error", "clean"]


def test_a_number_of_somebody_else_in_the_directory_is_an_error():
    context = {"people": known("old@b.example", employee_id="1"), "numbers": {"1": "old@b.example"}}
    verdict = judged("new@b.example,1,Luc", **context)[0]
    assert codes(verdict) == ["number_taken_already"]
    assert "old@b.example" in text_of("number_taken_already", "1", verdict.messages[0].params)


def test_an_address_of_somebody_else_in_the_directory_is_an_error():
    people = known("a@b.example", employee_id="9")
    assert codes(judged("a@b.example,1,Luc", people=people)[0]) == ["email_taken_already"]


def test_a_number_that_was_missing_is_filled_in():
    people = known("a@b.example", employee_id=None, first_name="Luc")
    verdict = judged("a@b.example,1,Luc", people=people)[0]
    assert (verdict.action, verdict.changes) == ("update", ["employee_id"])


def test_a_closed_account_is_not_opened_by_a_file():
    people = {"a@b.example": Known("a@b.example", {"first_name": "Luc"}, active=False)}
    verdict = judged("a@b.example,,Luc", people=people)[0]
    assert codes(verdict) == ["account_closed"]


# --- Leaving -----------------------------------------------------------------------------------

STATUS = "email,status,termination date"


def test_an_old_contract_does_not_close_the_account_of_somebody_who_is_back():
    people = known("a@b.example")
    lines = ["a@b.example,Terminated,2020-01-31", "a@b.example,Active,"]
    for order in (lines, lines[::-1]):
        actions = {verdict.action for verdict in judged(*order, header=STATUS, people=people)}
        assert "close" not in actions


def test_the_last_day_is_still_a_day_here():
    verdict = judged("a@b.example,Active,2026-11-20", header=STATUS)[0]
    assert (verdict.outcome, codes(verdict)) == ("warning", ["leaves_later"])


def test_a_tag_about_leaving_counts_only_with_a_date():
    verdicts = judged(
        "a@b.example,retraite", "c@b.example,parti le 2026-01-31", header="email,tags"
    )
    assert [v.outcome for v in verdicts] == ["clean", "ignore"]


def test_ones_own_account_is_not_closed():
    context = {"people": known("me@b.example"), "kept_open": frozenset({"me@b.example"})}
    verdict = judged("me@b.example,Terminated,2026-01-31", header=STATUS, **context)[0]
    assert (verdict.action, codes(verdict)) == (None, ["left", "close_by_admin"])


# --- Managers ----------------------------------------------------------------------------------

MANAGED = "email,manager email"


def test_a_ring_that_runs_through_the_directory_is_found():
    people = known("boss@b.example", manager_email="a@b.example")
    verdict = judged("a@b.example,boss@b.example", header=MANAGED, people=people)[0]
    assert codes(verdict) == ["manager_ring"]


def test_who_only_leads_to_a_ring_keeps_their_manager():
    lines = ["a@b.example,c@b.example", "c@b.example,a@b.example", "d@b.example,a@b.example"]
    verdicts = judged(*lines, header=MANAGED)
    assert [v.fields["manager_email"] for v in verdicts] == [None, None, "a@b.example"]


def test_a_manager_who_is_in_the_directory_need_not_be_in_the_file():
    people = known("boss@b.example")
    verdict = judged("a@b.example,Boss@b.example", header=MANAGED, people=people)[0]
    assert (verdict.outcome, verdict.fields["manager_email"]) == ("clean", "boss@b.example")


# --- Rights ------------------------------------------------------------------------------------


def test_a_role_above_ones_own_is_not_given():
    few = frozenset({Role.AMBASSADOR})
    lines = ["a@b.example,admin", "c@b.example,ambassadrice", "d@b.example,chef"]
    verdicts = judged(*lines, header="email,role", roles=few)
    assert [codes(v) for v in verdicts] == [["role_above"], [], ["role_unknown"]]
    assert verdicts[0].fields["role"] is None


@pytest.mark.parametrize(
    ("roles", "action"), [({Role.AMBASSADOR}, "same"), (set(Role.values), "update")]
)
def test_a_role_is_taken_away_only_by_who_may_give_it(roles, action):
    people = {"a@b.example": Known("a@b.example", {"role": "admin"}, role=Role.ADMIN)}
    context = {"roles": frozenset(roles), "people": people}
    verdict = judged("a@b.example,ambassador", header="email,role", **context)[0]
    assert verdict.action == action


# --- New names ---------------------------------------------------------------------------------


def test_a_common_new_department_is_asked_about_once_and_a_lone_one_is_doubted():
    lines = [f"p{n}@b.example,Données" for n in range(120)] + ["x@b.example,Donées"]
    verdicts = judged(*lines, header="email,department")
    assert {v.outcome for v in verdicts[:-1]} == {"clean"}
    assert (verdicts[-1].outcome, verdicts[-1].fields["department"]) == ("warning", None)


def test_every_code_has_words():
    assert all(str(text) for text in TEXTS.values())
    assert text_of("email_missing", "", {}) == str(TEXTS["email_missing"])
