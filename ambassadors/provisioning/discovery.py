"""What the SCIM server says of itself."""

from django.conf import settings
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    ForbiddenException,
    ListResponse,
    Meta,
    NotFoundException,
    NotImplementedException,
    Pagination,
    Patch,
    ResourceType,
    ServiceProviderConfig,
    Sort,
)

from ambassadors.provisioning.endpoint import answer
from ambassadors.provisioning.resources import LONGEST_PAGE, PAGE
from ambassadors.provisioning.schemas import SCHEMAS, Group, User


def config(request):
    return answer(
        _dumped(
            ServiceProviderConfig(
                patch=Patch(supported=True),
                bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
                filter=Filter(supported=True, max_results=LONGEST_PAGE),
                change_password=ChangePassword(supported=False),
                sort=Sort(supported=True),
                etag=ETag(supported=True),
                pagination=Pagination(
                    cursor=False,
                    index=True,
                    default_pagination_method="index",
                    default_page_size=PAGE,
                    max_page_size=LONGEST_PAGE,
                ),
                authentication_schemes=[
                    AuthenticationScheme(
                        type="oauthbearertoken",
                        name="Bearer token",
                        description="A token that an administrator made on the page of Porte-voix.",
                        spec_uri="https://www.rfc-editor.org/rfc/rfc6750",
                        primary=True,
                    )
                ],
                meta=_meta("ServiceProviderConfig", "ServiceProviderConfig"),
            )
        )
    )


def types(request):
    return _all(request, _types())


def one_type(request, name):
    return _one(_types(), name)


def schemas(request):
    return _all(request, _schemas())


def one_schema(request, name):
    return _one(_schemas(), name)


def nothing(request, rest=""):
    raise NotFoundException(detail="No such address")


def not_built(request):
    """Bulk, and a search over users and groups at once."""
    raise NotImplementedException(detail="Not supported: see ServiceProviderConfig")


def _types():
    for model in (User, Group):
        found = ResourceType.from_resource(model)
        found.meta = _meta("ResourceType", f"ResourceTypes/{found.id}")
        yield found


def _schemas():
    for model in SCHEMAS:
        found = model.to_schema()
        found.meta = _meta("Schema", f"Schemas/{found.id}")
        yield found


def _all(request, resources):
    if "filter" in request.GET:
        # RFC 7644, 4: what describes the server is not searched.
        raise ForbiddenException(detail="Not to be filtered")
    bodies = [_dumped(resource) for resource in resources]
    return answer(
        {
            "schemas": [str(ListResponse.__schema__)],
            "totalResults": len(bodies),
            "startIndex": 1,
            "itemsPerPage": len(bodies),
            "Resources": bodies,
        }
    )


def _one(resources, name):
    for resource in resources:
        if resource.id.lower() == name.lower():
            return answer(_dumped(resource))
    raise NotFoundException(detail="No such address")


def _dumped(resource):
    return resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def _meta(kind, path):
    return Meta(resource_type=kind, location=f"{settings.BASE_URL}/scim/v2/{path}")
