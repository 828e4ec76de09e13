"""A task that beat announced is run once per slot, however often its message is delivered."""

from celery import Task, current_app

from activity.waking import wake


class SlotTask(Task):
    """The base of all tasks. Without a slot among its headers, a task just runs."""

    abstract = True

    def __call__(self, *args, **kwargs):
        # A message brings it among its own properties, a call without a broker as a header.
        slot = self.request.get("slot") or (self.request.headers or {}).get("slot")
        if slot is None:
            return super().__call__(*args, **kwargs)
        return self._run_once(slot, args, kwargs)

    def _run_once(self, slot, args, kwargs):
        from activity.models import Slot

        if not Slot.objects.begin(slot):
            return None
        done = super().__call__(*args, **kwargs)
        Slot.objects.finish(slot)
        return done


def wake_lying() -> None:
    """Announces again what a broker lost, or a worker left when it died."""
    from activity.models import Slot

    jobs = current_app.conf.beat_schedule
    for slot in Slot.objects.lying():
        if slot.job in jobs:
            job = jobs[slot.job]
            task = current_app.tasks[job["task"]]
            options = job.get("options", {})
            wake(task, *job.get("args", ()), **options | {"headers": {"slot": slot.pk}})
