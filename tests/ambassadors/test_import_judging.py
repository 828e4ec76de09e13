"""What becomes of every row of the sample exports, against what is known to be right."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

from ambassadors.accounts.roles import Role
from ambassadors.directory.imports.judging import judge
from ambassadors.directory.imports.mapping import propose_mapping
from ambassadors.directory.imports.reading import read
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.values import tags_of
from ambassadors.directory.imports.verdicts import Context, Known

DATA = Path(__file__).parents[1] / "data"
TODAY = dt.date(2026, 11, 20)
DOMAINS = frozenset({"orvaly.example", "orvaly-france.example"})


def expected(name):
    return json.loads((DATA / name).read_text())


FR, EN = expected("people-fr.expected.json"), expected("people-en.expected.json")


def known_units():
    """The directory of people-fr.csv, with the English names that people-en.xlsx uses."""
    words = EN["translations"]
    english = {
        kind: {french: name for name, french in words[kind].items()}
        for kind in ("departments", "teams", "locations")
    }
    departments, teams, locations = {}, {}, {}
    for department, its_teams in FR["reference"]["departments"].items():
        for name in (department, english["departments"][department]):
            departments[folded(name)] = department
        for team in its_teams:
            for name in (team, english["teams"][team]):
                teams[department, folded(name)] = team
    for location in FR["reference"]["locations"]:
        for name in (location, english["locations"][location]):
            locations[folded(name)] = location
    return {"departments": departments, "teams": teams, "locations": locations}


def context(**fields):
    roles = frozenset(Role.values)
    return Context(**{"today": TODAY, "domains": DOMAINS, "roles": roles} | known_units() | fields)


def judged(name, **fields):
    table = read((DATA / name).read_bytes(), name)
    return table, judge(table, propose_mapping(table), context(**fields))


@pytest.fixture(scope="module")
def french():
    return judged("people-fr.csv")


@pytest.fixture(scope="module")
def english():
    return judged("people-en.xlsx")


FILES = [("french", FR, "line"), ("english", EN, "row")]
each_file = pytest.mark.parametrize(("fixture", "right", "line"), FILES, ids=["fr", "en"])


@each_file
def test_the_columns_are_recognised(request, fixture, right, line):
    table, _judgement = request.getfixturevalue(fixture)
    names = {"termination_date": "leave_date", "salary": None}
    wanted = {h: names.get(name, name) for h, name in right["columns"].items()}
    wanted.pop("Base Salary", None)
    mapping = dict(zip(table.headers, propose_mapping(table), strict=True))
    mapping.pop("", None)
    assert mapping == wanted


@each_file
def test_every_row_has_its_outcome(request, fixture, right, line):
    _table, judgement = request.getfixturevalue(fixture)
    wanted = {row[line]: row["outcome"] for row in right["dirty_rows"]}
    wrong = {
        verdict.line: (verdict.outcome, wanted.get(verdict.line), verdict.messages)
        for verdict in judgement.verdicts
        if verdict.outcome != wanted.get(verdict.line, "clean")
    }
    assert wrong == {}


@each_file
def test_every_dirty_row_has_its_fields(request, fixture, right, line):
    _table, judgement = request.getfixturevalue(fixture)
    verdicts = {verdict.line: verdict for verdict in judgement.verdicts}
    wrong = {
        (row[line], name): (verdicts[row[line]].fields.get(name), value)
        for row in right["dirty_rows"]
        for name, value in row.get("fields", {}).items()
        if verdicts[row[line]].fields.get(name) != value
    }
    assert wrong == {}


@each_file
def test_what_is_told_names_the_line_and_the_column(request, fixture, right, line):
    table, judgement = request.getfixturevalue(fixture)
    verdicts = {verdict.line: verdict for verdict in judgement.verdicts}
    for row in right["dirty_rows"]:
        verdict = verdicts[row[line]]
        told = {table.headers[m.column] if m.column is not None else None for m in verdict.messages}
        if row["outcome"] in {"error", "warning"}:
            assert row["column"] in told, row
        assert verdict.line_end == row.get("line_end", row[line])
        if row.get("related_lines") and row["outcome"] not in {"clean"}:
            assert verdict.related in row["related_lines"], row


@each_file
def test_every_sample_is_read_value_by_value(request, fixture, right, line):
    _table, judgement = request.getfixturevalue(fixture)
    verdicts = {verdict.line: verdict for verdict in judgement.verdicts}
    words = EN["translations"] if fixture == "english" else {}
    for sample in right["samples"]:
        fields = verdicts[sample[line]].fields
        for name, value in sample.items():
            if name == line:
                continue
            value = words.get(f"{name}s", {}).get(value, value)
            assert fields.get(name) == (" ".join(value.split()) if value else value), (sample, name)


@each_file
def test_the_counts_add_up(request, fixture, right, line):
    _table, judgement = request.getfixturevalue(fixture)
    counts, came_in = right["counts"], [v for v in judgement.verdicts if v.importable]
    words = EN["translations"] if fixture == "english" else {}
    dirty = {row[line] for row in right["dirty_rows"]}
    assert len(came_in) == counts["importable_rows"]
    assert len({v.email for v in came_in}) == counts["persons_after_import"]
    assert sum(bool(v.fields["manager_email"]) for v in came_in) == counts["manager_links"]
    by_outcome = Counter(v.outcome for v in judgement.verdicts if v.line in dirty)
    assert by_outcome == counts["dirty_by_outcome"]
    for name in ("department", "team", "location", "language"):
        if f"by_{name}" in counts:
            seen = Counter(v.fields[name] or "(none)" for v in came_in)
            wanted = counts[f"by_{name}"]
            wanted = {words.get(f"{name}s", {}).get(key, key): n for key, n in wanted.items()}
            assert seen == wanted


def test_names_with_lost_letters_come_in_as_they_are(french):
    _table, judgement = french
    lost = [v.line for v in judgement.verdicts if any(m.code == "lost_letters" for m in v.messages)]
    assert lost == FR["lost_letters"]["lines"]


def test_the_furniture_around_the_list_is_found(french):
    table, _judgement = french
    assert [f._asdict() for f in table.furniture] == [
        {name: piece[name] for name in ("line", "what")} for piece in FR["furniture"]
    ]


def test_the_small_file_is_all_good():
    _table, judgement = judged(
        "people-small.csv", **{"teams": {}, "departments": {}, "locations": {}}
    )
    roles = Counter(v.fields["role"] for v in judgement.verdicts)
    assert roles == {"admin": 1, "manager": 2, "ambassador": 9}
    assert Counter(v.fields["language"] for v in judgement.verdicts) == {"fr": 8, "en": 4}


def directory_after(judgement):
    """The people a judgement would create, as the next import meets them."""
    people = {
        v.email: Known(v.email, v.fields | {"tags": ", ".join(tags_of(v.fields.get("tags") or ""))})
        for v in judgement.verdicts
        if v.importable
    }
    numbers = {known.fields["employee_id"]: email for email, known in people.items()}
    return {"people": people, "numbers": numbers}


def test_the_english_file_after_the_french_updates_120_and_adds_675(french):
    _table, judgement = french
    _table, after = judged("people-en.xlsx", **directory_after(judgement))
    assert after.actions == {"update": 120, "create": 675}


def test_twelve_names_get_their_letters_back(french):
    _table, judgement = french
    directory = directory_after(judgement)
    _table, after = judged("people-en.xlsx", **directory)
    healed = [
        verdict
        for verdict in after.verdicts
        if any(
            "?" in directory["people"][verdict.email].fields[name]
            for name in verdict.changes
            if name in {"first_name", "last_name"}
        )
    ]
    assert len(healed) == 12
    assert not any("?" in v.fields["first_name"] + v.fields["last_name"] for v in healed)


def test_lost_letters_never_replace_the_right_ones(french):
    _table, judgement = french
    directory = directory_after(judgement)
    right = directory["people"]["quoc.nguyen@orvaly.example"].fields | {
        "first_name": "Quốc",
        "last_name": "Nguyễn",
    }
    directory["people"]["quoc.nguyen@orvaly.example"] = Known("quoc.nguyen@orvaly.example", right)
    _table, again = judged("people-fr.csv", **directory)
    assert again.actions == {"same": 2481}
