"""The product's own workers and beat, and one job more that ticks fast: for bench.notify_faults."""

import os

from django.conf import settings

from config.celery import app

# As in the tests: nothing has been collected here.
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN}}

if seconds := os.environ.get("BENCH_TICK"):
    app.conf.beat_schedule["tick"] = {"task": "bench.clocks.tick", "schedule": float(seconds)}


@app.task(bind=True)
def tick(self):
    """Leaves a line with the number of its slot."""
    with open(os.environ["BENCH_TICKS"], "a") as ticks:
        ticks.write(f"{self.request.get('slot')}\n")
