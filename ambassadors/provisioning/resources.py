"""/scim/v2/Users and /scim/v2/Groups: thin views over people.py and groups.py."""

import re
from collections import defaultdict

from django.http import HttpResponse
from scim2_models import (
    Context,
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    ListResponse,
    Meta,
    NotFoundException,
    PatchOp,
    ResponseParameters,
    SearchRequest,
)

from ambassadors.provisioning import groups, people, schemas
from ambassadors.provisioning.endpoint import answer, check_version, version_of
from ambassadors.provisioning.filters import (
    GROUP_COLUMNS,
    LONGEST,
    USER_COLUMNS,
    groups_asked,
    order_of,
    users_asked,
)
from ambassadors.provisioning.models import DirectoryGroup, provisioned
from ambassadors.provisioning.quirks import straight_patch, straight_user

PAGE, LONGEST_PAGE = 100, 200
LONGEST_PAGE_OF_MEMBERS = 20
PARAMETERS = {
    "filter": "filter",
    "sortBy": "sort_by",
    "sortOrder": "sort_order",
    "startIndex": "start_index",
    "count": "count",
    "attributes": "attributes",
    "excludedAttributes": "excluded_attributes",
}
ONE_MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([^"]*)"\s*\]', re.IGNORECASE)


# --- Users -----------------------------------------------------------------------------------
def user_list(request):
    return _user_page(_asked(request, schemas.User))


def user_search(request):
    return _user_page(SearchRequest[schemas.User].model_validate(_limited(request.said)))


def _user_page(asked):
    found = provisioned()
    if asked.filter:
        found = found.filter(users_asked(asked.filter))
    rows, total = _page(found, asked, USER_COLUMNS, LONGEST_PAGE)
    return _listed([_user_body(user, asked) for user in rows], total, asked)


def user_create(request):
    said = schemas.User.model_validate(straight_user(request.said))
    user = people.create(said, request.token)
    return _user(request, user, status=201)


def user_detail(request, pk):
    return _user(request, _user_of(pk))


def user_replace(request, pk):
    user = _user_to_change(request, pk)
    said = schemas.User.model_validate(straight_user(request.said))
    people.write(user, people.laid_over(people.resource_of(user), said))
    return _user(request, _user_of(pk))


def user_patch(request, pk):
    user = _user_to_change(request, pk)
    straight = straight_patch(request.said)
    # Of what was asked, nothing may be about us: that is no mistake.
    if straight.get("Operations") or not request.said.get("Operations"):
        patch = PatchOp[schemas.User].model_validate(
            straight, scim_ctx=Context.RESOURCE_PATCH_REQUEST
        )
        resource = people.resource_of(user)
        if patch.patch(resource):
            people.write(user, resource)
    return _user(request, _user_of(pk))


def user_delete(request, pk):
    people.delete(_user_to_change(request, pk))
    return HttpResponse(status=204)


def _user_of(pk):
    user = provisioned().filter(pk=people.pk_of(pk)).first()
    if user is None:
        raise NotFoundException(detail="No such user")
    return user


def _user_to_change(request, pk):
    """Locked: of two changes at once the second sees what the first has done."""
    user = provisioned().select_for_update(of=["self"]).filter(pk=people.pk_of(pk)).first()
    if user is None:
        raise NotFoundException(detail="No such user")
    check_version(request, lambda: _user_body(user)["meta"]["version"])
    return user


def _user(request, user, status=200):
    return _one(request, _user_body(user, _shown(request, schemas.User)), status)


def _user_body(user, shown=None):
    identity = getattr(user, "identity", None)
    changed = identity.changed_at if identity else user.date_joined
    return _body(people.resource_of(user), "Users", user.date_joined, changed, shown)


# --- Groups ----------------------------------------------------------------------------------
def group_list(request):
    asked = _asked(request, schemas.Group)
    found = DirectoryGroup.objects.all()
    if asked.filter:
        found = found.filter(groups_asked(asked.filter)).distinct()
    with_members = _wants_members(asked)
    longest = LONGEST_PAGE_OF_MEMBERS if with_members else LONGEST_PAGE
    rows, total = _page(found, asked, GROUP_COLUMNS, longest)
    members = _members_of(rows) if with_members else {}
    bodies = [_group_body(group, members.get(group.pk, []), asked) for group in rows]
    return _listed(bodies, total, asked)


def group_create(request):
    said = schemas.Group.model_validate(request.said)
    return _group(request, groups.create(said), status=201)


def group_detail(request, pk):
    return _group(request, _group_of(pk))


def group_replace(request, pk):
    group = _group_to_change(request, pk)
    groups.replace(group, schemas.Group.model_validate(request.said))
    return _group(request, group)


def group_patch(request, pk):
    """204 without a body: a group of ten thousand is not shown again for one who joined."""
    group = _group_to_change(request, pk)
    patch = PatchOp[schemas.Group].model_validate(
        request.said, scim_ctx=Context.RESOURCE_PATCH_REQUEST
    )
    for operation in patch.operations:
        _apply(group, operation.op, str(operation.path or ""), operation.value)
    return HttpResponse(status=204)


def group_delete(request, pk):
    groups.delete(_group_to_change(request, pk))
    return HttpResponse(status=204)


def _apply(group, op, path, value):
    """One operation on a group. Members are added and removed as such, however many there are."""
    if not path and isinstance(value, dict):
        for key, one in value.items():
            if key.lower() not in {"schemas", "id", "meta"}:
                _apply(group, op, key, one)
        return
    path = path.removeprefix(f"{schemas.Group.__schema__}:")
    one = ONE_MEMBER.fullmatch(path)
    if one and op == "remove":
        groups.remove_members(group, {people.pk_of(one[1])})
    elif path.lower() == "members":
        _apply_members(group, op, value)
    elif path.lower() == "displayname":
        groups.rename(group, None if op == "remove" else str(value), group.external_id)
    elif path.lower() == "externalid":
        groups.rename(group, group.display_name, "" if op == "remove" else str(value or ""))
    elif one or path.lower().startswith("members"):
        raise InvalidPathException(detail="members: add, remove or replace whole members")


def _apply_members(group, op, value):
    values = value if isinstance(value, list) else [value] if value else []
    ids = groups.ids_of(schemas.Member.model_validate(each) for each in values)
    if op == "add":
        groups.add_members(group, ids)
    elif op == "replace":
        groups.set_members(group, ids)
    else:
        groups.remove_members(group, ids) if values else groups.set_members(group, set())


def _group_of(pk):
    group = DirectoryGroup.objects.filter(pk=people.pk_of(pk)).first()
    if group is None:
        raise NotFoundException(detail="No such group")
    return group


def _group_to_change(request, pk):
    locked = DirectoryGroup.objects.select_for_update(of=["self"])
    group = locked.filter(pk=people.pk_of(pk)).select_related("team").first()
    if group is None:
        raise NotFoundException(detail="No such group")
    check_version(request, lambda: _whole(group)["meta"]["version"])
    return group


def _group(request, group, status=200):
    shown = _shown(request, schemas.Group)
    members = _members_of([group]).get(group.pk, []) if _wants_members(shown) else None
    return _one(request, _group_body(group, members, shown), status)


def _whole(group):
    return _group_body(group, _members_of([group]).get(group.pk, []))


def _group_body(group, members, shown=None):
    resource = groups.resource_of(group, members)
    return _body(resource, "Groups", group.created_at, group.changed_at, shown)


def _members_of(rows):
    """The numbers of the members of each group, in one query."""
    through = DirectoryGroup.members.through
    pairs = through.objects.filter(directorygroup__in=rows).order_by("user_id")
    found = defaultdict(list)
    for group, user in pairs.values_list("directorygroup_id", "user_id"):
        found[group].append(user)
    return found


def _wants_members(shown):
    if shown.attributes:
        return any("members" in str(path).lower() for path in shown.attributes)
    return not any(str(path).lower() == "members" for path in shown.excluded_attributes or ())


# --- Both ------------------------------------------------------------------------------------
def _asked(request, model):
    """The query of a list, judged against what `model` has."""
    said = {name: request.GET[key] for key, name in PARAMETERS.items() if key in request.GET}
    return SearchRequest[model].model_validate(_limited(said))


def _limited(said):
    text = str(said.get("filter") or "")
    if len(text) > LONGEST or "\0" in text:
        raise InvalidFilterException(detail=f"filter: {LONGEST} characters at most")
    if any(abs(number) >= 2**31 for number in _numbers(said)):
        raise InvalidSyntaxException(detail="startIndex, count: too large")
    try:
        return {name: value for name, value in said.items() if value not in ("", None)}
    except RecursionError:
        raise InvalidFilterException(detail="filter: too deep") from None


def _numbers(said):
    for name in ("start_index", "count", "startIndex"):
        text = str(said.get(name) or "0")
        yield int(text) if text.removeprefix("-").isdecimal() else 0


def _shown(request, model):
    said = {
        PARAMETERS[key]: request.GET[key]
        for key in ("attributes", "excludedAttributes")
        if request.GET.get(key)
    }
    return ResponseParameters[model].model_validate(said)


def _page(found, asked, columns, longest):
    """The rows of one page, and how many there are in all."""
    descending = asked.sort_order == SearchRequest.SortOrder.descending
    ordered = found.order_by(*order_of(asked.sort_by, columns, descending=descending))
    count = min(longest, PAGE if asked.count is None else asked.count)
    first = asked.start_index_0 or 0
    return list(ordered[first : first + count]), found.order_by().count()


def _listed(bodies, total, asked):
    return answer(
        {
            "schemas": [str(ListResponse.__schema__)],
            "totalResults": total,
            "startIndex": (asked.start_index_0 or 0) + 1,
            "itemsPerPage": len(bodies),
            "Resources": bodies,
        }
    )


def _body(resource, kind, created, changed, shown=None):
    """The JSON of a resource, with the attributes that were asked for and its version."""
    kind_name = kind.removesuffix("s")
    where = people.location(kind, resource.id)
    meta = Meta(resource_type=kind_name, created=created, last_modified=changed, location=where)
    version = version_of(resource.model_dump())
    meta.version = version
    resource.meta = meta
    return resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=shown)


def _one(request, body, status):
    meta = body.get("meta") or {}
    version = meta.get("version", "")
    if request.method == "GET" and version and request.headers.get("If-None-Match") == version:
        response = HttpResponse(status=304)
    else:
        response = answer(body, status)
    if version:
        response.headers["ETag"] = version
    if meta.get("location"):
        response.headers["Location"] = meta["location"]
    return response
