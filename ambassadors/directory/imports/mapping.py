"""Which column is what, once the headers are held against what stands under them."""

from collections import Counter

from ambassadors.directory.imports import values
from ambassadors.directory.imports.headers import auto_map
from ambassadors.directory.imports.table import Table


def propose_mapping(table: Table) -> list[str | None]:
    """The mapping to start from: by header, then held against what the columns contain."""
    mapping = auto_map(table.headers)
    if not table.header_line and table.form != "pasted":
        mapping[_column_with_most_addresses(table)] = "email"
    for name, fits in (("role", _holds_roles), ("manager_email", _holds_addresses)):
        if name in mapping and not fits(table, mapping.index(name)):
            at = mapping.index(name)
            mapping[at] = _second_thought(name, mapping, table, at)
    return mapping


def _second_thought(name, mapping, table, at):
    """`Role` may be a job title, and `Manager` a number or just a name."""
    if name == "role" and "job_title" not in mapping:
        return "job_title"
    if name == "manager_email" and "employee_id" in mapping and "manager_id" not in mapping:
        numbers = set(table.column(mapping.index("employee_id")))
        seen = table.column(at)
        if seen and sum(value in numbers for value in seen) * 2 > len(seen):
            return "manager_id"
    return None


def _holds_roles(table, at):
    seen = table.column(at)
    return sum(values.role_of(value) is not None for value in seen) * 2 >= len(seen)


def _holds_addresses(table, at):
    seen = table.column(at)
    return not seen or any("@" in value for value in seen)


def _column_with_most_addresses(table):
    tally = Counter(at for row in table.rows for at, cell in enumerate(row.cells) if "@" in cell)
    return tally.most_common(1)[0][0]
