"""Hub: a slice's models exist for Django only when they are named here."""

from ambassadors.accounts.devices import Device
from ambassadors.accounts.groups import GroupRole
from ambassadors.accounts.looks import Look
from ambassadors.accounts.models import LastAdmin, Role, User
from ambassadors.accounts.sso.models import Provider, ProviderDomain, SpentAssertion
from ambassadors.accounts.tokens import ApiToken
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.rows import ImportChange, ImportRow
from ambassadors.directory.imports.schedule import ImportSchedule
from ambassadors.directory.models import Department, Location, Person
from ambassadors.directory.moves import Move
from ambassadors.enrolment.models import (
    Ambassador,
    Charter,
    Consent,
    Invitation,
    Topic,
)
from ambassadors.enrolment.sign_up.models import SignUp, SignUpLink
from ambassadors.privacy.models import Erasure, ErasureRequest, Export, RetentionRun
from ambassadors.privacy.rights import LegalBasis
from ambassadors.provisioning.models import Call, DirectoryGroup, Identity

__all__ = [
    "Ambassador",
    "ApiToken",
    "Call",
    "Charter",
    "Consent",
    "Department",
    "Device",
    "DirectoryGroup",
    "Erasure",
    "ErasureRequest",
    "Export",
    "GroupRole",
    "Identity",
    "Import",
    "ImportChange",
    "ImportRow",
    "ImportSchedule",
    "Invitation",
    "LastAdmin",
    "LegalBasis",
    "Location",
    "Look",
    "Move",
    "Person",
    "Provider",
    "ProviderDomain",
    "RetentionRun",
    "Role",
    "SignUp",
    "SignUpLink",
    "SpentAssertion",
    "Topic",
    "User",
]
