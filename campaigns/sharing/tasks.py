from celery import shared_task
from django.utils import timezone

from activity.tasks import wake_due
from campaigns.sharing import notices, recalls, reminders, reminders_campaign
from campaigns.sharing.models import Plan


@shared_task(name="campaigns.tasks.send_due_digests")
def send_due_digests():
    """Decides the digests that are due; a second run finds none undecided."""
    notices.send_due(timezone.now())
    wake_due()


@shared_task(name="campaigns.tasks.remind_of_campaigns")
def remind_of_campaigns():
    """Reminds of campaigns whoever has done nothing with them; a second run finds nobody."""
    reminders_campaign.send_due(timezone.now())
    wake_due()


@shared_task(name="campaigns.tasks.send_due_reminders")
def send_due_reminders():
    """Sends the reminders people asked for, and forgets old ones; a second run finds neither."""
    now = timezone.now()
    reminders.send_due(now)
    Plan.objects.over(now).delete()
    wake_due()


@shared_task(name="campaigns.tasks.ask_recalled_again")
def ask_recalled_again():
    """Asks once more what became of a post that was recalled; a second run finds all asked."""
    recalls.ask_again(timezone.now())
    wake_due()
