import secrets
from datetime import timedelta
from hashlib import blake2b

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.directory.models import Department
from ambassadors.enrolment.models import Ambassador, Consent, WrongState
from campaigns.content.models import Content
from campaigns.networks.models import Network
from campaigns.planning.models import Campaign

# Raw clicks are kept for so long: beyond that nobody could say any more what a click was.
LONGEST_WINDOW = 90
WINDOW, WINDOW_RECRUITING = 7, 30


def new_key():
    """Public, and not to be guessed from another."""
    return secrets.token_hex(8)


def mark_of(told: bytes) -> bytes:
    """16 bytes by which a thing is known again, and from which nobody can read what it was."""
    key = blake2b(settings.SECRET_KEY.encode(), person=b"conversion", digest_size=32).digest()
    return blake2b(told, key=key, digest_size=16).digest()


class GoalQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)


class Goal(models.Model):
    """What counts as a success on a campaign's own site."""

    class Kind(models.TextChoices):
        APPLICATION = "application", pgettext_lazy("conversion", "Application sent")
        SIGN_UP = "sign_up", pgettext_lazy("conversion", "Sign-up")
        REGISTRATION = "registration", pgettext_lazy("conversion", "Registration for an event")
        PURCHASE = "purchase", pgettext_lazy("conversion", "Purchase")
        OTHER = "other", pgettext_lazy("conversion", "Something else")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="goals")
    kind = models.CharField(_("what it is"), max_length=12, choices=Kind)
    name = models.CharField(_("your own name for it"), max_length=80, blank=True)
    window_days = models.PositiveSmallIntegerField(
        _("days it may come after the visit"),
        default=WINDOW,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_WINDOW)],
    )
    # Where the landing address sends people on to; without it there is no landing address.
    return_url = models.URLField(_("thank-you page"), max_length=400, blank=True)
    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=LONGEST_WINDOW),
                name="goal_window_within_what_clicks_tell",
            )
        ]

    def __str__(self):
        return self.name or str(self.get_kind_display())

    @property
    def window(self):
        return timedelta(days=self.window_days)

    @transaction.atomic
    def create(self, by):
        """From now on the campaign's links carry a click id."""
        self.save(force_insert=True)
        record("goal.created", subject=self, actor=by, campaign=self.campaign_id)

    def end(self, by):
        """New clicks no longer count; what follows from earlier ones still does. Or WrongState."""
        self._move(None, timezone.now(), by, "goal.ended")

    @transaction.atomic
    def _move(self, was, ended_at, by, verb):
        # The filter is the lock: of two at once, one changes nothing.
        if not type(self).objects.filter(pk=self.pk, ended_at=was).update(ended_at=ended_at):
            raise WrongState(f"goal {self.pk} is not in that state")
        self.ended_at = ended_at
        record(verb, subject=self, actor=by, campaign=self.campaign_id)


class ConversionQuerySet(models.QuerySet):
    def pending(self):
        return self.filter(state=Conversion.State.PENDING)

    def attributed(self):
        return self.filter(state=Conversion.State.ATTRIBUTED)


class Conversion(models.Model):
    """Something a site said came of a click. Kept whatever becomes of it, with the reason.

    No name, address, amount or order number: marks by which the same is known again. The click it
    came from is named only while it is waited for, and the ambassador only where they asked for it.
    """

    class Source(models.TextChoices):
        API = "api", pgettext_lazy("conversion", "Reported by the site")
        LANDING = "landing", pgettext_lazy("conversion", "Passed through the landing address")

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("conversion", "Waiting for its click")
        ATTRIBUTED = "attributed", pgettext_lazy("conversion", "Counted")
        UNATTRIBUTED = "unattributed", pgettext_lazy("conversion", "Not counted")

    class Reason(models.TextChoices):
        NOT_OURS = "not_ours", pgettext_lazy("conversion", "No click id of ours")
        NO_CLICK = "no_click", pgettext_lazy("conversion", "Its click never came in")
        OTHER_CAMPAIGN = "other_campaign", pgettext_lazy("conversion", "Click of another campaign")
        BEFORE_CLICK = "before_click", pgettext_lazy("conversion", "It happened before the click")
        TOO_LATE = "too_late", pgettext_lazy("conversion", "After the window")
        CLOSED = "closed", pgettext_lazy("conversion", "Clicked after counting had ended")
        NOT_A_PERSON = "not_a_person", pgettext_lazy("conversion", "Click of a program")
        OWN = "own", pgettext_lazy("conversion", "The ambassador’s own click")
        AGAIN = "again", pgettext_lazy("conversion", "The same visitor is counted already")

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="conversions")
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    # Marks: of the caller's own event id, of the click id as it was given, of the first touch.
    event = models.BinaryField(max_length=16, null=True)
    click = models.BinaryField(max_length=16)
    touch = models.BinaryField(max_length=16, null=True)
    click_id = models.UUIDField(null=True)
    click_at = models.DateTimeField(null=True)
    content = models.ForeignKey(Content, models.PROTECT, null=True, related_name="+")
    network = models.ForeignKey(Network, models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    ambassador = models.ForeignKey(
        Ambassador, models.SET_NULL, null=True, related_name="conversions"
    )

    objects = ConversionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goal", "event"], name="conversion_event_once"),
            models.UniqueConstraint(fields=["goal", "touch"], name="conversion_visitor_once"),
            models.UniqueConstraint(
                fields=["goal", "click"],
                condition=Q(source="landing"),
                name="conversion_landing_once_per_click",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", click_id__isnull=False, click_at__isnull=False)
                | (~Q(state="pending") & Q(click_id=None, click_at=None)),
                name="conversion_names_its_click_only_while_pending",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="attributed", touch__isnull=False, content__isnull=False, reason=""
                )
                | (
                    ~Q(state="attributed")
                    & Q(touch=None, content=None, network=None, department=None, ambassador=None)
                ),
                name="conversion_attributed_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(state="unattributed") ^ Q(reason=""), name="conversion_reason_given"
            ),
        ]
        indexes = [
            models.Index(fields=["goal", "occurred_at"], name="conversion_by_goal"),
            models.Index(
                fields=["received_at"], condition=Q(state="pending"), name="conversion_pending"
            ),
        ]

    def __str__(self):
        return f"{self.pk} {self.state}"


class ConversionTallyQuerySet(models.QuerySet):
    def total(self):
        return self.aggregate(n=Sum("conversions", default=0))["n"]


class ConversionTally(models.Model):
    """How many conversions a day brought: all that reports read. Nobody's name stands in it."""

    day = models.DateField()
    goal = models.ForeignKey(Goal, models.PROTECT, db_index=False, related_name="tallies")
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="+")
    content = models.ForeignKey(Content, models.PROTECT, related_name="+")
    network = models.ForeignKey(Network, models.PROTECT, db_index=False, related_name="+")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    conversions = models.PositiveIntegerField(default=0)

    objects = ConversionTallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "day", "content", "network", "department"],
                name="conversion_tally_one_per_place",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["campaign", "day"], name="conversion_tally_campaign")]

    def __str__(self):
        return f"{self.day} {self.goal_id} {self.conversions}"


class Credit(models.Model):
    """A person's wish to be shown what came of their shares. Else no conversion names them."""

    ambassador = models.OneToOneField(
        Ambassador, models.CASCADE, primary_key=True, related_name="credit"
    )
    since = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self):
        return f"{self.ambassador_id}"

    @classmethod
    @transaction.atomic
    def ask(cls, ambassador):
        """From now on: what came before stays nobody's."""
        _credit, is_new = cls.objects.get_or_create(ambassador=ambassador)
        if is_new:
            Consent.objects.give(ambassador.user, Consent.Purpose.CONVERSIONS)
            record("credit.asked", subject=ambassador, actor=ambassador.user)

    @classmethod
    @transaction.atomic
    def withdraw(cls, ambassador):
        """Takes the person's name from every conversion, at once."""
        # Deleted first: whoever is attributing holds the row, and is waited for.
        gone, _each = cls.objects.filter(ambassador=ambassador).delete()
        Conversion.objects.filter(ambassador=ambassador).update(ambassador=None)
        if gone:
            Consent.objects.take_back(ambassador.user, Consent.Purpose.CONVERSIONS)
            record("credit.withdrawn", subject=ambassador, actor=ambassador.user)
