"""What a person is shown of what came of their own shares, as far as they asked."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from campaigns.conversions.models import Conversion, Credit


@dataclass(frozen=True)
class Came:
    """number: how many; None while they are so few that one might be told from another."""

    number: int | None
    minimum: int


def own_conversions(person: AbstractBaseUser) -> Came | None:
    """Since they asked; None without that. A friend who applied must not be told by a "1"."""
    credit = Credit.objects.filter(ambassador__user=person).first()
    if credit is None:
        return None
    number = Conversion.objects.attributed().filter(ambassador=credit.ambassador_id).count()
    minimum = settings.MINIMUM_GROUP
    return Came(number if number >= minimum else None, minimum)
