"""Saved views: a question with a name. What it shows is worked out anew each time it is opened.

So nothing that has to be hidden meanwhile can come back through one.
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and what others have shared with everybody who may read the report."""
        if not user.has_perm("campaigns.see_whole_reach"):
            return self.none()
        return self.filter(Q(owner=user) | Q(is_shared=True, owner__is_active=True))

    def of(self, user):
        return self.filter(owner=user)

    def default_of(self, user):
        return self.of(user).filter(is_default=True).first()


class SavedView(models.Model):
    """A question about reach under a name of its owner's choice."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reach_views", editable=False
    )
    name = models.CharField(_("name"), max_length=80)
    # As in an address: "period=28&network=linkedin".
    question = models.TextField(blank=True, editable=False)
    is_shared = models.BooleanField(_("shared with everybody who may read the report"))
    is_default = models.BooleanField(_("opens first when I come to the report"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_default=True), name="saved_view_one_default"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The report it asks for; its own number only says under which name."""
        return f"{reverse('campaigns:reach-report')}?{self.question}&view={self.pk}".replace(
            "?&", "?"
        )

    @transaction.atomic
    def keep(self, by):
        """Writes it down, new or changed. Of one's views, one at most is the default."""
        if self.is_default:
            # Locked first, so that two at once cannot both be the only one.
            others = SavedView.objects.of(self.owner).select_for_update().exclude(pk=self.pk)
            SavedView.objects.filter(pk__in=[view.pk for view in others]).update(is_default=False)
        verb = "reach_view.changed" if self.pk else "reach_view.saved"
        self.save()
        record(verb, subject=self, actor=by, shared=self.is_shared, question=self.question)

    @transaction.atomic
    def remove(self, by):
        """What was mailed of it stays where it was sent; nothing more goes out."""
        record("reach_view.removed", subject=self, actor=by)
        self.delete()
