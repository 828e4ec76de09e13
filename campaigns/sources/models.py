from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.enrolment.models import Topic, WrongState
from campaigns.content.addresses import WEB_ONLY, validate_public
from campaigns.content.models import Content
from campaigns.planning.models import Campaign, NoteMissing

TITLE, WHY = Content._meta.get_field("title"), Content._meta.get_field("why")


class Source(models.Model):
    """A feed, or a page of the company's own, whose news come in as drafts held for review."""

    class Kind(models.TextChoices):
        FEED = "feed", pgettext_lazy("source", "Feed (RSS or Atom)")
        PAGE = "page", pgettext_lazy("source", "Page with links to articles")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    url = models.URLField(
        _("address"), max_length=2000, unique=True, validators=[WEB_ONLY, validate_public]
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="sources", verbose_name=_("campaign")
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    per_day = models.PositiveSmallIntegerField(_("drafts a day, at most"), default=5)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sources")
    is_active = models.BooleanField(_("read"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # What the last reading left: when, what to ask with next time, and why it failed.
    read_at = models.DateTimeField(null=True, editable=False)
    next_read_at = models.DateTimeField(default=timezone.now, editable=False)
    etag = models.CharField(max_length=250, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.CharField(max_length=250, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_day__gte=1, per_day__lte=50), name="source_brings_a_few_a_day"
            )
        ]

    def __str__(self):
        return self.name


class SightingQuerySet(models.QuerySet):
    def to_answer(self):
        """Whose draft nobody has taken up or declined yet."""
        drafts = Content.objects.filter(status=Content.Status.DRAFT)
        return self.filter(answered_at=None, content__in=drafts)


class Sighting(models.Model):
    """An article a source has shown, by its canonical address: it comes in once, or never."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="sightings")
    page_key = models.CharField(max_length=32)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=2000)
    published_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    # NULL: over the day's cap for now, or in the library already.
    content = models.ForeignKey(Content, models.SET_NULL, null=True, related_name="sightings")
    is_held = models.BooleanField(default=False)
    # Whether the draft was wanted: by whom, when, and in a sentence where it was not.
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = SightingQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["page_key"], name="sighting_once_per_page")]

    def __str__(self):
        return self.title[:60]

    @transaction.atomic
    def take_up(self, by):
        """Makes the draft `by`’s own, to be finished and submitted. Raises WrongState."""
        self._answer(by, "")
        drafts = Content.objects.filter(pk=self.content_id, status=Content.Status.DRAFT)
        if not drafts.update(author=by, changed_by=by, changed_at=timezone.now()):
            raise WrongState(f"the draft of sighting {self.pk} is gone")
        self.content.refresh_from_db()
        record("sighting.taken_up", subject=self, actor=by)
        return self.content

    @transaction.atomic
    def decline(self, by, answer):
        """Puts the draft aside, saying why; the page does not come in again.

        Raises NoteMissing, WrongState.
        """
        if not answer.strip():
            raise NoteMissing
        self._answer(by, answer)
        self.content.put_aside(by, answer)
        record("sighting.declined", subject=self, actor=by)

    def _answer(self, by, answer):
        # The filter is the lock: of two answers at once, one updates no row.
        given = {"answer": answer, "answered_by": by, "answered_at": timezone.now()}
        if not Sighting.objects.to_answer().filter(pk=self.pk).update(**given):
            raise WrongState(f"sighting {self.pk} is answered")
        for name, value in given.items():
            setattr(self, name, value)


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Proposal.State.RECEIVED)


class Proposal(models.Model):
    """A page a member would like to see shared, and the answer it was given."""

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("proposal", "Received")
        TAKEN_UP = "taken_up", pgettext_lazy("proposal", "Taken up")
        PUBLISHED = "published", pgettext_lazy("proposal", "Published")
        DECLINED = "declined", pgettext_lazy("proposal", "Not going ahead")

    url = models.URLField(_("link"), max_length=2000, validators=[WEB_ONLY, validate_public])
    title = models.CharField(_("title"), max_length=150, blank=True)
    why = models.CharField(_("why share it"), max_length=280)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="proposals")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    # A sentence for the proposer. Required to say no.
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    content = models.OneToOneField(Content, models.SET_NULL, null=True, related_name="proposal")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer=""), name="proposal_no_has_a_reason"
            )
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="proposal_by_state")]

    def __str__(self):
        return self.title or self.url

    @property
    def is_waiting(self):
        return self.state == self.State.RECEIVED

    @transaction.atomic
    def take_up(self, by, campaign):
        """Makes a draft of it in `campaign`, written by `by`: returned, to be finished.

        Raises WrongState when it is answered already, or the campaign is over.
        """
        if not campaign.is_open:
            raise WrongState(f"campaign {campaign.pk} is over")
        self._answer(self.State.TAKEN_UP, by)
        draft = Content(
            campaign=campaign,
            url=self.url,
            title=self.title or self.url[: TITLE.max_length],
            why=Truncator(self.why).chars(WHY.max_length),
            note=self.why,
            language=self.proposer.language,
        )
        draft.write(by)
        Proposal.objects.filter(pk=self.pk).update(content=draft)
        self.content = draft
        record("proposal.taken_up", subject=self, actor=by)
        return draft

    @transaction.atomic
    def decline(self, by, answer):
        """Says no, in a sentence for the proposer. Raises NoteMissing, WrongState."""
        if not answer.strip():
            raise NoteMissing
        self._answer(self.State.DECLINED, by, answer)
        record("proposal.declined", subject=self, actor=by)

    def _answer(self, state, by, answer=""):
        # The filter is the lock: of two answers at once, one updates no row.
        given = {
            "state": state,
            "answer": answer,
            "answered_by": by,
            "answered_at": timezone.now(),
        }
        if not Proposal.objects.waiting().filter(pk=self.pk).update(**given):
            raise WrongState(f"proposal {self.pk} is answered")
        for name, value in given.items():
            setattr(self, name, value)
