"""What the company's directory may say of people and groups, and nothing beside it.

The models are the mass assignment guard: an attribute that has no line here has no way in, and
what is not here (roles, audience, shares, figures) has no way out.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    ExtensibleStringEnum,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    Uniqueness,
)

# What Entra sends beside the standard is understood; what nobody mapped is passed over.
TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
Text = str | None


class Name(ComplexAttribute):
    given_name: Text = None
    family_name: Text = None


class Email(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        work = "work"

    value: Annotated[Text, Required.true] = None
    type: Type | None = None
    primary: bool | None = None


class Manager(ComplexAttribute):
    value: Annotated[Text, CaseExact.true] = None
    ref: Reference["User"] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")


class EnterpriseUser(Extension):
    """Where somebody works."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: Text = None
    organization: Text = None
    department: Text = None
    manager: Manager | None = None


class Language(ExtensibleStringEnum):
    fr = "fr"
    en = "en"


class User(Resource[EnterpriseUser]):
    """Somebody who works here. Being an ambassador is another matter, and their own."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[Text, Required.true, Uniqueness.server] = None
    name: Name | None = None
    nick_name: Text = None
    title: Text = None
    preferred_language: Annotated[Language | None, Required.true] = None
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Email] | None, Required.true] = None


class Member(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        user = "User"

    value: Annotated[Text, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[Type | None, Mutability.immutable] = None


class Group(Resource[Any]):
    """A group of the company's directory; groups within groups are not taken."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[Text, Required.true, Uniqueness.server] = None
    members: list[Member] | None = None


SCHEMAS = (User, EnterpriseUser, Group)
