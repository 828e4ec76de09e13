"""How long activity and the people slices keep things: see retention.py."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.mailing.models import Bounce
from activity.models import Delivery, Notification
from ambassadors.accounts.devices import Device
from ambassadors.accounts.looks import Look
from ambassadors.accounts.models import User
from ambassadors.enrolment.models import Invitation
from ambassadors.enrolment.sign_up.models import SignUp
from ambassadors.privacy.erasing import erase
from ambassadors.privacy.models import Erasure, Export, Reason, is_last_admin
from ambassadors.privacy.retention import keep

DAYS = settings.KEEP_DAYS


@keep("notifications", _("Messages"), days=DAYS["notifications"])
def forget_messages(before: datetime) -> int:
    """Those that are settled: what still waits to be sent is not old."""
    settled = Notification.objects.exclude(
        state__in=[Notification.State.QUEUED, Notification.State.SENDING]
    )
    return settled.filter(created_at__lt=before)._raw_delete("default")


@keep("deliveries", _("What was sent to channels and webhooks"), days=DAYS["deliveries"])
def forget_deliveries(before: datetime) -> int:
    """With the attempts; what still waits to be sent is not old."""
    waiting = [Delivery.State.QUEUED, Delivery.State.SENDING]
    old = Delivery.objects.exclude(state__in=waiting).filter(made_at__lt=before)
    return old.delete()[1].get(Delivery._meta.label, 0)


@keep("bounces", _("Reports of mails that came back"), days=DAYS["notifications"])
def forget_bounces(before: datetime) -> int:
    return Bounce.objects.filter(at__lt=before).delete()[0]


@keep("invitations", _("Invitations that were answered or ran out"), days=DAYS["invitations"])
def forget_invitations(before: datetime) -> int:
    over = Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    return Invitation.objects.filter(over).delete()[0]


@keep("sign_ups", _("Requests to come in that were decided"), days=DAYS["sign_ups"])
def forget_requests(before: datetime) -> int:
    decided = SignUp.objects.exclude(state=SignUp.State.AWAITING)
    return decided.filter(decided_at__lt=before).delete()[0]


@keep("looks", _("Who looked at whose data"), days=DAYS["looks"])
def forget_looks(before: datetime) -> int:
    return Look.objects.filter(at__lt=before).delete()[0]


@keep("sessions", _("Sessions that have ended"), days=1)
def forget_sessions(before: datetime) -> int:
    """With them the address and the browser they were opened from."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    gone = UserSession.objects.exclude(session_key__in=live.values("session_key"))
    return gone.filter(created_at__lt=before).delete()[0]


@keep("devices", _("Browsers people have not logged in from for long"), days=DAYS["devices"])
def forget_devices(before: datetime) -> int:
    return Device.objects.filter(seen_at__lt=before).delete()[0]


@keep("exports", _("Files people asked for"), days=1)
def drop_exports(before: datetime) -> int:
    over = list(Export.objects.over(before + Export.LIFE))
    for export in over:
        export.drop()
    return len(over)


@keep("leavers", _("People who left the company"), days=DAYS["leavers"])
def erase_leavers(before: datetime) -> int:
    """By the date in the directory; whoever keeps the last key is passed over."""
    day = timezone.localdate(before, timezone.get_default_timezone())
    gone = User.objects.filter(person__leaves_on__lt=day).order_by("pk")
    erased = 0
    for user in gone:
        if not is_last_admin(user):
            erase(user, reason=Reason.LEFT)
            erased += 1
    return erased


@keep("erasures", _("Proofs that somebody was erased"), days=DAYS["erasures"])
def forget_proofs(before: datetime) -> int:
    return Erasure.objects.filter(at__lt=before).delete()[0]
