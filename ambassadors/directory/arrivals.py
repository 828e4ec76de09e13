"""Somebody new who came in by the company's login belongs to the directory like everybody else."""

from ambassadors.accounts.sso.arrival import on_arrival
from ambassadors.directory.models import Person


@on_arrival
def list_person(user):
    """Without department or place: the next import, or HR, says where they work."""
    _person, is_new = Person.objects.get_or_create(user=user)
    if is_new:
        type(user).objects.filter(pk=user.pk).hire()
