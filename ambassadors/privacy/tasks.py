from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from activity.waking import wake
from ambassadors.privacy import erasing, export, retention
from ambassadors.privacy.models import Export


@shared_task(name="ambassadors.tasks.make_export")
def make_export(pk):
    for each in Export.objects.to_make().filter(pk=pk).select_related("user"):
        export.make(each)
        wake_due()


@shared_task(name="ambassadors.tasks.sweep_exports")
def sweep_exports():
    """Makes those whose message was lost."""
    for pk in Export.objects.to_make().values_list("pk", flat=True):
        wake(make_export, pk)


@shared_task(name="ambassadors.tasks.erase_due")
def erase_due():
    """Erases whoever asked and has not changed their mind."""
    erasing.erase_due(timezone.now())


@shared_task(name="ambassadors.tasks.keep_to_retention")
def keep_to_retention():
    """Every rule that has no hour of its own, each in a task: one that fails stops no other."""
    for rule in retention.RULES.values():
        if not rule.by_itself:
            wake(carry_out, rule.key)


@shared_task(name="ambassadors.tasks.carry_out")
def carry_out(key):
    retention.carry_out(key)
