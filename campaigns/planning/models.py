from dataclasses import fields
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity.log import record
from activity.models import Notification, Preference
from ambassadors.accounts.models import validate_time_zone
from ambassadors.directory.models import Department, Location
from ambassadors.enrolment.models import WrongState
from campaigns.planning import preflight
from campaigns.planning.selection import Selection, Who, above
from campaigns.planning.words import each_word

# Addresses beside the campaigns' own.
RESERVED_SLUGS = {"new"}
# The kind of message a start becomes: see notices.py.
LAUNCH_MAIL = "campaign.launched"


class NotReady(Exception):
    """The campaign cannot start yet. `reasons` says why, in the person's language."""

    def __init__(self, reasons):
        super().__init__(reasons)
        self.reasons = reasons


class TooWide(Exception):
    """It asks others than employees of the departments that whoever launches it looks after."""


class OwnApproval(Exception):
    """Four eyes are asked for, and these two have written it."""


class NotApprover(Exception):
    """Its campaign names who decides on its content, and it is not them."""


class NoteMissing(Exception):
    """Sending something back without saying what to change helps nobody."""


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Managers see all, or what they oversee; others what has started and is meant for them."""
        if user.has_perm("campaigns.see_campaigns"):
            return self.overseen_by(user)
        return self.started().meant_for(user)

    def overseen_by(self, user):
        """Of a limited manager: what is theirs to answer for or decide on, and what is meant for
        employees of their departments alone. Of anybody else: all."""
        if not user.is_limited:
            return self
        theirs = Campaign.objects.filter(Q(owner=user) | Q(approvers=user)).values("pk")
        return self.filter(Q(pk__in=theirs) | Q(pk__in=self._meant_within(user.overseen_ids)))

    def _meant_within(self, departments):
        chosen = Audience.departments.through.objects.filter(audience=OuterRef("pk"))
        within = Audience.objects.filter(
            Exists(chosen), ~Exists(chosen.exclude(department__in=departments)), who=Who.EMPLOYEES
        )
        return within.values("campaign")

    def running(self):
        return self.filter(state=Campaign.State.RUNNING)

    def waiting(self):
        return self.filter(state=Campaign.State.IN_REVIEW)

    def open(self):
        """Not over yet: content may still be written for it."""
        return self.exclude(state__in=[Campaign.State.ENDED, Campaign.State.ARCHIVED])

    def at(self, slug):
        """The campaign an address asks for by its slug, or None. PostgreSQL compares no NUL."""
        return None if "\0" in slug else self.filter(slug=slug).first()

    def named_like(self, text):
        """Whose name, in either language, holds each word of `text`."""
        return self.filter(each_word(text, "name_fr", "name_en"))

    def started(self):
        return self.filter(
            state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.ENDED]
        )

    def free_slug(self, name):
        """`name` as it may stand in an address, with a number after it where it is taken."""
        stem = slugify(name)[:50].strip("-") or "campaign"
        taken = set(self.filter(slug__startswith=stem).values_list("slug", flat=True))
        candidates = (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3)))
        return next(slug for slug in candidates if slug not in taken | RESERVED_SLUGS)

    def due_to_start(self, now):
        return self.filter(state=Campaign.State.SCHEDULED, starts_at__lte=now)

    def due_to_end(self, now):
        return self.filter(
            state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED], ends_at__lte=now
        )

    def meant_for(self, user):
        """Campaigns whose audience takes `user` in. The mirror of Selection.people()."""
        person = getattr(user, "person", None)
        works_in = {person.department_id, person.team_id} if person else set()
        organisation = {
            "departments": above(works_in - {None}),
            "locations": {person.location_id} - {None} if person else set(),
        }
        query = Q()
        # Departments, places and tags choose among employees; a customer has none of them.
        if not user.is_customer:
            for name, ids in organisation.items():
                query &= Q(**{f"audience__{name}": None}) | Q(**{f"audience__{name}__in": ids})
            tags = person.tags if person else []
            query &= Q(audience__tags=[]) | Q(audience__tags__overlap=tags)
        query &= Q(audience__who__in=Who.taking_in(user.belonging))
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
        MARKETING = "marketing", pgettext_lazy("campaign kind", "Marketing")
        RECRUITING = "recruiting", pgettext_lazy("campaign kind", "Recruiting")
        CHANGE = "change", pgettext_lazy("campaign kind", "Change")

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

    # How long a launch can be taken back before anybody hears of it.
    UNDO = settings.LAUNCH_UNDO

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
    # Who decides on its content: nobody named, whoever may. All of them, or any one.
    approvers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("approvers")
    )
    needs_all = models.BooleanField(_("every approver has to agree"), default=False)
    four_eyes = models.BooleanField(_("nobody approves what they wrote"), default=True)
    disclosure_fr = models.CharField(_("disclosure line in French"), max_length=120, blank=True)
    disclosure_en = models.CharField(_("disclosure line in English"), max_length=120, blank=True)
    fallback_url = models.URLField(_("page shown when a link has ended"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    launched_at = models.DateTimeField(null=True)
    # NULL: as its owner left it.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
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

    def is_overseen_by(self, user):
        """Whether it lies within a limited manager's departments, or is theirs."""
        return type(self).objects.filter(pk=self.pk).overseen_by(user).exists()

    @property
    def writer_ids(self):
        """Whose work it is: who answers for it, and who changed it last."""
        return {self.owner_id, self.changed_by_id}

    @property
    def undo_minutes(self):
        return round(self.UNDO.total_seconds() / 60)

    def start_if_scheduled_now(self):
        """When it would start: as planned, but never before the undo window is over."""
        after_undo = timezone.now() + self.UNDO + timedelta(minutes=1)
        return max(self.starts_at, after_undo.replace(second=0, microsecond=0))

    @property
    def mail_leaves_at(self):
        """When the audience is told: as scheduled, or as it would be if it were scheduled now."""
        if self.state == self.State.SCHEDULED:
            return self.starts_at
        return self.start_if_scheduled_now()

    @transaction.atomic
    def create(self, by):
        """Writes a new campaign down, for all of `by`’s own until its audience says otherwise."""
        self.slug = type(self).objects.free_slug(self.name_fr)
        self.changed_by = by
        self.save(force_insert=True)
        audience = Audience.objects.create(campaign=self)
        if by.is_limited:
            audience.departments.set(by.oversees.all())
        record("campaign.created", subject=self, actor=by)

    @transaction.atomic
    def change(self, by, what):
        """Saves what a form has put into the row. An approval given to other words is void.

        what: the names of what differs, here or in the audience. Raises WrongState from the
        moment it is scheduled on.
        """
        stored = type(self).objects.select_for_update().get(pk=self.pk)
        if not stored.is_editable:
            raise WrongState(f"campaign {self.pk} is no longer editable")
        if stored.state != self.State.DRAFT:
            self._move([stored.state], self.State.DRAFT, by, "reopened")
        self.changed_by = by
        own = {field.name for field in self._meta.concrete_fields} & set(what)
        self.save(update_fields=[*own, "changed_by"])
        record("campaign.changed", subject=self, actor=by, what=sorted(what))

    @property
    def is_open(self):
        """Not over yet: content may still be written for it."""
        return self.state not in {self.State.ENDED, self.State.ARCHIVED}

    def submit(self, by):
        """Asks for an approval. Raises NotReady while something essential is missing."""
        self._check_ready(preflight.REVIEW)
        self._move([self.State.DRAFT], self.State.IN_REVIEW, by)

    def approve(self, by):
        """Raises OwnApproval where four eyes are asked for and these two have written it."""
        if not by.has_perm("campaigns.approve_campaign", self):
            raise OwnApproval
        self._move([self.State.IN_REVIEW], self.State.APPROVED, by)

    def send_back(self, by, note):
        """Returns the campaign to its owner, with the reason. Raises NoteMissing."""
        if not note.strip():
            raise NoteMissing
        self._move([self.State.IN_REVIEW], self.State.DRAFT, by, "sent_back", note=note)

    def schedule(self, by):
        """Commits to start at `starts_at`, and not before the undo window is over.

        Raises NotReady: what was in order at the approval may no longer be. Raises TooWide for a
        limited manager: it may be theirs and yet reach beyond, as an approver or since before.
        """
        if by.is_limited and not self._is_within(by.overseen_ids):
            raise TooWide
        self._check_ready(preflight.LAUNCH)
        starts_at = self.start_if_scheduled_now()
        self._move([self.State.APPROVED], self.State.SCHEDULED, by, starts_at=starts_at)

    def _is_within(self, departments):
        chosen = self.audience.selection
        within = bool(chosen.departments) and chosen.departments <= departments
        return within and chosen.who == Who.EMPLOYEES

    def unschedule(self, by):
        """Takes a launch back before it has happened."""
        self._move([self.State.SCHEDULED], self.State.APPROVED, by, "unscheduled")

    @transaction.atomic
    def launch(self, by=None):
        """Starts: content becomes visible to the audience, and the audience is told."""
        now = timezone.now()
        self._move([self.State.SCHEDULED], self.State.RUNNING, by, launched_at=now)
        # In the same transaction: nobody is to be told of a campaign that shows nothing.
        self.contents.publish_due(now)

    def pause(self, by):
        self._move([self.State.RUNNING], self.State.PAUSED, by)

    def resume(self, by):
        # Not "running": whoever was told of the start is not told again.
        self._move([self.State.PAUSED], self.State.RUNNING, by, "resumed")

    def end(self, by=None):
        self._move([self.State.RUNNING, self.State.PAUSED], self.State.ENDED, by)

    def archive(self, by):
        self._move([self.State.ENDED], self.State.ARCHIVED, by)

    def _check_ready(self, moment):
        if reasons := preflight.reasons_against(self, moment):
            raise NotReady(reasons)

    @transaction.atomic
    def _move(self, sources, target, by, verb="", *, note="", **fields):
        # The filter is the lock: of two concurrent moves, one updates no row.
        moved = (
            type(self).objects.filter(pk=self.pk, state__in=sources).update(state=target, **fields)
        )
        if not moved:
            raise WrongState(f"{self.pk} is not in {sources}")
        for name, value in (fields | {"state": target}).items():
            setattr(self, name, value)
        data = {"note": note} if note else {}
        record(f"campaign.{verb or target}", subject=self, actor=by, **data)


class Audience(models.Model):
    """Whom a campaign is meant for. An empty list means everybody; who joins later is included."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="audience")
    who = models.CharField(max_length=10, choices=Who, default=Who.EMPLOYEES)
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

    @property
    def selection(self):
        """The same as plain sets, which can also be made from a form that is not saved yet."""
        return Selection(
            departments=_keys(self.departments),
            locations=_keys(self.locations),
            languages=frozenset(self.languages),
            tags=frozenset(self.tags),
            excluded_departments=_keys(self.excluded_departments),
            excluded_people=_keys(self.excluded_people),
            who=self.who,
        )

    @transaction.atomic
    def choose(self, selection, by):
        """Takes in what `selection` says from now on. Raises WrongState once it is scheduled."""
        was = self.selection
        what = [
            f.name for f in fields(Selection) if getattr(was, f.name) != getattr(selection, f.name)
        ]
        if not what:
            return
        self.campaign.change(by, what)
        self.languages, self.tags = sorted(selection.languages), sorted(selection.tags)
        self.who = selection.who
        self.save(update_fields=["languages", "tags", "who"])
        for name in ("departments", "locations", "excluded_departments", "excluded_people"):
            getattr(self, name).set(getattr(selection, name))

    def people(self):
        """The users it takes in, today: a queryset of User."""
        return self.selection.people()

    def ambassadors(self):
        """The active ambassadors it takes in, today: a queryset of Ambassador."""
        return self.selection.ambassadors()

    def mailed(self):
        """Those among them who have not turned off the mail that says a campaign starts."""
        refusing = Preference.objects.refusing(LAUNCH_MAIL, Notification.Channel.EMAIL)
        return self.ambassadors().exclude(user__in=refusing.values("person"))


def _keys(relation):
    return frozenset(relation.values_list("pk", flat=True))
