import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.accounts.models import User
from ambassadors.directory.models import Person
from ambassadors.enrolment.models import Invitation, WrongState


def new_token():
    """32 characters, 192 bits from the system's random source."""
    return secrets.token_urlsafe(24)


class SignUpLink(models.Model):
    """A link to be passed around inside the company. It opens nothing without a company mailbox."""

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    needs_approval = models.BooleanField(_("HR says yes to each person"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.pk} {self.created_at:%Y-%m-%d}"

    @property
    def url(self):
        return settings.BASE_URL + reverse("ambassadors:sign-up-open", args=[self.token])

    @classmethod
    @transaction.atomic
    def make(cls, *, by, needs_approval=True):
        link = cls.objects.create(created_by=by, needs_approval=needs_approval)
        record("sign_up_link.made", subject=link, actor=by, needs_approval=needs_approval)
        return link

    @transaction.atomic
    def revoke(self, by):
        """Closes it, for those too who have its mail and have not confirmed yet. Twice is once."""
        now = timezone.now()
        if type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now):
            self.revoked_at = now
            record("sign_up_link.revoked", subject=self, actor=by)


class SignUp(models.Model):
    """Somebody who showed to read a company mailbox, and asks to come in."""

    class State(models.TextChoices):
        AWAITING = "awaiting", pgettext_lazy("sign-up", "Waiting")
        APPROVED = "approved", pgettext_lazy("sign-up", "Accepted")
        DECLINED = "declined", pgettext_lazy("sign-up", "Declined")

    # Once and for all: who was declined does not come back to the queue by asking again.
    email = models.EmailField(max_length=254, unique=True)
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    state = models.CharField(max_length=8, choices=State, default=State.AWAITING)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="sign_up_lower_case"),
            models.CheckConstraint(
                condition=Q(state="awaiting") | Q(decided_at__isnull=False),
                name="sign_up_decided_has_date",
            ),
        ]

    def __str__(self):
        return f"{self.first_name} {self.last_name}"

    @classmethod
    @transaction.atomic
    def ask(cls, *, email, first_name, last_name, language):
        """Puts somebody in the queue, whose mailbox has been shown to be theirs. Twice is once."""
        asked = {"first_name": first_name, "last_name": last_name, "language": language}
        row, is_new = cls.objects.get_or_create(email=email, defaults=asked)
        if is_new:
            record("sign_up.asked", subject=row, actor=None)
        return row

    @transaction.atomic
    def approve(self, by):
        """Makes the account and invites its owner: taking part stays their own yes."""
        self._decide(self.State.APPROVED, by)
        user = make_colleague(
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            language=self.language,
        )
        Invitation.send(user, by=by)

    def decline(self, by):
        self._decide(self.State.DECLINED, by)

    @transaction.atomic
    def _decide(self, state, by):
        waiting = type(self).objects.filter(pk=self.pk, state=self.State.AWAITING)
        if not waiting.update(state=state, decided_at=timezone.now(), decided_by=by):
            raise WrongState
        self.state = state
        record(f"sign_up.{state}", subject=self, actor=by)


def make_colleague(*, email, **fields):
    """The account of somebody who reads this mailbox, with the lowest role; or the one there is."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, **fields)
        record("user.arrived", subject=user, actor=None)
    Person.objects.get_or_create(user=user)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user
