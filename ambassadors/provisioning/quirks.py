"""What Entra ID and Okta write otherwise than the RFCs, put straight before it is judged.

Pure functions over parsed JSON. Documented by the vendors: paths as keys of a value without a path,
"True" as a text, a manager as a bare id, several addresses of which one is the person's.
"""

from typing import Any

from ambassadors.provisioning.schemas import EnterpriseUser

ENTERPRISE = str(EnterpriseUser.__schema__)
MANAGER = f"{ENTERPRISE}:manager"
# What has a value whatever happens: emptied by a directory that does not know it, it stays.
ALWAYS_THERE = {"active", "preferredlanguage"}


def straight_user(body: dict[str, Any]) -> dict[str, Any]:
    """A whole user, as POST and PUT bring it, with one address and a manager as an object."""
    body = dict(body)
    if emails := one_email(body.get("emails")):
        body["emails"] = emails
    elif "@" in str(body.get("userName") or ""):
        # Some directories map no address beside the name one logs in by, which is one.
        body["emails"] = [{"value": body["userName"], "type": "work", "primary": True}]
    extension = body.get(ENTERPRISE)
    if isinstance(extension, dict) and "manager" in extension:
        body[ENTERPRISE] = extension | {"manager": manager_of(extension["manager"])}
    return {name: value for name, value in body.items() if value not in ("", None)}


def straight_patch(body: dict[str, Any]) -> dict[str, Any]:
    """The operations of a PATCH on a user, each with a path of its own."""
    operations = body.get("Operations")
    if not isinstance(operations, list):
        return body
    return body | {"Operations": [each for op in operations for each in _straight(op)]}


def _straight(operation):
    if not isinstance(operation, dict):
        yield operation
        return
    path, value = operation.get("path"), operation.get("value")
    if not path and isinstance(value, dict):
        for key, one in _flat(value):
            yield from _straight(operation | {"path": key, "value": one})
    elif not _is_about_another_email(path):
        straight = _emptied(operation | _with_path(str(path or ""), value))
        if straight.get("op") != "remove" or str(path).lower() not in ALWAYS_THERE:
            yield straight


def _flat(value):
    for key, one in value.items():
        if key.lower() == ENTERPRISE.lower() and isinstance(one, dict):
            yield from ((f"{ENTERPRISE}:{name}", each) for name, each in one.items())
        elif key.lower() not in {"schemas", "id", "meta"}:
            yield key, one


def _is_about_another_email(path):
    """One address is kept, and it is the one for work."""
    lower = str(path or "").lower().replace("'", '"')
    return lower.startswith("emails[type eq") and '"work"' not in lower


def _with_path(path, value):
    lower = path.lower()
    if lower == MANAGER.lower():
        return {"path": path, "value": manager_of(value)}
    if lower == f"{MANAGER}.value".lower() or lower == f"{MANAGER}.id".lower():
        return {"path": MANAGER, "value": manager_of(value)}
    if lower == "emails":
        return {"path": path, "value": one_email(value)}
    if lower.startswith(("emails[", "emails.")) and lower.endswith(".value"):
        return {"path": 'emails[type eq "work"].value', "value": value}
    return {"path": path, "value": value} if path else {}


def _emptied(operation):
    """An attribute set to nothing is taken away: Entra writes "", others null."""
    name = str(operation.get("op", "")).lower()
    if name in {"add", "replace"} and "value" in operation and operation["value"] in ("", None):
        return {"op": "remove", "path": operation.get("path")}
    if name == "remove":
        return {"op": "remove", "path": operation.get("path")}
    return operation


def manager_of(value: Any) -> dict[str, Any] | None:
    """A manager, whether an object, a list of one, or a bare id; None for nobody."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = {"value": str(value)} if str(value) else None
    if isinstance(value, dict) and not value.get("value"):
        return None
    return value


def one_email(value: Any) -> Any:
    """The address for work out of several: the work one, or the primary one, or the first."""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return value
    emails = [each for each in value if isinstance(each, dict) and each.get("value")]
    best = sorted(
        emails,
        key=lambda each: (str(each.get("type", "")).lower() != "work", not each.get("primary")),
    )
    return [{"primary": True} | best[0] | {"type": "work"}] if best else None
