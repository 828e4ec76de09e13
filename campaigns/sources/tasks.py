from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from activity.waking import wake
from campaigns.content.pictures import sweep_pictures as sweep_unused
from campaigns.sources import dead_links, intake
from campaigns.sources.models import Proposal, Source

# A feed and a full day of articles at their slowest.
SECONDS = 540


@shared_task(name="campaigns.tasks.read_source", soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def read_source(pk):
    """Reads one source, if it is its turn."""
    if source := Source.objects.select_related("campaign").filter(pk=pk).first():
        intake.read(source)
        wake_due()


@shared_task(name="campaigns.tasks.read_due_sources")
def read_due_sources():
    """Wakes a task for each source whose turn it is. Woken twice, it is read once."""
    for pk in Source.objects.due(timezone.now()).values_list("pk", flat=True):
        wake(read_source, pk, urgent=False)


@shared_task(name="campaigns.tasks.tell_proposers")
def tell_proposers():
    """Finds the proposals whose publication was missed while nobody was looking."""
    Proposal.objects.publish()
    wake_due()


@shared_task(name="campaigns.tasks.check_links")
def check_links():
    """Asks for the pages of items that nobody has asked for a week."""
    dead_links.check_due()
    wake_due()


@shared_task(name="campaigns.tasks.sweep_pictures")
def sweep_pictures():
    """Deletes the pictures that nobody has saved."""
    sweep_unused(timezone.now())
