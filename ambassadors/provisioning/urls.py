from django.urls import include, path, re_path

from ambassadors.provisioning import discovery, pages, resources, role_pages
from ambassadors.provisioning.endpoint import endpoint

EVERY = ("GET", "POST", "PUT", "PATCH", "DELETE")
users = endpoint(GET=resources.user_list, POST=resources.user_create)
user = endpoint(
    GET=resources.user_detail,
    PUT=resources.user_replace,
    PATCH=resources.user_patch,
    DELETE=resources.user_delete,
)
groups = endpoint(GET=resources.group_list, POST=resources.group_create)
group = endpoint(
    GET=resources.group_detail,
    PUT=resources.group_replace,
    PATCH=resources.group_patch,
    DELETE=resources.group_delete,
)

scim = [
    path("ServiceProviderConfig", endpoint(GET=discovery.config), name="scim-config"),
    path("ResourceTypes", endpoint(GET=discovery.types), name="scim-types"),
    path("ResourceTypes/<str:name>", endpoint(GET=discovery.one_type), name="scim-type"),
    path("Schemas", endpoint(GET=discovery.schemas), name="scim-schemas"),
    path("Schemas/<str:name>", endpoint(GET=discovery.one_schema), name="scim-schema"),
    path("Users", users, name="scim-users"),
    path("Users/.search", endpoint(POST=resources.user_search), name="scim-user-search"),
    path("Users/<str:pk>", user, name="scim-user"),
    path("Groups", groups, name="scim-groups"),
    path("Groups/<str:pk>", group, name="scim-group"),
    path(".search", endpoint(POST=discovery.not_built), name="scim-search"),
    path("Bulk", endpoint(POST=discovery.not_built), name="scim-bulk"),
    # Last: an address that is none is told in SCIM's words too.
    re_path(
        r"^(?P<rest>.*)$",
        endpoint(**dict.fromkeys(EVERY, discovery.nothing)),
        name="scim-nothing",
    ),
]
urlpatterns = [
    path("provisioning/", pages.provisioning_detail, name="provisioning-detail"),
    path("provisioning/groups/<int:pk>/team/", pages.provisioning_team, name="provisioning-team"),
    path("roles/groups/", role_pages.group_role_list, name="group-role-list"),
    path("roles/groups/<int:pk>/remove/", role_pages.group_role_remove, name="group-role-remove"),
    path("scim/v2/", include(scim)),
]
