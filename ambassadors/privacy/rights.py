"""By which right each kind of data is held: what the product proposes, or what the company decided.

    bases() -> {key of the sort: the sentence people read}
    LegalBasis.choose(sort, right, by=admin)

A law differs from country to country, and a works council may have asked for something else. Only
what the product can keep is offered: it asks nobody's consent to being in the directory, and no
contract makes anybody share. Duties by law are nobody's to choose.
"""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.privacy.registry import Sort, sorts


class Right(models.TextChoices):
    # Translators: fr: Le consentement
    CONSENT = "consent", _("Consent")
    # Translators: fr: L’intérêt légitime de l’employeur
    INTEREST = "interest", _("The employer’s legitimate interest")
    # Translators: fr: Le contrat de travail
    CONTRACT = "contract", _("The contract of work")


SENTENCES = {
    Right.CONSENT: _("Your consent, which you may take back at any time."),
    Right.INTEREST: _("The employer’s legitimate interest. You may object to it."),
    Right.CONTRACT: _("Your contract of work."),
}
# What is proposed comes first, with the product's own sentence.
OFFERED = {
    "account": (Right.INTEREST, Right.CONTRACT),
    "programme": (Right.CONSENT, Right.INTEREST),
    "sharing": (Right.CONSENT, Right.INTEREST),
    "messages": (Right.CONSENT, Right.INTEREST),
    "work": (Right.INTEREST, Right.CONTRACT),
}


class NotOffered(Exception):
    """This kind of data cannot be held by this right."""


class LegalBasis(models.Model):
    """The company's decision for one kind of data; without a line, what the product proposes."""

    sort = models.CharField(max_length=20, primary_key=True)
    right = models.CharField(max_length=10, choices=Right)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(right__in=Right.values), name="legal_basis_right_known"
            )
        ]

    def __str__(self):
        return self.sort

    @classmethod
    @transaction.atomic
    def choose(cls, sort: str, right: str, *, by) -> bool:
        """False when it is so already. Raises NotOffered."""
        if right not in OFFERED.get(sort, ()):
            raise NotOffered
        before = rights()[sort]
        if before == right:
            return False
        line, _made = cls.objects.update_or_create(sort=sort, defaults={"right": right})
        record("legal_basis.chosen", subject=line, actor=by, before=before, after=right)
        return True


def rights() -> dict[str, str]:
    """{key of the sort: the right in force}, of those that can be chosen."""
    return {key: offered[0] for key, offered in OFFERED.items()} | _decided()


def bases() -> dict[str, Any]:
    """{key of the sort: by which right it is held, as a sentence}, of all of them."""
    decided = {
        key: SENTENCES[right] for key, right in _decided().items() if right != OFFERED[key][0]
    }
    return {sort.key: sort.basis for sort in sorts()} | decided


def switchable() -> list[Sort]:
    return [sort for sort in sorts() if sort.key in OFFERED]


def _decided():
    lines = dict(LegalBasis.objects.values_list("sort", "right"))
    # A right that a later version no longer offers gives way to what it proposes.
    return {key: right for key, right in lines.items() if right in OFFERED.get(key, ())}
