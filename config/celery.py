import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("porte-voix", task_cls="activity.clock.running:SlotTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Each slot is a row (activity/clock): two beats, or two machines, run it once.
app.conf.beat_schedule = {
    "clear-sessions": {
        "task": "config.tasks.clear_sessions",
        "schedule": crontab(minute=30, hour=3),
    },
    "sweep-outbox": {"task": "activity.tasks.sweep", "schedule": 10.0},
    "forget-slots": {"task": "activity.tasks.forget_slots", "schedule": crontab(minute=35)},
    "read-returns": {
        "task": "activity.mailing.tasks.read_returns",
        "schedule": crontab(minute="*/5"),
    },
    "sweep-endpoints": {"task": "activity.endpoints.tasks.sweep", "schedule": 10.0},
    "seal-trail": {"task": "activity.tasks.seal_trail", "schedule": 60.0},
    "check-trail": {
        "task": "ambassadors.audit.tasks.check_trail",
        "schedule": crontab(minute=15, hour=5),
    },
    "send-digests": {"task": "campaigns.tasks.send_due_digests", "schedule": crontab(minute="*/5")},
    "send-reminders": {"task": "campaigns.tasks.send_due_reminders", "schedule": 60.0},
    "remind-of-campaigns": {
        "task": "campaigns.tasks.remind_of_campaigns",
        "schedule": crontab(minute=5),
    },
    "ask-recalled": {
        "task": "campaigns.tasks.ask_recalled_again",
        "schedule": crontab(minute=25),
    },
    "move-campaigns": {"task": "campaigns.tasks.move_due_campaigns", "schedule": 30.0},
    "move-content": {"task": "campaigns.tasks.move_due_content", "schedule": 30.0},
    "look-at-claims": {
        "task": "campaigns.tasks.look_at_claims",
        "schedule": crontab(minute="*/10"),
    },
    "drop-composer-drafts": {
        "task": "campaigns.tasks.drop_composer_drafts",
        "schedule": crontab(minute=55),
    },
    "remind-approvers": {
        "task": "campaigns.tasks.remind_approvers",
        "schedule": crontab(minute=35),
    },
    "read-sources": {
        "task": "campaigns.tasks.read_due_sources",
        "schedule": crontab(minute="*/15"),
    },
    "tell-proposers": {"task": "campaigns.tasks.tell_proposers", "schedule": crontab(minute=45)},
    "check-links": {"task": "campaigns.tasks.check_links", "schedule": crontab(minute=15)},
    "sweep-pictures": {
        "task": "campaigns.tasks.sweep_pictures",
        "schedule": crontab(minute=10, hour=4),
    },
    "send-reports": {"task": "campaigns.tasks.send_due_reports", "schedule": crontab(minute="*/5")},
    "drop-snapshots": {
        "task": "campaigns.tasks.drop_old_snapshots",
        "schedule": crontab(minute=20, hour=4),
    },
    "send-briefs": {"task": "campaigns.tasks.send_due_briefs", "schedule": crontab(minute="*/5")},
    "tell-owners": {"task": "campaigns.tasks.tell_owners", "schedule": crontab(minute="*/10")},
    "count-heads": {"task": "campaigns.tasks.count_heads", "schedule": crontab(minute=7)},
    "remind-invited": {"task": "ambassadors.tasks.remind_invited", "schedule": crontab(minute=20)},
    "sweep-imports": {
        "task": "ambassadors.directory.imports.tasks.sweep_imports",
        "schedule": 300.0,
    },
    # Hourly: wherever the company is, soon after its midnight.
    "close-leavers": {"task": "ambassadors.tasks.close_leavers", "schedule": crontab(minute=5)},
    "move-people": {"task": "ambassadors.tasks.move_people", "schedule": crontab(minute=2)},
    "run-import-schedule": {
        "task": "ambassadors.directory.imports.tasks.run_import_schedule",
        "schedule": 60.0,
    },
    "invite-imported": {
        "task": "ambassadors.enrolment.importing.sweep_imported",
        "schedule": 300.0,
    },
    "keep-to-retention": {
        "task": "ambassadors.tasks.keep_to_retention",
        "schedule": crontab(minute=50, hour=8),
    },
    "erase-due": {"task": "ambassadors.tasks.erase_due", "schedule": crontab(minute=20, hour=7)},
    "sweep-exports": {"task": "ambassadors.tasks.sweep_exports", "schedule": 60.0},
    "drop-salts": {"task": "campaigns.tasks.drop_old_salts", "schedule": crontab(minute=40)},
    "settle-conversions": {"task": "campaigns.tasks.settle_conversions", "schedule": 60.0},
    "drop-conversions": {
        "task": "campaigns.tasks.drop_old_conversions",
        "schedule": crontab(minute=45, hour=3),
    },
    "drop-clicks": {
        "task": "campaigns.tasks.drop_old_clicks",
        "schedule": crontab(minute=25, hour=9),
    },
    "make-months": {"task": "campaigns.tasks.ensure_partitions", "schedule": crontab(minute=50)},
    "recheck-clicks": {
        "task": "campaigns.tasks.recheck_clicks",
        "schedule": crontab(hour="8", minute=10),
    },
}


@app.on_after_configure.connect
def send_signs_of_life(sender, **_):
    """One a minute into each queue: who took it last is what the page about sending shows."""
    from activity.desk.queues import PULSE_SECONDS, names

    for queue in names():
        sender.conf.beat_schedule[f"pulse-{queue}"] = {
            "task": "activity.tasks.pulse",
            "schedule": float(PULSE_SECONDS),
            "args": (queue,),
            "options": {"queue": queue, "expires": 2 * PULSE_SECONDS},
        }
