from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activity.log import record
from ambassadors.accounts.models import User
from ambassadors.enrolment.models import WrongState
from campaigns.content.addresses import WEB_ONLY, page_key, validate_public
from campaigns.content.models import Content
from campaigns.planning.models import NoteMissing

TITLE, WHY = Content._meta.get_field("title"), Content._meta.get_field("why")
MOST_IN_A_WEEK = 10


class AlreadyProposed(Exception):
    """The page waits for an answer already. Whose idea it was is nobody's business."""


class TooManyProposals(Exception):
    """More in a week than anybody would read."""


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Proposal.State.RECEIVED)

    def out(self):
        """Taken up, and what became of them is published; nobody has been told yet."""
        done = Content.objects.filter(status=Content.Status.PUBLISHED)
        return self.filter(state=Proposal.State.TAKEN_UP, content__in=done)

    def publish(self):
        """Says of those whose item is published that they are; a second run finds none."""
        for proposal in self.out():
            proposal.note_published()


class Proposal(models.Model):
    """A page a member would like to see shared, and the answer it was given."""

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("proposal", "Received")
        TAKEN_UP = "taken_up", pgettext_lazy("proposal", "Taken up")
        PUBLISHED = "published", pgettext_lazy("proposal", "Published")
        DECLINED = "declined", pgettext_lazy("proposal", "Not going ahead")
        WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "Withdrawn")

    url = models.URLField(_("link"), max_length=2000, validators=[WEB_ONLY, validate_public])
    # The page whatever its spelling (addresses.page_key).
    page_key = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
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
            ),
            models.UniqueConstraint(
                fields=["page_key"],
                condition=Q(state="received") & ~Q(page_key=""),
                name="proposal_waits_once_per_page",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="proposal_by_state")]

    def __str__(self):
        return self.title or self.url

    @property
    def is_waiting(self):
        return self.state == self.State.RECEIVED

    @classmethod
    @transaction.atomic
    def receive(cls, by, *, url, why, title=""):
        """A page `by` would like to see shared. Raises AlreadyProposed, TooManyProposals."""
        # Whoever sends two at once waits for the first to be counted.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        week = timezone.now() - timedelta(days=7)
        if cls.objects.filter(proposer=by, created_at__gte=week).count() >= MOST_IN_A_WEEK:
            raise TooManyProposals
        proposal = cls(
            url=url, page_key=page_key(url), why=why, title=title[: TITLE.max_length], proposer=by
        )
        try:
            with transaction.atomic():
                proposal.save(force_insert=True)
        except IntegrityError:
            raise AlreadyProposed from None
        record("proposal.received", subject=proposal, actor=by)
        return proposal

    @transaction.atomic
    def withdraw(self, by):
        """Its proposer has thought again, before anybody answered. Raises WrongState."""
        waiting = Proposal.objects.waiting().filter(pk=self.pk, proposer=by)
        if not waiting.update(state=self.State.WITHDRAWN):
            raise WrongState(f"proposal {self.pk} is answered, or somebody else’s")
        self.state = self.State.WITHDRAWN
        record("proposal.withdrawn", subject=self, actor=by)

    @transaction.atomic
    def note_published(self):
        """What became of it is published: its proposer hears of it, once."""
        # The filter is the lock.
        if Proposal.objects.out().filter(pk=self.pk).update(state=self.State.PUBLISHED):
            self.state = self.State.PUBLISHED
            record("proposal.published", subject=self)

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
