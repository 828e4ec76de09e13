from celery import shared_task

from activity.desk import queues


@shared_task(bind=True, name="activity.tasks.pulse")
def pulse(self, queue: str) -> None:
    """A sign of life: whoever runs this takes tasks from `queue`."""
    queues.note_pulse(queue, self.request.hostname or "")
