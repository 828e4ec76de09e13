from celery import shared_task
from django.utils import timezone

from ambassadors.directory.imports.fetching import run_schedule
from ambassadors.directory.imports.models import Import, drop_orphans


@shared_task
def check_import(pk):
    for source in Import.objects.filter(pk=pk):
        source.read_and_check()


@shared_task
def commit_import(pk):
    for source in Import.objects.filter(pk=pk).select_related("committed_by"):
        source.commit(source.committed_by)


@shared_task
def undo_import(pk):
    for source in Import.objects.filter(pk=pk).select_related("undone_by"):
        source.undo()


@shared_task
def run_import_schedule():
    """Fetches the list whose hour has come, and decides on the one that is checked."""
    run_schedule()


@shared_task
def sweep_imports():
    """Wakes the imports whose message was lost, and forgets those that are old enough."""
    now = timezone.now()
    for source in Import.objects.stranded(now):
        source.queue_again()
    for source in Import.objects.stale(now):
        source.forget()
    drop_orphans(now)
