from collections.abc import Iterable

from ambassadors.directory.imports import values
from ambassadors.directory.imports.verdicts import WARNING, Verdict


class Managers:
    """Who manages whom, once all rows are known."""

    def __init__(self, context, columns, by_email, by_number, leavers):
        self.context, self.columns = context, columns
        self.by_email, self.by_number, self.leavers = by_email, by_number, leavers

    def settle(self, verdicts: Iterable[Verdict]):
        """Keeps the links that lead to somebody, and says why the others were left out."""
        links: dict[str, str] = {}
        with_manager = []
        for verdict in verdicts:
            self._look_up(verdict)
            if verdict.fields.get("manager_email"):
                links[verdict.email] = verdict.fields["manager_email"]
                with_manager.append(verdict)
        ring = self._in_a_ring(links)
        for verdict in with_manager:
            if verdict.email in ring:
                self._drop(verdict, "manager_ring", related=self.by_email)

    def _look_up(self, verdict):
        if "manager_id" in self.columns and not verdict.fields.get("manager_email"):
            self._by_number(verdict)
            return
        text = verdict.fields.get("manager_email")
        if not text:
            return
        email, fault = values.email_of(text)
        verdict.fields["manager_email"] = email
        if fault:
            self._drop(verdict, "manager_malformed")
        else:
            self._check(verdict, email)

    def _by_number(self, verdict):
        number = verdict.fields.get("manager_id")
        if not number:
            return
        row = self.by_number.get(number)
        email = row.email if row else self.context.numbers.get(number)
        verdict.fields["manager_email"] = email or number
        if email is None:
            self._drop(verdict, "manager_unknown")
        else:
            self._check(verdict, email)

    def _check(self, verdict, email):
        known = self.context.people.get(email)
        if email == verdict.email:
            self._drop(verdict, "manager_self")
        elif email in self.by_email or (known and known.active and email not in self.leavers):
            return
        elif email in self.leavers or known:
            self._drop(verdict, "manager_left", related=self.leavers)
        else:
            self._drop(verdict, "manager_unknown")

    def _drop(self, verdict, code, related=None):
        name = "manager_email" if "manager_email" in self.columns else "manager_id"
        email = verdict.fields["manager_email"]
        other = related.get(email) if related else None
        verdict.related = other.line if other else verdict.related
        line = other.line if other else None
        verdict.say(code, WARNING, self.columns[name], email, line=line)
        verdict.fields["manager_email"] = None

    def _in_a_ring(self, links):
        """Who stands in a ring of managers, also by way of people who are not in the file."""
        above = {
            email: known.fields.get("manager_email")
            for email, known in self.context.people.items()
            if known.fields.get("manager_email")
        } | links
        seen: dict[str, int] = {}
        ring: set[str] = set()
        for walk, start in enumerate(above):
            path, at = [], start
            while at is not None and at not in seen:
                seen[at] = walk
                path.append(at)
                at = above.get(at)
            if at is not None and seen[at] == walk:
                ring.update(path[path.index(at) :])
        return ring
