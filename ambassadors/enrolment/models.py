import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.directory.models import TwoNames
from ambassadors.enrolment.charter_text import blocks


class InvitationExpired(Exception):
    """The link was good for 14 days, and they are over."""


class InvitationUsed(Exception):
    """Somebody has already joined, declined or been sent a newer link with this invitation."""


class WrongState(Exception):
    """The thing is not in the state this move starts from: somebody was faster."""


class CharterQuerySet(models.QuerySet):
    def current(self):
        """The charter people are asked to accept today, or None before the first one."""
        return self.filter(published_at__lte=timezone.now()).order_by("-version").first()


class Charter(models.Model):
    """The rules of the programme, in both languages. A version, once published, never changes."""

    version = models.PositiveIntegerField(unique=True)
    text_fr = models.TextField(_("text in French"))
    text_en = models.TextField(_("text in English"))
    published_at = models.DateTimeField(null=True)

    objects = CharterQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]

    def __str__(self):
        return f"v{self.version}"

    @property
    def text(self):
        return self.text_en if get_language() == "en" else self.text_fr

    @property
    def blocks(self):
        """The text as headings, lists and paragraphs: see charter_text.py."""
        return blocks(self.text)

    @property
    def fingerprint(self):
        """SHA-256 of both texts, hexadecimal: what a consent says it was given to."""
        return hashlib.sha256(f"{self.text_fr}\0{self.text_en}".encode()).hexdigest()


class Topic(TwoNames):
    """A subject that content is about and that ambassadors follow."""

    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TwoNames.Meta):
        ordering = ["position", "name"]


class AmbassadorQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Ambassador.State.ACTIVE, user__is_active=True)

    def enrolled(self):
        """Who said yes and has not left: joining, active or paused."""
        return self.filter(
            state__in=[Ambassador.State.JOINING, Ambassador.State.ACTIVE, Ambassador.State.PAUSED]
        )

    def invited(self):
        return self.filter(state=Ambassador.State.INVITED)


class Ambassador(models.Model):
    """A person's part in the programme: their own choice, from the first step to the last."""

    class State(models.TextChoices):
        INVITED = "invited", pgettext_lazy("ambassador", "Invited")
        JOINING = "joining", pgettext_lazy("ambassador", "Joining")
        ACTIVE = "active", pgettext_lazy("ambassador", "Active")
        PAUSED = "paused", pgettext_lazy("ambassador", "Paused")
        DECLINED = "declined", pgettext_lazy("ambassador", "Declined")
        LEFT = "left", pgettext_lazy("ambassador", "Left")

    class Step(models.TextChoices):
        """The four short steps of joining. The first cannot be put off; the others can."""

        CHARTER = "charter", _("Charter")
        TOPICS = "topics", _("What interests me")
        NETWORKS = "networks", _("Where I share")
        FIRST_SHARE = "first_share", _("A first share")

    class Band(models.TextChoices):
        """How many people one reaches, as a range one chose to give. Off unless given."""

        UNKNOWN = "", _("I’d rather not say")
        UP_TO_200 = "0-200", _("Up to 200")
        UP_TO_500 = "200-500", _("200 to 500")
        UP_TO_1000 = "500-1000", _("500 to 1,000")
        OVER_1000 = "1000+", _("Over 1,000")

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("Every working day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        NEVER = "never", _("Never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="ambassador", primary_key=True
    )
    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    next_step = models.CharField(max_length=12, choices=Step, default=Step.CHARTER, blank=True)
    topics = models.ManyToManyField(Topic, related_name="followers", blank=True)
    networks = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    audience_band = models.CharField(max_length=10, choices=Band, default=Band.UNKNOWN, blank=True)
    # Of those networks that are many servers, the one this person is on.
    instance = models.CharField(max_length=253, blank=True)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    rhythm_chosen = models.BooleanField(default=False)
    checklist_hidden = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    objects = AmbassadorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["invited", "declined"]) | Q(joined_at__isnull=False),
                name="ambassador_joined_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state="left", left_at__isnull=False) | ~Q(state="left"),
                name="ambassador_left_has_date",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="ambassador_by_state")]

    def __str__(self):
        return str(self.user)

    @property
    def is_enrolled(self):
        return self.state in {self.State.JOINING, self.State.ACTIVE, self.State.PAUSED}

    def has_accepted(self, charter):
        """Whether the person's last word on taking part is a yes to this very version."""
        last = self.user.consents.filter(purpose=Consent.Purpose.PARTICIPATION).first()
        return bool(last and last.given and last.charter_id == charter.pk)

    def join(self):
        """The person says yes, from whichever side of the door they stand."""
        self._move(
            [self.State.INVITED, self.State.DECLINED, self.State.LEFT],
            self.State.JOINING,
            joined_at=timezone.now(),
            left_at=None,
            next_step=self.Step.CHARTER,
        )

    def decline(self):
        """The person says no. Nobody is told; no reason is asked."""
        self._move([self.State.INVITED], self.State.DECLINED)

    @transaction.atomic
    def leave(self):
        """The person leaves: nudges stop at once, and what they did loses their name."""
        self._move(
            [self.State.JOINING, self.State.ACTIVE, self.State.PAUSED],
            self.State.LEFT,
            left_at=timezone.now(),
            networks=[],
            audience_band=self.Band.UNKNOWN,
            instance="",
        )
        self._take_back(Consent.Purpose.PARTICIPATION)
        self._take_back(Consent.Purpose.AUDIENCE_BAND)
        self.topics.clear()
        self._let_go()

    def _let_go(self):
        """Leaving does to other rows what erasing would: those that can do without us do.

        So a link keeps leading where it led, and its clicks stay in the totals, nobody's. What was
        only theirs (a model that LEAVES_WITH_THEM) is deleted.
        """
        for relation in self._meta.related_objects:
            name = relation.field.name
            theirs = relation.related_model.objects.filter(**{name: self})
            if relation.on_delete is models.SET_NULL:
                theirs.update(**{name: None})
            elif getattr(relation.related_model, "LEAVES_WITH_THEM", False):
                theirs.delete()

    def pause(self):
        self._move([self.State.ACTIVE], self.State.PAUSED)

    def resume(self):
        self._move([self.State.PAUSED], self.State.ACTIVE)

    @transaction.atomic
    def accept(self, charter, *, language):
        """Accepts a version of the charter; the date and the text's fingerprint are kept."""
        self._consent(
            Consent.Purpose.PARTICIPATION,
            charter=charter,
            fingerprint=charter.fingerprint,
            language=language,
        )
        if self.state == self.State.JOINING:
            self._move([self.State.JOINING], self.State.ACTIVE, next_step=self.Step.TOPICS)

    def follow(self, topics):
        self.topics.set(topics)
        self._step_after(self.Step.TOPICS)

    @transaction.atomic
    def share_on(self, networks, *, band, instance=""):
        """networks: slugs. band: an Ambassador.Band value; blank is an answer too."""
        if band and band != self.audience_band:
            self._consent(Consent.Purpose.AUDIENCE_BAND)
        elif not band:
            self._take_back(Consent.Purpose.AUDIENCE_BAND)
        self.networks, self.audience_band = list(networks), band
        self.instance = instance or self.instance
        self.save(update_fields=["networks", "audience_band", "instance"])
        self._step_after(self.Step.NETWORKS)

    def remember_instance(self, instance):
        """Keeps the server the person named, so that they are asked once."""
        self.instance = instance
        self.save(update_fields=["instance"])

    def choose_rhythm(self, rhythm):
        """How often the person wants to be written to: an Ambassador.Rhythm value."""
        self.rhythm, self.rhythm_chosen = rhythm, True
        self.save(update_fields=["rhythm", "rhythm_chosen"])

    def hide_checklist(self):
        self.checklist_hidden = True
        self.save(update_fields=["checklist_hidden"])

    def _consent(self, purpose, **fields):
        fields = {"language": get_language(), "given": True} | fields
        return self.user.consents.create(purpose=purpose, **fields)

    def _take_back(self, purpose):
        """Writes down the end of a consent, where there was one."""
        last = self.user.consents.filter(purpose=purpose).first()
        if last and last.given:
            self._consent(purpose, charter=last.charter, fingerprint=last.fingerprint, given=False)

    def skip(self, step):
        self._step_after(step)

    def _step_after(self, step):
        """Moves past `step` when that is where the person stands; going back changes nothing."""
        steps = [*self.Step.values, ""]
        following = steps[steps.index(step) + 1]
        moved = type(self).objects.filter(pk=self.pk, next_step=step).update(next_step=following)
        if moved:
            self.next_step = following

    @transaction.atomic
    def _move(self, sources, target, **fields):
        moved = (
            type(self).objects.filter(pk=self.pk, state__in=sources).update(state=target, **fields)
        )
        if not moved:
            raise WrongState(f"{self.pk} is not in {sources}")
        for name, value in (fields | {"state": target}).items():
            setattr(self, name, value)
        record(f"ambassador.{target}", subject=self, actor=self.user)


class Consent(models.Model):
    """What a person agreed to, or took back: append-only, the newest row of a purpose counts."""

    class Purpose(models.TextChoices):
        PARTICIPATION = "participation", _("Taking part")
        AUDIENCE_BAND = "audience_band", _("Giving the size of one’s audience")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    charter = models.ForeignKey(Charter, models.PROTECT, null=True)
    fingerprint = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    given = models.BooleanField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.purpose} {self.given}"


def new_nonce():
    """32 characters, 192 bits from the system's random source."""
    return secrets.token_urlsafe(24)


class InvitationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(accepted_at=None, revoked_at=None)

    def good(self, now):
        return self.open().filter(expires_at__gt=now)

    def unanswered_by(self, email):
        """What was sent to a mailbox whose owner is not in the programme, newest first."""
        return self.filter(
            user__email=email.strip().lower(),
            user__is_active=True,
            user__ambassador__state__in=[Ambassador.State.INVITED, Ambassador.State.DECLINED],
            accepted_at=None,
        )


class Invitation(models.Model):
    """An open door for one mailbox, for 14 days.

    The link is signed with the server's key over the row's number and nonce; the database alone
    does not make one. Reading the link does nothing: only a POST goes through the door, because
    mail scanners follow every link they find.
    """

    SALT = "porte-voix.invitation"
    # A stranger who knows an address must not be able to fill its mailbox.
    PAUSE_BETWEEN_LINKS = timedelta(minutes=10)
    MOST_RENEWALS = 3

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    message = models.TextField(blank=True, max_length=1000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    send_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open_per_person",
            )
        ]

    def __str__(self):
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"

    @classmethod
    @transaction.atomic
    def send(cls, user, *, by=None, message="", send_at=None):
        """Invites `user`, or invites again: an older link stops working.

        by: who invites (their name is in the mail), None when the person asked for a new link.
        send_at: a later moment for the mail; the 14 days begin there.
        """
        Ambassador.objects.get_or_create(user=user)
        # Two at once would leave two open doors: the second waits here for the first.
        Ambassador.objects.select_for_update().get(user=user)
        cls.objects.open().filter(user=user).update(revoked_at=timezone.now())
        send_at = send_at or timezone.now()
        invitation = cls.objects.create(
            user=user,
            invited_by=by,
            message=message,
            send_at=send_at,
            expires_at=send_at + timedelta(days=settings.INVITATION_DAYS),
        )
        record("invitation.sent", subject=invitation, actor=by)
        return invitation

    @classmethod
    def open_many(cls, people, *, by):
        """Makes the invitations of people who were never invited, in three statements.

        people: (user, message, send_at or None) for each. Nobody is told and nothing is recorded
        here: the caller does both, once for all of them. Gives the new rows.
        """
        Ambassador.objects.bulk_create(
            [Ambassador(user=user) for user, _message, _at in people], ignore_conflicts=True
        )
        now, days = timezone.now(), timedelta(days=settings.INVITATION_DAYS)
        return cls.objects.bulk_create(
            cls(
                user=user,
                invited_by=by,
                message=message,
                send_at=at or now,
                expires_at=(at or now) + days,
            )
            for user, message, at in people
        )

    @classmethod
    def renew(cls, email):
        """Sends a new link to somebody who was invited and has not joined; else does nothing."""
        last = cls.objects.unanswered_by(email).select_related("user").first()
        now = timezone.now()
        if last is None or last.send_at > now:
            return
        with transaction.atomic():
            # Two at once wait for each other here, and the second sees what the first sent.
            Ambassador.objects.select_for_update().get(user=last.user)
            sent = cls.objects.filter(user=last.user)
            if sent.filter(created_at__gt=now - cls.PAUSE_BETWEEN_LINKS).exists():
                return
            lately = now - timedelta(days=settings.INVITATION_DAYS)
            asked_for = sent.filter(invited_by=None, created_at__gt=lately)
            if asked_for.count() < cls.MOST_RENEWALS:
                cls.send(last.user)

    @property
    def token(self):
        return signing.Signer(salt=self.SALT).sign_object([self.pk, self.nonce])

    @property
    def url(self):
        return settings.BASE_URL + reverse("ambassadors:invitation-open", args=[self.token])

    @classmethod
    def from_token(cls, token):
        """The invitation behind a link. Raises DoesNotExist for a link that was never ours."""
        try:
            pk, nonce = signing.Signer(salt=cls.SALT).unsign_object(token)
        except (signing.BadSignature, ValueError):
            raise cls.DoesNotExist from None
        invitations = cls.objects.select_related("user__ambassador", "invited_by")
        return invitations.get(pk=pk, nonce=nonce)

    def check_good(self):
        """Raises InvitationUsed or InvitationExpired unless the door is still open."""
        if self.accepted_at or self.revoked_at or not self.user.is_active:
            raise InvitationUsed
        if self.user.ambassador.is_enrolled:
            raise InvitationUsed
        if self.expires_at <= timezone.now():
            raise InvitationExpired

    @transaction.atomic
    def accept(self):
        """Goes through the door, once. Raises InvitationUsed or InvitationExpired."""
        self.check_good()
        now = timezone.now()
        if not type(self).objects.good(now).filter(pk=self.pk).update(accepted_at=now):
            raise InvitationUsed
        self.accepted_at = now
        self.user.ambassador.join()

    @transaction.atomic
    def decline(self):
        """Says no, once; the link stops working."""
        self.check_good()
        now = timezone.now()
        if not type(self).objects.good(now).filter(pk=self.pk).update(revoked_at=now):
            raise InvitationUsed
        self.revoked_at = now
        # Who left and was asked again has said no already.
        if self.user.ambassador.state == Ambassador.State.INVITED:
            self.user.ambassador.decline()
