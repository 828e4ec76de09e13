from typing import NamedTuple

from ambassadors.directory.imports import values
from ambassadors.directory.imports.verdicts import WARNING, Verdict


class Link(NamedTuple):
    """What a row says of who leads: an address, or else a number."""

    email: str | None
    number: str | None


class Managers:
    """Who manages whom: noted row by row, settled once all are known, told row by row again."""

    def __init__(self, context, columns, by_email, by_number, leavers):
        self.context, self.columns = context, columns
        self.by_email, self.by_number, self.leavers = by_email, by_number, leavers
        self.links: dict[str, Link] = {}
        self.ring: set[str] = set()

    def note(self, verdict: Verdict):
        link = _link_in(verdict.fields)
        if link:
            self.links[verdict.email] = link

    def settle(self):
        """Finds the rings; what was noted is not needed after."""
        resolved = ((email, *self._resolve(email, link)) for email, link in self.links.items())
        self.ring = self._in_a_ring({email: boss for email, boss, fault in resolved if not fault})
        self.links = {}

    def tell(self, verdict: Verdict):
        """Keeps a link that leads to somebody, or says why it was left out."""
        link = _link_in(verdict.fields)
        if link is None:
            return
        boss, fault = self._resolve(verdict.email, link)
        verdict.fields["manager_email"] = boss
        if fault == "manager_left":
            self._drop(verdict, fault, line=self.leavers.get(boss))
        elif fault:
            self._drop(verdict, fault)
        elif verdict.email in self.ring:
            self._drop(verdict, "manager_ring", line=getattr(self.by_email.get(boss), "line", None))

    def _resolve(self, email, link):
        """The manager's address and None; or what the row says and what is wrong with it."""
        if link.email:
            boss, fault = values.email_of(link.email)
            if fault:
                return boss, "manager_malformed"
        else:
            boss = self.by_number.get(link.number) or self.context.numbers.get(link.number)
            if boss is None:
                return link.number, "manager_unknown"
        return boss, self._fault(email, boss)

    def _fault(self, email, boss):
        known = self.context.people.get(boss)
        if boss == email:
            return "manager_self"
        if boss in self.by_email or (known and known.active and boss not in self.leavers):
            return None
        return "manager_left" if boss in self.leavers or known else "manager_unknown"

    def _drop(self, verdict, code, line=None):
        name = "manager_email" if "manager_email" in self.columns else "manager_id"
        verdict.related = line or verdict.related
        verdict.say(code, WARNING, self.columns[name], verdict.fields["manager_email"], line=line)
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


def _link_in(fields):
    email, number = fields.get("manager_email"), fields.get("manager_id")
    return Link(email, None if email else number) if email or number else None
