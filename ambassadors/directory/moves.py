"""People who change department, place or manager on a day that is known before."""

from celery import shared_task
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from activity.log import acting, record
from ambassadors.directory.models import Department, Location, Person

PIECE = 500


class MoveQuerySet(models.QuerySet):
    def to_come(self):
        return self.filter(done_at=None)

    def due(self, today):
        return self.to_come().filter(on__lte=today, person__is_active=True)


class Move(models.Model):
    """Where somebody works from a day on. What it leaves empty stays as it is.

    Kept after the day, with what was before: what was counted until then is of the old place.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="moves")
    on = models.DateField()
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # The keys of before, by attribute, once it is done.
    before = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(done_at=None), name="move_one_to_come"
            ),
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=models.F("person")),
                name="move_not_to_oneself",
            ),
        ]
        indexes = [models.Index(fields=["on"], condition=Q(done_at=None), name="move_to_come")]

    def __str__(self):
        return f"{self.person_id} {self.on}"

    @transaction.atomic
    def carry_out(self):
        """The day has come. A second time it does nothing."""
        mine = type(self).objects.to_come().filter(pk=self.pk)
        person = Person.objects.select_for_update().filter(pk=self.person_id).first()
        if person is None or not mine.update(done_at=timezone.now()):
            return
        before = {name: getattr(person, name) for name in WHERE}
        self._put_on(person)
        person.save(update_fields=list(WHERE))
        after = {name: getattr(person, name) for name in WHERE}
        changed = {name for name in WHERE if before[name] != after[name]}
        type(self).objects.filter(pk=self.pk).update(before=before)
        if changed:
            record(
                "person.moved",
                subject=self.person,
                actor=None,
                before={name: before[name] for name in sorted(changed)},
                after={name: after[name] for name in sorted(changed)},
            )

    def _put_on(self, person):
        department = _open(self.department)
        if department and department.pk != person.department_id:
            # A new department without a team must not keep a team of the old one.
            person.department_id, person.team_id = department.pk, None
        if team := _open(self.team):
            person.team_id = team.pk
        if self.location_id:
            person.location_id = self.location_id
        if self.manager_id:
            person.manager_id = self.manager_id


WHERE = ("department_id", "team_id", "location_id", "manager_id")


def _open(department):
    """What a department is today: perhaps the one it was merged into, perhaps none any more."""
    while department and department.merged_into_id:
        department = department.merged_into
    return department if department and department.closed_on is None else None


@shared_task(name="ambassadors.tasks.move_people")
def move_people():
    """Moves those whose day has come, where the company is; a second run finds nobody."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    with acting(via="directory"):
        for move in Move.objects.due(today).order_by("pk").iterator(chunk_size=PIECE):
            move.carry_out()
