"""A SCIM filter or order as Django's own expressions: known attributes, never a text of SQL."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from scim2_models import InvalidFilterException, InvalidPathException, ScimFilter
from scim2_models.path import FilterVisitor

from ambassadors.provisioning import schemas
from ambassadors.provisioning.models import Identity
from ambassadors.provisioning.people import pk_of

LONGEST = 1000
ENTERPRISE = str(schemas.EnterpriseUser.__schema__).lower()
# Attribute -> (column, are capitals told apart).
USER_COLUMNS = {
    "externalid": ("identity__external_id", True),
    "emails": ("email", False),
    "emails.value": ("email", False),
    "name.givenname": ("first_name", False),
    "name.familyname": ("last_name", False),
    "nickname": ("preferred_name", False),
    "title": ("person__job_title", False),
    "preferredlanguage": ("language", False),
    "active": ("is_active", True),
    "employeenumber": ("person__employee_id", False),
    "department": ("person__department__name", False),
    "organization": ("identity__organization", False),
    "meta.created": ("date_joined", True),
    "meta.lastmodified": ("identity__changed_at", True),
}
GROUP_COLUMNS = {
    "displayname": ("display_name", False),
    "externalid": ("external_id", True),
    "meta.created": ("created_at", True),
    "meta.lastmodified": ("changed_at", True),
}
TEXT_LOOKUPS = {"eq": "exact", "co": "contains", "sw": "startswith", "ew": "endswith"}
ORDER_LOOKUPS = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


class _Asked(FilterVisitor[Q]):
    """Walks the tree of a filter and gives a Q."""

    def __init__(self, columns, special):
        self.columns, self.special = columns, special

    def visit_not(self, node):
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node):
        first, *rest = [self.visit(term) for term in node.terms]
        for term in rest:
            first = first & term if node.op == "and" else first | term
        return first

    def visit_value_path(self, node):
        # Of each person one address is kept: what is asked of "one of them" is asked of that one.
        return _Asked(self.columns, self.special | {"": name_of(node.attr_path)}).visit(
            node.val_filter
        )

    def visit_present(self, node):
        name = self._full(node.attr_path)
        if name in self.special:
            return Q(pk__isnull=False)
        if name == "emails.type" or name == "emails.primary":
            return Q(pk__isnull=False)
        column, _exact = self._column(name)
        return ~Q(**{f"{column}__isnull": True}) & (
            Q() if _is_no_text(column) else ~Q(**{column: ""})
        )

    def visit_comparison(self, node):
        name, value = self._full(node.attr_path), node.value
        if name in ("emails.type", "emails.primary"):
            meant = value in ("work", True) if node.op == "eq" else value not in ("work", True)
            return Q(pk__isnull=False) if meant else Q(pk__isnull=True)
        if name in self.special:
            return _either_way(self.special[name], node.op, value)
        column, exact = self._column(name)
        return _either_way(lambda op, v: _compare(column, exact, op, v), node.op, value)

    def _full(self, path):
        inside = self.special.get("")
        name = name_of(path)
        return f"{inside}.{name}" if inside else name

    def _column(self, name):
        if name not in self.columns:
            raise InvalidFilterException(detail=f"filter: {name!r} cannot be asked for")
        return self.columns[name]


def _either_way(compare, op, value):
    return ~compare("eq", value) if op == "ne" else compare(op, value)


def _compare(column, exact, op, value):
    if value is None:
        none = Q(**{f"{column}__isnull": True})
        return none if _is_no_text(column) else none | Q(**{column: ""})
    if op in ORDER_LOOKUPS:
        return Q(**{f"{column}__{ORDER_LOOKUPS[op]}": value})
    lookup = TEXT_LOOKUPS[op]
    if column == "email" and op == "eq":
        # It is kept in lower case, and so the index serves.
        return Q(email=str(value).lower())
    return Q(**{f"{column}__{'' if exact else 'i'}{lookup}": value})


def _is_no_text(column):
    return column.endswith(("_at", "_active", "_joined"))


def name_of(path: Any) -> str:
    """`urn:…:User:department` as `department`, `name.givenName` as `name.givenname`."""
    return ".".join(part.lower() for part in (path.attr, path.sub_attr) if part)


def _by_user_name(op, value):
    """Who never came through here is known by their address."""
    text = str(value).lower()
    lookup = (TEXT_LOOKUPS | ORDER_LOOKUPS)[op]
    known = Identity.objects.annotate(lower=Lower("user_name")).filter(deleted_at=None)
    known = known.filter(**{f"lower__{lookup}": text}).values("user")
    return Q(pk__in=known) | Q(**{f"email__{lookup}": text}, identity=None)


def _by_id(op, value):
    if op != "eq":
        raise InvalidFilterException(detail="filter: id takes eq")
    return Q(pk=pk_of(str(value)))


def _by_manager(op, value):
    if op != "eq":
        raise InvalidFilterException(detail="filter: manager takes eq")
    return Q(person__manager_id=pk_of(str(value)))


def _by_member(op, value):
    if op != "eq":
        raise InvalidFilterException(detail="filter: members takes eq")
    return Q(members=pk_of(str(value)))


USER_SPECIAL: dict[str, Callable[[str, Any], Q]] = {
    "username": _by_user_name,
    "id": _by_id,
    "manager": _by_manager,
    "manager.value": _by_manager,
}
GROUP_SPECIAL: dict[str, Callable[[str, Any], Q]] = {
    "id": _by_id,
    "members": _by_member,
    "members.value": _by_member,
}


def users_asked(scim_filter: ScimFilter) -> Q:
    """InvalidFilterException for what our users cannot be asked for."""
    return _Asked(USER_COLUMNS, USER_SPECIAL).visit(scim_filter.ast)


def groups_asked(scim_filter: ScimFilter) -> Q:
    return _Asked(GROUP_COLUMNS, GROUP_SPECIAL).visit(scim_filter.ast)


def order_of(path: Any, columns: dict, *, descending: bool) -> list:
    """What to order by; ties and no order at all fall to the number, so that pages do not overlap.

    path: a scim2_models.Path or None. InvalidPathException for what cannot be ordered by.
    """
    if path is None:
        return ["pk"]
    name = str(path).lower().removeprefix(f"{ENTERPRISE}:")
    if columns is USER_COLUMNS and name == "username":
        column = Lower(Coalesce("identity__user_name", "email"))
    elif name == "id":
        return ["-pk" if descending else "pk"]
    elif name in columns:
        column_name, exact = columns[name]
        column = F(column_name) if exact else Lower(column_name)
    else:
        raise InvalidPathException(path=str(path), detail=f"sortBy: {name!r} cannot be sorted by")
    ordered = column.desc(nulls_first=True) if descending else column.asc(nulls_last=True)
    return [ordered, "pk"]
