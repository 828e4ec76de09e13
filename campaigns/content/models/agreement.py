"""Who has to say yes to an item, or to one changed text of it, and who has already."""

from contextlib import contextmanager

from django.db import models, transaction

from activity.log import record
from ambassadors.enrolment.models import WrongState
from campaigns.content.models.review import Review
from campaigns.planning.models import NotApprover, OwnApproval


class Agreement:
    """What deciding on an item and on a changed text have in common.

    The model has: campaign, writer_ids, status, is_waiting, reminders, own_reviews, and the field
    HANDED_IN, the moment of the words that wait, which says which version they are.
    """

    HANDED_IN: str
    # What the policy reads of it for each person, to be loaded once.
    ASKED_OF_ALL: tuple[str, ...]

    # What `reminders` says once those who decide were reminded, then that others were told.
    REMINDED, ESCALATED = 1, 2

    def is_overseen_by(self, user):
        """Whether it is of a campaign that lies within a limited manager's departments."""
        return self.campaign.is_overseen_by(user)

    @property
    def handed_in_at(self):
        return getattr(self, self.HANDED_IN)

    @property
    def is_reminded(self):
        return self.reminders == self.REMINDED

    @property
    def is_escalated(self):
        return self.reminders >= self.ESCALATED

    @property
    def deciders(self):
        """Those its campaign names who can decide on it today; empty where it names nobody."""
        named = self.campaign.approvers.all()
        return [person for person in named if person.has_perm("campaigns.approve_content", self)]

    @property
    def is_open_to_admins(self):
        """Overdue, or without anybody named who can decide: four eyes, or they have left."""
        return self.is_escalated or not self.deciders

    @property
    def agreed_ids(self):
        """Who has approved these very words."""
        # Filtered here and not by the database, so that a list may prefetch.
        return {
            review.reviewer_id
            for review in self.own_reviews
            if review.decision == Review.Decision.APPROVED
            and review.handed_in_at == self.handed_in_at
        }

    @property
    def asked(self):
        """Those who all have to agree; empty where one yes is enough."""
        return self.deciders if self.campaign.needs_all else []

    @property
    def missing(self):
        """Whose yes is still needed."""
        agreed = self.agreed_ids
        return [person for person in self.asked if person.pk not in agreed]

    def settles_alone(self, by):
        """Whether `by` need not wait for the others: an administrator, once it is overdue."""
        return self.is_escalated and by.has_perm("campaigns.decide_overdue")

    def has_to_decide(self, by):
        """Whether its next move is `by`’s: they may decide, and a yes of theirs is not there yet
        or would settle it now."""
        if not by.has_perm("campaigns.approve_content", self):
            return False
        return by.pk not in self.agreed_ids or not self.missing or self.settles_alone(by)

    @transaction.atomic
    def note_reminder(self, level):
        """Notes that people are told of it, up to REMINDED or ESCALATED. False when that was done
        already, or it does not wait as it did."""
        same = {name: getattr(self, name) for name in ("status", "reminders", self.HANDED_IN)}
        # The filter is the lock: of two runs at once, one updates no row.
        if not type(self)._base_manager.filter(pk=self.pk, **same).update(reminders=level):
            return False
        self.reminders = level
        verb = "escalated" if self.is_escalated else "reminded"
        record(f"{self._meta.model_name}.{verb}", subject=self)
        return True

    @contextmanager
    def _held(self, by, version=None):
        """Locks the row and reads it again: what is decided is decided on what stands there now.

        Raises WrongState, OwnApproval, NotApprover.
        """
        rows = type(self)._base_manager.select_for_update(of=["self"])
        self.refresh_from_db(from_queryset=rows)
        if not self.is_waiting or version not in {None, self.handed_in_at}:
            raise WrongState(f"{self._meta.model_name} {self.pk} does not wait as it was read")
        # Everybody named is asked for below: not with queries of their own.
        models.prefetch_related_objects([self], *self.ASKED_OF_ALL)
        if not by.has_perm("campaigns.approve_content", self):
            raise OwnApproval if by.pk in self.writer_ids else NotApprover
        yield
        self.refresh_from_db()

    def _agree(self, by, note):
        """Writes the yes of `by` down, once. True when it was the last that was needed."""
        is_new = by.pk not in self.agreed_ids
        if is_new:
            self._reviewed(by, Review.Decision.APPROVED, note)
        if not self.missing or self.settles_alone(by):
            return True
        if not is_new:
            raise WrongState(f"{by.pk} has approved {self._meta.model_name} {self.pk} already")
        return False

    @property
    def tally(self):
        """Who has agreed, of those who all have to: {"n": 2, "of": 3}."""
        asked = self.asked
        return {"n": len(asked) - len(self.missing), "of": len(asked)}
