"""People as the company's directory tells of them: joining, changing, leaving, coming back.

The same rules as a file of HR's: matched by address, the same tree of departments, the same link
to a manager; what a message does not speak of stays as it was. Whoever is new is in the directory
and nothing more: taking part is their own choice.
"""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from scim2_models import InvalidValueException, UniquenessException

from activity.log import record
from ambassadors.accounts.groups import fall_back
from ambassadors.accounts.models import User
from ambassadors.accounts.tokens import ApiToken
from ambassadors.directory.imports.table import folded
from ambassadors.directory.imports.values import clean, email_of, language_of
from ambassadors.directory.models import Department, Person
from ambassadors.enrolment.models import Invitation
from ambassadors.provisioning import schemas
from ambassadors.provisioning.models import DirectoryGroup, Identity, provisioned

# Which attribute a broken constraint of the database is about.
CONSTRAINTS = {
    "identity_user_name_once": "userName",
    "person_employee_id_once": "employeeNumber",
    "ambassadors_user_email_key": "emails",
    "directory_group_name_once": "displayName",
}
# The first is what the database keeps: a longer text is refused rather than cut.
LENGTHS = {
    "userName": 200,
    "externalId": 200,
    "name.givenName": 150,
    "name.familyName": 150,
    "nickName": 150,
    "title": 150,
    "employeeNumber": 40,
    "department": 150,
    "organization": 150,
}


def resource_of(user: User) -> schemas.User:
    """The person in SCIM's words. `user` comes from provisioned(): nothing more is asked."""
    person, identity = user.person, getattr(user, "identity", None)
    work = schemas.EnterpriseUser(
        employee_number=person.employee_id,
        organization=(identity and identity.organization) or None,
        department=person.department.name if person.department else None,
        manager=_manager(person.manager_id),
    )
    resource = schemas.User(
        id=str(user.pk),
        external_id=(identity and identity.external_id) or None,
        user_name=user_name_of(user),
        name=_name(user),
        nick_name=user.preferred_name or None,
        title=person.job_title or None,
        preferred_language=user.language,
        active=user.is_active,
        emails=[
            schemas.Email(
                value=user.email, type="work", primary=identity.primary if identity else True
            )
        ],
    )
    if any(getattr(work, name) for name in type(work).model_fields if name != "schemas"):
        resource[schemas.EnterpriseUser] = work
    return resource


def laid_over(now: schemas.User, said: schemas.User) -> schemas.User:
    """`now` with what `said` speaks of. A directory that maps no department must not empty ours."""
    for name in said.model_fields_set - {"schemas", "id", "meta"}:
        before, new = getattr(now, name), getattr(said, name)
        if isinstance(new, schemas.Name | schemas.EnterpriseUser) and before is not None:
            for inner in new.model_fields_set - {"schemas"}:
                setattr(before, inner, getattr(new, inner))
        else:
            setattr(now, name, new)
    return now


def _name(user):
    if not (user.first_name or user.last_name):
        return None
    return schemas.Name(given_name=user.first_name or None, family_name=user.last_name or None)


def _manager(pk):
    if pk is None:
        return None
    return schemas.Manager(value=str(pk), ref=location("Users", pk))


def location(kind: str, pk: int) -> str:
    """The address of a resource: always the configured one, never what a request claims."""
    return f"{settings.BASE_URL}/scim/v2/{kind}/{pk}"


def user_name_of(user: User) -> str:
    identity = getattr(user, "identity", None)
    return identity.user_name if identity else user.email


# --- Writing ---------------------------------------------------------------------------------
@transaction.atomic
def create(said: schemas.User, token: ApiToken) -> User:
    """Puts a person in the directory. UniquenessException when the directory already sees them.

    An account without a place in the directory (an administrator's, somebody's who was deleted
    there) is found by its address and keeps all that it has.
    """
    said.active = said.active is not False
    email = _address(said)
    _refuse_taken_name(said.user_name, email)
    with named_conflicts():
        user, is_new = User.objects.select_for_update().get_or_create(
            email=email, defaults={"password": make_password(None)}
        )
        if provisioned().filter(pk=user.pk).exists():
            raise UniquenessException(detail="emails: there is already a user with this address")
        Person.objects.get_or_create(user=user)
        User.objects.filter(pk=user.pk).hire()
        Identity.objects.update_or_create(
            user=user,
            defaults={
                "user_name": _text("userName", said.user_name),
                "external_id": "",
                "deleted_at": None,
            },
        )
    record("person.provisioned", subject=user, actor=None, new=is_new)
    user = provisioned().get(pk=user.pk)
    write(user, laid_over(resource_of(user), said))
    if is_new and user.is_active and settings.SCIM_INVITES:
        Invitation.send(user, by=token.created_by)
    return provisioned().get(pk=user.pk)


@transaction.atomic
def write(user: User, said: schemas.User) -> None:
    """Makes the directory say what `said` says; raises what the SCIM error is to be."""
    work = said[schemas.EnterpriseUser] or schemas.EnterpriseUser()
    with named_conflicts():
        _write_user(user, said)
        _write_person(user, said, work)
        _write_identity(user, said, work)
    if said.active is False:
        close(user)
    elif not user.is_active:
        reopen(user)


def _write_user(user, said):
    name = said.name or schemas.Name()
    new = {
        "email": _new_address(user, said),
        "first_name": _text("name.givenName", name.given_name),
        "last_name": _text("name.familyName", name.family_name),
        "preferred_name": _text("nickName", said.nick_name),
        "language": language_of(said.preferred_language or "") or user.language,
    }
    changed = {name: value for name, value in new.items() if getattr(user, name) != value}
    if "email" in changed:
        _move_mailbox(user, changed["email"])
    _update(user, changed)


def _write_person(user, said, work):
    person = user.person
    department = _department(person, work.department)
    new = {
        "employee_id": _text("employeeNumber", work.employee_number) or None,
        "job_title": _text("title", said.title),
        "department": department,
        "manager_id": _manager_id(user, work.manager),
    }
    # A new department must not keep a team of the old one.
    if person.team_id and department != person.department:
        new["team"] = None
    _update(person, {name: value for name, value in new.items() if getattr(person, name) != value})


def _write_identity(user, said, work):
    emails = said.emails or [schemas.Email()]
    Identity.objects.update_or_create(
        user=user,
        defaults={
            "user_name": _new_name(user, said),
            "external_id": _text("externalId", said.external_id),
            "organization": _text("organization", work.organization),
            "primary": emails[0].primary,
            "changed_at": timezone.now(),
        },
    )


def _update(row, changed):
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
        fields = sorted(name.removesuffix("_id") for name in changed)
        record("person.changed", subject=getattr(row, "user", row), actor=None, fields=fields)


def close(user: User) -> None:
    """The person has left: no session goes on, nothing is sent; links keep leading where they led.

    LastAdmin when nobody would be left to administer.
    """
    if not user.is_active:
        return
    user.deactivate(by=None)
    # Deactivated is enough to be refused; ended is what a later return must find.
    for session in UserSession.objects.filter(user=user):
        session.end()
    today = timezone.localdate()
    if user.person.leaves_on is None or user.person.leaves_on > today:
        _leave(user, today)


def reopen(user: User) -> None:
    user.reactivate(by=None)
    if user.person.leaves_on and user.person.leaves_on <= timezone.localdate():
        _leave(user, None)


def _leave(user, day: dt.date | None):
    Person.objects.filter(user=user).update(leaves_on=day)
    user.person.leaves_on = day


@transaction.atomic
def delete(user: User) -> None:
    """Gone from the directory: closed, in no group, and no longer to be seen there.

    Figures are not touched, and what is held about the person is erased by the person's own request
    or by the retention rules, not by another system.
    """
    close(user)
    groups = list(DirectoryGroup.objects.of(user))
    user.directory_groups.clear()
    fall_back(user, {name for group in groups for name in group.names}, ())
    Identity.objects.update_or_create(
        user=user,
        defaults={"deleted_at": timezone.now()},
        create_defaults={"user_name": user.email, "deleted_at": timezone.now()},
    )
    record("person.deprovisioned", subject=user, actor=None)


# --- What may be said ------------------------------------------------------------------------
def _text(name, value):
    text = clean(value or "")
    if len(text) > LENGTHS[name]:
        raise InvalidValueException(detail=f"{name}: {LENGTHS[name]} characters at most")
    return text


def _address(said):
    """The address in `said`, of one of the company's own domains."""
    value = said.emails[0].value if said.emails else None
    email, fault = email_of(clean(value or ""))
    if fault:
        raise InvalidValueException(detail="emails: not an e-mail address")
    # Whoever holds a token must not be able to lead an account's mail out of the company.
    if email.rpartition("@")[2] not in settings.EMPLOYEE_DOMAINS:
        raise InvalidValueException(detail="emails: not an address of the organisation")
    return email


def _new_address(user, said):
    """The address after this message: a name one logs in by that was the address takes it along."""
    before = said.emails[0].value if said.emails else ""
    renamed = clean(said.user_name or "").lower()
    if before == user.email == user_name_of(user).lower() != renamed and "@" in renamed:
        said.emails[0].value = renamed
    return user.email if said.emails and said.emails[0].value == user.email else _address(said)


def _new_name(user, said):
    name = _text("userName", said.user_name)
    if not name:
        raise InvalidValueException(detail="userName: a value is needed")
    if name.lower() != user_name_of(user).lower():
        _refuse_taken_name(name, user.email)
    return name


def _refuse_taken_name(name, own_email):
    """Who never came through here logs in by their address, which is a name that is taken too."""
    text = clean(name or "").lower()
    if text != own_email and provisioned().filter(email=text, identity=None).exists():
        raise UniquenessException(detail="userName: somebody else has it")


def _move_mailbox(user, email):
    """The account keeps all it has; the new mailbox proves itself at the next login."""
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise UniquenessException(detail="emails: somebody else has this address")
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, verified=False, primary=True)
    record("user.address_changed", subject=user, actor=None)


def _department(person, name):
    """The department of this name, in either language and any spelling; a new one is made."""
    text = _text("department", name)
    if not text:
        return None
    if person.department and text in (person.department.name, person.department.name_en):
        return person.department
    there = list(Department.objects.open().filter(parent=None).order_by("pk"))
    for department in there:
        if folded(text) in {folded(department.name), folded(department.name_en)}:
            return department
    for department in there:
        if folded(text) in map(folded, department.former_names):
            return department
    return Department.objects.open().get_or_create(name=text, parent=None)[0]


def _manager_id(user, manager):
    value = manager.value if manager else None
    if not value:
        return None
    found = provisioned().filter(pk=pk_of(value)).values_list("pk", flat=True).first()
    if found is None or found == user.pk:
        raise InvalidValueException(detail="manager: not another user")
    return found


def pk_of(text: str) -> int:
    """The number in an identifier of ours; 0, which nobody has, for any other text."""
    is_ours = text.isascii() and text.isdigit() and len(text) <= 18
    return int(text) if is_ours else 0


class named_conflicts:
    """A savepoint whose broken unique constraints are named as the attribute they are about."""

    def __enter__(self):
        self._savepoint = transaction.atomic()
        self._savepoint.__enter__()

    def __exit__(self, kind, error, trace):
        self._savepoint.__exit__(kind, error, trace)
        if not isinstance(error, IntegrityError):
            return
        diagnosis = getattr(error.__cause__, "diag", None)
        attribute = CONSTRAINTS.get(getattr(diagnosis, "constraint_name", None))
        if attribute:
            raise UniquenessException(detail=f"{attribute}: somebody else has it") from error
