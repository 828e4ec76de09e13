"""What as many clicks would have cost, for organisations that insist; off until an admin types it.

The Barcelona Principles (AMEC, 4.0) reject advertising value equivalents, and so does this
product: it multiplies visits by a price the organisation itself has typed, calls it a comparison
of cost, shows the price beside it, and never puts it first.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.log import record

CENT = Decimal("0.01")


class Currency(models.TextChoices):
    CAD = "CAD", _("Canadian dollars (CAD)")
    EUR = "EUR", _("Euros (EUR)")
    USD = "USD", _("US dollars (USD)")
    CHF = "CHF", _("Swiss francs (CHF)")
    GBP = "GBP", _("Pounds sterling (GBP)")


class CostPerClick(models.Model):
    """The organisation's own price of a click. One row at most; none, or off, shows nothing."""

    is_shown = models.BooleanField(_("show the cost comparison in reports"), default=False)
    amount = models.DecimalField(
        _("cost per click"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(CENT)],
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.CAD)
    source = models.CharField(_("where this price comes from"), max_length=160, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="cost_per_click_one_row"),
            models.CheckConstraint(
                condition=Q(is_shown=False) | Q(amount__isnull=False, amount__gte=CENT),
                name="cost_per_click_named",
            ),
        ]

    def __str__(self):
        return f"{self.amount} {self.currency}"

    @classmethod
    def current(cls) -> "CostPerClick":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @transaction.atomic
    def keep(self, by):
        """Writes down what applies from now on, to every period that is looked at."""
        before = CostPerClick.objects.select_for_update().filter(pk=1).first()
        self.pk, self.changed_by, self.changed_at = 1, by, timezone.now()
        self.save()
        record(
            "reach.cost_per_click_set",
            subject=self,
            actor=by,
            before=_plain(before) if before else None,
            after=_plain(self),
        )


@dataclass(frozen=True)
class Comparison:
    """visits × cost; both in it, so that neither is read without the other."""

    visits: int
    cost: CostPerClick

    @property
    def total(self) -> Decimal:
        return self.visits * (self.cost.amount or Decimal(0))


def comparison_of(visits: int) -> Comparison | None:
    """None unless an administrator has turned it on."""
    cost = CostPerClick.objects.filter(pk=1, is_shown=True).first()
    return Comparison(visits, cost) if cost else None


def _plain(cost):
    return {"shown": cost.is_shown, "amount": str(cost.amount), "currency": cost.currency}
