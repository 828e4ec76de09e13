"""What activity, the log-in and the people slices hold about a person."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from activity.mailing.models import Bounce, Suppression
from activity.models import Browser, Entry, Hours, Notification, Preference
from ambassadors.accounts.devices import Device
from ambassadors.accounts.looks import Look
from ambassadors.accounts.models import User
from ambassadors.accounts.tokens import ApiToken
from ambassadors.directory.imports.models import Import
from ambassadors.directory.imports.rows import ImportChange, ImportRow
from ambassadors.directory.imports.schedule import ImportSchedule
from ambassadors.directory.models import Person
from ambassadors.directory.moves import Move
from ambassadors.enrolment.models import Ambassador, Consent, Invitation
from ambassadors.enrolment.sign_up.models import SignUp, SignUpLink
from ambassadors.privacy.models import ErasureRequest, Export
from ambassadors.privacy.registry import Sort, before_erasing, hold
from ambassadors.provisioning.models import Call, DirectoryGroup, Identity

DAYS = settings.KEEP_DAYS
ACCOUNT = Sort(
    "account",
    _("Who you are here"),
    why=_("So that you can log in, and so that what concerns your department reaches you."),
    basis=_("The employer’s legitimate interest in running a voluntary programme."),
    kept=format_lazy(
        _("Until you are erased; at the latest, {days} days after you leave the company."),
        days=DAYS["leavers"],
    ),
    seen_by=_("You, human resources and administrators."),
    place=1,
)
SECURITY = Sort(
    "security",
    _("How you log in"),
    why=_("To let you in, and to keep others out."),
    basis=_("The employer’s duty to protect personal data."),
    kept=_("A session for two weeks at most; a password or a second step until you change it."),
    seen_by=_("You. Passwords and codes are stored in a form nobody can read."),
    place=5,
)
PROGRAMME = Sort(
    "programme",
    _("Your part in the programme"),
    why=_("To show you what interests you, where you share."),
    basis=_("Your consent: you joined by yourself, and may leave at any time."),
    kept=_("Until you leave the programme or are erased."),
    seen_by=_("You. Human resources see that you take part, never that you said no or left."),
    place=2,
)
MESSAGES = Sort(
    "messages",
    _("What we write to you"),
    why=_("So that each message arrives once, and none that you turned off."),
    basis=_("Your consent, kind by kind."),
    kept=format_lazy(
        _("Messages for {days} days; what you turned off until you turn it on again."),
        days=DAYS["notifications"],
    ),
    seen_by=_("You. Nobody sees whether you opened a message: nothing measures it."),
    place=4,
)
WORK = Sort(
    "work",
    _("What you do for the programme"),
    why=_("So that a text has an author, and a decision somebody who made it."),
    basis=_("The employer’s legitimate interest in knowing who published what."),
    kept=_("As long as the item. After you are erased it is by “a former colleague”."),
    seen_by=_("Human resources and administrators."),
    place=6,
)
TRAIL = Sort(
    "trail",
    _("The audit trail"),
    why=_("To show later who changed what, should there be a doubt."),
    basis=_("The employer’s duty to be able to account for what was done."),
    kept=_(
        "It cannot be changed by anybody. It knows you by a number; once you are erased the number"
        " leads nowhere."
    ),
    seen_by=_(
        "Administrators, with the first part of the network address and the kind of device of each"
        " line; your personal choices are shown without your name."
    ),
    place=7,
)
LOOKS = Sort(
    "looks",
    _("Who looked at your data"),
    why=_("So that you can see it."),
    basis=_("Your right to know who was given your data."),
    kept=format_lazy(_("For {days} days."), days=DAYS["looks"]),
    seen_by=_("You alone."),
    place=8,
)
REQUESTS = Sort(
    "requests",
    _("What you asked of us about your data"),
    why=_("To do it, and to be able to show that it was done."),
    basis=_("A duty by law."),
    kept=_("The file for 24 hours, the rest until you are erased."),
    seen_by=_("You. Administrators see how many there are, and when they are due."),
    place=9,
)


def register() -> None:
    _account()
    _programme()
    _work()
    _trail()


def _account():
    machine = ("pk", "changed_at", "primary")
    hold(User, "pk", ACCOUNT, _("Your account"), omit=("password",))
    hold(Person, "user", ACCOUNT, _("Where you work"))
    hold(Person, "manager", ACCOUNT, _("Whose manager you are"), only=("user",))
    # Translators: fr: Vos changements de poste
    hold(Move, "person", ACCOUNT, _("When you change place of work"), omit=("before",))
    # Translators: fr: Les personnes dont vous serez responsable
    hold(Move, "manager", ACCOUNT, _("Who moves to you"), only=("on",))
    hold(EmailAddress, "user", ACCOUNT, _("Your address"))
    hold(Identity, "user", ACCOUNT, _("What the company’s directory calls you"), omit=machine)
    hold(
        DirectoryGroup.members.through,
        "user",
        ACCOUNT,
        _("Your groups in the company’s directory"),
    )
    hold(ImportRow, "person", ACCOUNT, _("Your line in a list that was imported"), only=("fields",))
    hold(ImportChange, "person", ACCOUNT, _("What an import changed about you"), only=("said",))
    hold(UserSession, "user", SECURITY, _("Your open sessions"), omit=("session_key", "data"))
    hold(Device, "user", SECURITY, _("Browsers and places you logged in from"), omit=("mark",))
    hold(Authenticator, "user", SECURITY, _("Your second step"), omit=("data",))
    hold(SocialAccount, "user", SECURITY, _("Your log-in at the company’s provider"))


def _programme():
    hold(Ambassador, "user", PROGRAMME, _("Your part"), omit=("next_step", "checklist_hidden"))
    hold(Ambassador.topics.through, "ambassador", PROGRAMME, _("Your topics"))
    hold(Consent, "user", PROGRAMME, _("What you agreed to, or took back"))
    hold(Invitation, "user", PROGRAMME, _("Your invitations"), omit=("nonce",))
    hold(Notification, "recipient", MESSAGES, _("Messages"), omit=MACHINERY)
    hold(Preference, "person", MESSAGES, _("What you turned on or off"))
    hold(Hours, "person", MESSAGES, _("When, and by which way, you are written to"))
    # The rest of the row is what lets us reach it.
    browsers = _("Browsers in which you asked for messages")
    hold(Browser, "person", MESSAGES, browsers, only=("device", "added_at", "reached_at"))
    hold(Bounce, "person", MESSAGES, _("Mails to you that came back"), omit=("notification",))
    hold(Suppression, "person", MESSAGES, _("Why no mail is sent to you"), omit=("by",))
    hold(Suppression, "by", WORK, _("Addresses you held back from mail"), only=("since",))


MACHINERY = (
    "key",
    "woken_at",
    "attempts",
    "lease_until",
    "reached_at",
    "error",
    "not_before",
    "week",
    "turn",
    "within",
)


def _work():
    hold(User.oversees.through, "user", WORK, _("Departments you look after"))
    hold(Invitation, "invited_by", WORK, _("Invitations you sent"), only=("created_at", "message"))
    hold(Import, "created_by", WORK, _("Lists you imported"), only=("created_at", "name", "status"))
    hold(Import, "committed_by", WORK, _("Imports you carried out"), only=("committed_at", "name"))
    hold(Import, "undone_by", WORK, _("Imports you took back"), only=("name",))
    # Translators: fr: L’import quotidien que vous avez réglé
    hold(ImportSchedule, "set_by", WORK, _("The daily import you set up"), only=("at",))
    hold(SignUpLink, "created_by", WORK, _("Sign-up links you made"), only=("created_at",))
    hold(SignUp, "decided_by", WORK, _("Requests you decided on"), only=("decided_at", "state"))
    hold(ApiToken, "created_by", WORK, _("Tokens you made"), only=("name", "scope", "created_at"))


def _trail():
    hold(Entry, "actor", TRAIL, _("What you did"))
    hold(Look, "person", LOOKS, _("Who looked"))
    hold(Look, "by", LOOKS, _("Whom you looked at"), only=("what", "day"))
    hold(Export, "user", REQUESTS, _("Files you asked for"), omit=("nonce", "file"))
    hold(ErasureRequest, "user", REQUESTS, _("Your request to be erased"))


# --- Where no foreign key leads ------------------------------------------------------------------
@before_erasing
def forget_requests_to_come_in(user) -> None:
    SignUp.objects.filter(email=user.email).delete()


@before_erasing
def forget_imported_lists(user) -> None:
    """A list that names the person is forgotten whole: others' lines name them as a manager."""
    words = [user.email]
    if number := getattr(getattr(user, "person", None), "employee_id", None):
        words.append(f'"{number}"')
    named = Q(rows__person=user)
    for word in words:
        named |= Q(rows__cells__icontains=word) | Q(rows__fields__icontains=word)
    for source in Import.objects.remembered().filter(named).distinct():
        source.forget()


@before_erasing
def forget_messages_about(user) -> None:
    """What others were told about them; by the kinds whose verbs are about people."""
    about = Entry.objects.filter(
        subject_type__in=["ambassadors.user", "ambassadors.ambassador"], subject_id=str(user.pk)
    )
    numbers = list(about.values_list("pk", flat=True))
    Notification.objects.filter(data__entry__in=numbers).exclude(recipient=user).delete()


@before_erasing
def forget_calls_about(user) -> None:
    Call.objects.filter(path__regex=rf"/{user.pk}(/|$)").delete()


@before_erasing
def forget_files(user) -> None:
    for export in user.exports.all():
        export.drop()
