"""With what the mails about people and accounts are shown before anybody gets them."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.desk.pretending import Pretend
from activity.desk.previews import add_account_mail, sample
from ambassadors.accounts.roles import Role
from ambassadors.accounts.security_notices import CHANGES, Where

COLLEAGUE = Pretend("Sophie Lavoie", email="sophie.lavoie@example.com")
CODE = "ABCD-2345"


def at(name: str, *args: object) -> str:
    """The address of a page, as a mail has it."""
    return settings.BASE_URL + reverse(name, args=args)


@sample("account.changed", "account.device")
def account(reader):
    return {
        "where": Where(timezone.now(), "Firefox, Linux", "Montréal"),
        "change": next(iter(CHANGES.values())),
        "url": at("mfa_index"),
        "label": _("Check my account"),
        "help_email": settings.HELP_EMAIL,
    }


@sample("complaint.received")
def complaint(reader):
    return {"url": at("activity:suppression-list"), "label": _("See the address")}


@sample("role.changed")
def role(reader):
    return {
        "by": COLLEAGUE,
        "role": Role.MANAGER.label,
        "before": Role.AMBASSADOR.label,
        "url": at("ambassadors:role-matrix"),
        "label": _("See who may do what"),
    }


@sample("invitation", "invitation.reminder")
def invitation(reader):
    expires = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
    return {
        "invitation": Pretend("", expires_at=expires, message=""),
        "inviter": COLLEAGUE,
        "days": settings.INVITATION_DAYS,
        "url": settings.BASE_URL,
        "label": _("See the invitation"),
        "sender": f"{COLLEAGUE}, {settings.ORGANISATION}",
    }


@sample("export.ready")
def export(reader):
    until = timezone.now() + timedelta(days=2)
    return {"url": at("ambassadors:my-data"), "label": _("Download your data"), "expires_at": until}


@sample("erasure.asked")
def erasure(reader):
    due = timezone.now() + timedelta(days=settings.ERASURE_UNDO_DAYS)
    return {"url": at("ambassadors:my-data"), "label": _("Keep my data"), "due_at": due}


@sample("import.report", "import.stopped")
def imported(reader):
    return {
        "counts": {"create": 3, "update": 41, "close": 1, "error": 2},
        "reason": _("Its columns are no longer the same"),
        "url": at("ambassadors:import-new"),
        "label": _("Look at it"),
    }


for name, label in {
    "login_code": gettext_lazy("A code to log in"),
    "password_reset_code": gettext_lazy("A code to choose a new password"),
    "confirm_code": gettext_lazy("A code to confirm that it is oneself"),
    "email_confirmation": gettext_lazy("A code to confirm an address"),
    "unknown_account": gettext_lazy("Log-in with an address nobody is enrolled with"),
}.items():
    add_account_mail(f"account.{name}", f"account/email/{name}", label, code=CODE)
for name, label in {
    "sign_up_confirm": gettext_lazy("Coming in by oneself: confirm the address"),
    "sign_up_known": gettext_lazy("Coming in by oneself: there is an account already"),
}.items():
    add_account_mail(
        f"account.{name}", f"account/email/{name}", label, url=settings.BASE_URL, hours=1
    )
