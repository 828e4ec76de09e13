"""What judging is given and what it answers: plain data, no rule."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ambassadors.accounts.roles import Role

# Outcomes of a row.
ERROR, WARNING, CLEAN, MERGE, IGNORE = "error", "warning", "clean", "merge", "ignore"
# What an accepted row would do to the directory.
CREATE, UPDATE, SAME, CLOSE = "create", "update", "same", "close"
# How grave a message is. A remark changes nothing about the row's outcome.
REMARK = "remark"


@dataclass(slots=True)
class Message:
    """Something to say about a row. Plain data: the words come with the reader's language."""

    code: str
    severity: str
    column: int | None = None  # from 0; None when it is about the whole line
    value: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict:
    """What becomes of one row.

    fields: cleaned values by field name, None for "left empty". action: see CREATE and the
    others, None for a row that changes nothing. changes: names of the fields an update touches.
    """

    line: int
    line_end: int
    outcome: str = CLEAN
    fields: dict[str, str | None] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    action: str | None = None
    changes: list[str] = field(default_factory=list)
    related: int | None = None  # the line of the same person, or of the ring's next one

    @property
    def importable(self):
        return self.outcome in {CLEAN, WARNING}

    @property
    def email(self):
        return self.fields.get("email")

    def say(self, code, severity, column=None, value="", **params):
        # PostgreSQL keeps no NUL, not even in JSON.
        value = value[:200].replace("\0", "")
        self.messages.append(Message(code, severity, column, value, params))
        if self.outcome in {CLEAN, WARNING, ERROR}:
            self.weigh()

    def weigh(self):
        """The outcome is as grave as the gravest message."""
        said = {message.severity for message in self.messages}
        self.outcome = next((grave for grave in (ERROR, WARNING) if grave in said), CLEAN)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is already in the directory."""

    email: str
    fields: Mapping[str, str | None]
    active: bool = True
    role: str = Role.AMBASSADOR


@dataclass(frozen=True)
class Context:
    """All that judging needs to know about the world, as plain data.

    departments, locations: from a folded name, in either language, to the one name in use.
    teams: the same, from (department's name in use, folded team name).
    people: by e-mail. numbers: from employee number to e-mail.
    roles: those the importer may give, and whose accounts they may close.
    kept_open: addresses of accounts that no file closes, the importer's own for one.
    """

    today: dt.date
    domains: frozenset[str] = frozenset()
    departments: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Known] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset({Role.AMBASSADOR})
    kept_open: frozenset[str] = frozenset()


class Unit(NamedTuple):
    """A department, team or place that a file names; `under` is a team's department."""

    under: str
    name: str


@dataclass
class Judgement:
    """The verdicts, in the order of the file, and what was seen on the way.

    unknown: how many people each department, team and place has that the directory lacks, by kind.
    """

    verdicts: list[Verdict]
    unknown: dict[str, Counter[Unit]]

    @property
    def outcomes(self) -> Counter:
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def actions(self) -> Counter:
        return Counter(verdict.action for verdict in self.verdicts if verdict.action)
