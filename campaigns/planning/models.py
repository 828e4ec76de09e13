from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.models import User, validate_time_zone
from ambassadors.directory.models import Department, Location
from ambassadors.enrolment.models import Ambassador, WrongState


class NotReady(Exception):
    """The campaign cannot start yet. `reasons` says why, in the person's language."""

    def __init__(self, reasons):
        super().__init__(reasons)
        self.reasons = reasons


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Managers see all; an ambassador sees what has started and is meant for them."""
        if user.has_perm("campaigns.see_campaigns"):
            return self
        return self.started().meant_for(user)

    def running(self):
        return self.filter(state=Campaign.State.RUNNING)

    def started(self):
        return self.filter(
            state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.ENDED]
        )

    def due_to_start(self, now):
        return self.filter(state=Campaign.State.SCHEDULED, starts_at__lte=now)

    def due_to_end(self, now):
        return self.filter(
            state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED], ends_at__lte=now
        )

    def meant_for(self, user):
        """Campaigns whose audience takes `user` in. The mirror of Audience.people()."""
        person = getattr(user, "person", None)
        organisation = {
            "departments": {person.department_id, person.team_id} - {None} if person else set(),
            "locations": {person.location_id} - {None} if person else set(),
        }
        query = Q()
        for name, ids in organisation.items():
            query &= Q(**{f"audience__{name}": None}) | Q(**{f"audience__{name}__in": ids})
        tags = person.tags if person else []
        query &= Q(audience__tags=[]) | Q(audience__tags__overlap=tags)
        query &= Q(audience__languages=[]) | Q(audience__languages__contains=[user.language])
        return (
            self.filter(query)
            .exclude(audience__excluded_people=user)
            .exclude(audience__excluded_departments__in=organisation["departments"])
            .distinct()
        )


class Campaign(models.Model):
    """Why people are asked to share, who is asked, and from when to when."""

    class Kind(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        RECRUITING = "recruiting", _("Recruiting")
        CHANGE = "change", _("Change")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("campaign", "Draft")
        IN_REVIEW = "in_review", pgettext_lazy("campaign", "In review")
        APPROVED = "approved", pgettext_lazy("campaign", "Approved")
        SCHEDULED = "scheduled", pgettext_lazy("campaign", "Scheduled")
        RUNNING = "running", pgettext_lazy("campaign", "Running")
        PAUSED = "paused", pgettext_lazy("campaign", "Paused")
        ENDED = "ended", pgettext_lazy("campaign", "Ended")
        ARCHIVED = "archived", pgettext_lazy("campaign", "Archived")

    class Indicator(models.TextChoices):
        VISITS = "visits", _("Visits")
        SHARES = "shares", _("Declared shares")
        ACTIVE = "active", _("Active ambassadors")

    UNDO = timedelta(minutes=10)

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    slug = models.SlugField(max_length=60, unique=True)
    objective_fr = models.CharField(_("objective in French"), max_length=280)
    objective_en = models.CharField(_("objective in English"), max_length=280, blank=True)
    indicator = models.CharField(_("indicator"), max_length=10, choices=Indicator)
    target = models.PositiveIntegerField(_("target"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="campaigns")
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
    )
    four_eyes = models.BooleanField(_("nobody approves what they wrote"), default=True)
    disclosure_fr = models.CharField(_("disclosure line in French"), max_length=120, blank=True)
    disclosure_en = models.CharField(_("disclosure line in English"), max_length=120, blank=True)
    fallback_url = models.URLField(_("page shown when a link has ended"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    launched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="campaign_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(target__gt=0), name="campaign_target_positive"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("campaigns:campaign-detail", args=[self.slug])

    @property
    def name(self):
        return self.name_en if self.name_en and get_language() == "en" else self.name_fr

    @property
    def objective(self):
        return (
            self.objective_en if self.objective_en and get_language() == "en" else self.objective_fr
        )

    def disclosure(self, language):
        """The line a post must open with, in the post's own language; blank when none is asked."""
        return self.disclosure_en if language == "en" else self.disclosure_fr

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @property
    def is_editable(self):
        return self.state in {self.State.DRAFT, self.State.IN_REVIEW, self.State.APPROVED}

    def submit(self, by):
        self._move([self.State.DRAFT], self.State.IN_REVIEW, by)

    def approve(self, by):
        self._move([self.State.IN_REVIEW], self.State.APPROVED, by)

    def send_back(self, by, note):
        """Returns the campaign to its owner, with the reason."""
        self._move([self.State.IN_REVIEW], self.State.DRAFT, by, note=note)

    def schedule(self, by):
        """Commits to start at `starts_at`, and not before the undo window is over."""
        earliest = timezone.now() + self.UNDO
        starts_at = max(self.starts_at, earliest)
        self._move([self.State.APPROVED], self.State.SCHEDULED, by, starts_at=starts_at)

    def unschedule(self, by):
        """Takes a launch back before it has happened."""
        self._move([self.State.SCHEDULED], self.State.APPROVED, by)

    def launch(self, by=None):
        """Starts: content becomes visible to the audience, and the audience is told."""
        now = timezone.now()
        self._move([self.State.SCHEDULED], self.State.RUNNING, by, launched_at=now)

    def pause(self, by):
        self._move([self.State.RUNNING], self.State.PAUSED, by)

    def resume(self, by):
        self._move([self.State.PAUSED], self.State.RUNNING, by)

    def end(self, by=None):
        self._move([self.State.RUNNING, self.State.PAUSED], self.State.ENDED, by)

    def archive(self, by):
        self._move([self.State.ENDED], self.State.ARCHIVED, by)

    @transaction.atomic
    def _move(self, sources, target, by, *, note="", **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        moved = (
            type(self).objects.filter(pk=self.pk, state__in=sources).update(state=target, **fields)
        )
        if not moved:
            raise WrongState(f"{self.pk} is not in {sources}")
        for name, value in (fields | {"state": target}).items():
            setattr(self, name, value)
        data = {"note": note} if note else {}
        record(f"campaign.{target}", subject=self, actor=by, **data)


class Audience(models.Model):
    """Whom a campaign is meant for. An empty list means everybody; who joins later is included."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="audience")
    departments = models.ManyToManyField(Department, blank=True, related_name="+")
    locations = models.ManyToManyField(Location, blank=True, related_name="+")
    languages = ArrayField(
        models.CharField(max_length=2, choices=settings.LANGUAGES), default=list, blank=True
    )
    tags = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    excluded_departments = models.ManyToManyField(Department, blank=True, related_name="+")
    excluded_people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    def __str__(self):
        return f"{self.campaign_id}"

    def ambassadors(self):
        """The active ambassadors it takes in, today: a queryset of Ambassador."""
        return Ambassador.objects.active().filter(user__in=self.people())

    def people(self):
        """The users it takes in, today: a queryset of User. The mirror of meant_for()."""
        people = User.objects.active()
        departments = list(self.departments.values_list("pk", flat=True))
        if departments:
            people = people.filter(
                Q(person__department__in=departments) | Q(person__team__in=departments)
            )
        locations = list(self.locations.values_list("pk", flat=True))
        if locations:
            people = people.filter(person__location__in=locations)
        if self.languages:
            people = people.filter(language__in=self.languages)
        if self.tags:
            people = people.filter(person__tags__overlap=self.tags)
        excluded = list(self.excluded_departments.values_list("pk", flat=True))
        # Not `exclude(department in …)`: NULL departments must stay in.
        kept_out = User.objects.filter(
            Q(person__department__in=excluded) | Q(person__team__in=excluded)
        )
        return people.exclude(pk__in=kept_out.values("pk")).exclude(
            pk__in=self.excluded_people.values("pk")
        )
