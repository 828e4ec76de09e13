"""python -m bench.notify_faults: kill -9 at whatever carries a message to a mail server.

A mail server of its own takes 10 ms between the last dot and its answer, so that many workers die
just there. Every message has a number of its own (its Message-ID), by which it is looked for.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from bench.faults import Stage as Servers
from bench.figures import conclude
from launch import services
from launch.product import HOST, Part

MESSAGES, KILLS, REDIS_KILLS, TICKS = 3_000, 50, 20, 100
TICK, DOT = 0.25, 0.01
PEOPLE = 300
# From the last kill: then everything that can arrive has.
PATIENCE = 60
BULK, OWED = "campaign.launched", "campaign.sent_back"
WORKERS = {"mail-1": "mail", "mail-2": "mail", "clock": "default,ingest,reports,hooks,push"}
BAR = {"lost": 0, "bulk_twice": 0, "owed_copies_per_kill": 1, "recovered_s": PATIENCE}
BAR |= {"slots_not_once": 0, "mute_workers": 0, "thrice_differs": 0}
SCENES = ("beats", "workers", "redis", "thrice")


def main():
    options = arguments()
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    with Stage() as stage:
        return Bench(stage, options).run()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.notify_faults")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--kills", type=int, default=KILLS, help="of workers")
    parser.add_argument("--redis", type=int, default=REDIS_KILLS, metavar="KILLS")
    parser.add_argument("--ticks", type=int, default=TICKS)
    parser.add_argument("--only", choices=SCENES, action="append")
    return parser.parse_args()


class Sink:
    """A mail server that notes the Message-ID of all it takes, and thinks before it answers."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, server, session, envelope):
        import asyncio
        from email import message_from_bytes

        self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
        await asyncio.sleep(DOT)
        return "250 OK"


def open_sink(sink):
    """Its Controller, started, on whichever port is free."""
    from aiosmtpd.controller import Controller

    from launch.trial import free_port

    controller = Controller(sink, hostname=HOST, port=free_port())
    controller.start()
    return controller


class Stage(Servers):
    """PostgreSQL, Valkey, a mail server, three workers and two beats."""

    def __init__(self):
        super().__init__()
        self.sink = Sink()
        self.ticks = self.folder / "ticks"
        self.ticks.touch()

    def __enter__(self):
        for variable, service in services.embedded(self.folder, durable=True).items():
            os.environ[variable] = service.url
            self.running[service.name] = (service, services.start(service, self._log(service)))
        self.controller = open_sink(self.sink)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "EMAIL_URL": f"smtp://{HOST}:{self.controller.port}",
            "BENCH_TICKS": str(self.ticks),
            # Nobody sleeps here.
            "QUIET_HOURS": "",
        }
        self.make_company()
        for name, queues in WORKERS.items():
            command = ["celery", "-A", "bench.clocks", "worker", "--hostname", f"{name}@%h"]
            command += ["--queues", queues, "--concurrency", "1", "--loglevel", "INFO"]
            command += ["--without-gossip", "--without-mingle"]
            self.start(Part(name, "-m", *command, says=" ready."))
        self.start_beats({})
        return self

    def __exit__(self, *failure):
        super().__exit__(*failure)
        self.controller.stop()

    def start_beats(self, extra):
        for name in ("beat-1", "beat-2"):
            if name in self.running:
                self.kill(name)
            part = Part(name, "-m", "celery", "-A", "bench.clocks", "beat", "--pidfile", "")
            part.says = "is starting"
            part.environ = os.environ | extra
            self.start(part)

    def make_company(self):
        import django

        django.setup()
        from config.celery import app

        app.loader.import_default_modules()
        from django.core.management import call_command

        from activity.log import record
        from tests.factories import make_ambassador, make_campaign, make_manager

        call_command("migrate", verbosity=0)
        self.people = [make_ambassador().user_id for _ in range(PEOPLE)]
        self.campaign = make_campaign()
        sent_back = make_campaign(state="draft")
        entry = record("campaign.looked_at", subject=sent_back, actor=make_manager())
        self.abouts = {
            BULK: (self.campaign.pk, {}),
            OWED: (sent_back.pk, {"entry": entry.pk, "note": "No."}),
        }

    def strike(self, name, how=9):
        """A worker goes with its children, as when a machine does."""
        part, child = self.running[name]
        os.killpg(child.pid, how)
        child.wait(30)
        self.revive(part)

    def launch_again(self, name):
        """The same, without waiting until it is ready."""
        part, child = self.running[name]
        os.killpg(child.pid, 9)
        child.wait(30)
        with open(self._log(part), "ab") as log:
            self.running[name] = (part, part.start(log))


class Bench:
    def __init__(self, stage, options):
        self.stage, self.options, self.found = stage, options, {}
        self.lot, self.number = random.Random(5), 0  # noqa: S311

    def run(self):
        for scene in self.options.only or SCENES:
            getattr(self, scene)()
            print(scene, self.found[scene], flush=True)
        return self.report()

    # --- Messages --------------------------------------------------------------------------
    def write(self, count):
        """So many messages, half of them owed, and a wake-up as after any commit."""
        from django.db import connection

        from activity.models import Notification
        from activity.tasks import wake_due

        connection.close()
        rows = [self.message(kind) for _ in range(count // 2) for kind in (BULK, OWED)]
        Notification.objects.bulk_create(rows)
        wake_due()
        return [row.pk for row in rows]

    def message(self, kind):
        from activity.models import Notification

        self.number += 1
        about, data = self.stage.abouts[kind]
        return Notification(
            kind=kind,
            channel="email",
            recipient_id=self.lot.choice(self.stage.people),
            key=f"bench:{self.number}",
            subject_id=str(about),
            data=data,
        )

    def settle(self, pks, patience=PATIENCE):
        """Seconds until each of them has come to its end, `patience` at most."""
        from activity.models import Notification

        began = time.monotonic()
        under_way = Notification.objects.filter(pk__in=pks, state__in=["held", "queued", "sending"])
        while time.monotonic() - began < patience and under_way.exists():
            time.sleep(0.25)
        return round(time.monotonic() - began, 1)

    def fate(self, pks):
        """What became of them, by the rows and by what the mail server took."""
        from activity.models import Notification

        rows = Notification.objects.filter(pk__in=pks)
        taken = {row: self.stage.sink.taken[row.message_id] for row in rows}
        owed = [times for row, times in taken.items() if row.kind == OWED]
        bulk = [times for row, times in taken.items() if row.kind != OWED]
        return {
            "messages": len(pks),
            "lost": sum(self.is_lost(row, times) for row, times in taken.items()),
            "parked": sum(row.state == "unknown" for row in taken),
            "bulk_twice": sum(times > 1 for times in bulk),
            "owed_copies": sum(times - 1 for times in owed if times > 1),
        }

    def is_lost(self, row, times):
        """Neither arrived nor shown to somebody as in doubt."""
        return not times and row.state != "unknown"

    # --- Scenes ----------------------------------------------------------------------------
    def workers(self):
        """Each kill meets a worker at work; another lives on meanwhile."""
        kills, pks = self.options.kills, []
        each = 2 * (self.options.messages // kills // 2)
        for n in range(kills):
            pks += self.write(each)
            victim = "clock" if n % 5 == 4 else f"mail-{n % 2 + 1}"
            time.sleep(self.lot.uniform(0.05, 0.4))
            self.stage.launch_again(victim)
            time.sleep(1.6)
        recovered = self.settle(pks)
        found = self.fate(pks) | {"recovered_s": recovered}
        self.found["workers"] = {"kills": kills} | found

    def redis(self):
        """Killed again and again, and emptied once; then each worker has to show that it lives."""
        pks = []
        for n in range(self.options.redis):
            pks += self.write(40)
            time.sleep(self.lot.uniform(0.1, 0.8))
            self.stage.strike("valkey")
            if n == self.options.redis // 2:
                self.empty()
        pks += self.write(40)
        found = {"recovered_s": self.settle(pks), "mute_workers": self.mute()}
        self.found["redis"] = {"kills": self.options.redis} | self.fate(pks) | found

    def empty(self):
        from django.conf import settings
        from redis import Redis

        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.flushall()

    def mute(self):
        """How many of the workers do nothing within a minute while the other sleeps."""
        mute = 0
        for other in ("mail-1", "mail-2"):
            os.killpg(self.stage.running[other][1].pid, 19)
            try:
                mute += self.settle(self.write(20)) >= PATIENCE
            finally:
                os.killpg(self.stage.running[other][1].pid, 18)
        return mute

    def beats(self):
        """Two of them, one or the other killed now and then, and a job four times a second."""
        from activity.models import Slot

        self.stage.start_beats({"BENCH_TICK": str(TICK)})
        began = self.first_tick()
        wanted = timedelta(seconds=TICK * self.options.ticks)
        kills = 0
        while datetime.now(UTC) < began + wanted:
            # One of the two always lives: it says that it starts some seconds before it ticks.
            self.stage.strike(f"beat-{kills % 2 + 1}")
            kills += 1
            time.sleep(self.lot.uniform(5, 7))
        time.sleep(3)
        slots = Slot.objects.filter(job="tick", at__gt=began, at__lte=began + wanted)
        times = Counter(self.stage.ticks.read_text().split())
        found = [times[str(slot.pk)] for slot in slots]
        not_once = sum(n != 1 for n in found) + abs(len(found) - self.options.ticks)
        self.found["beats"] = {"kills": kills, "ticks": len(found), "slots_not_once": not_once}
        self.stage.start_beats({})

    def first_tick(self):
        """Once both beats run; the slot that is then the last."""
        from activity.models import Slot

        until = time.monotonic() + 60
        while not Slot.objects.filter(job="tick").exists() and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(2)
        return Slot.objects.filter(job="tick").latest("at").at

    def thrice(self):
        """Every kind of task is delivered three times: an entry, its messages, each job of beat."""
        from activity import tasks
        from activity.log import record
        from activity.models import Notification, Slot
        from config.celery import app
        from tests.factories import make_campaign

        entry = record("campaign.running", subject=make_campaign())
        self.three_times(tasks.expand, entry.pk)
        time.sleep(5)
        mails = Notification.objects.filter(channel="email", data__entry=entry.pk)
        pks = list(mails.values_list("pk", flat=True))
        for pk in pks:
            self.three_times(tasks.deliver, str(pk))
        self.three_times(tasks.send_due, "email")
        slots = []
        for name, job in app.conf.beat_schedule.items():
            slot = Slot.objects.create(job=f"{name} thrice", at=datetime.now(UTC))
            slots.append(slot.pk)
            task = app.tasks[job["task"]]
            self.three_times(task, *job.get("args", ()), headers={"slot": slot.pk})
        self.settle(pks)
        time.sleep(10)
        fate = self.fate(pks)
        rows = Notification.objects.filter(data__entry=entry.pk, channel="bell").count()
        once = Slot.objects.filter(pk__in=slots, attempts=1).count()
        differs = abs(len(pks) - PEOPLE) + abs(rows - PEOPLE) + fate["owed_copies"]
        differs += len(slots) - once
        self.found["thrice"] = fate | {"jobs": len(slots), "thrice_differs": differs}

    def three_times(self, task, *args, **options):
        for _ in range(3):
            task.apply_async(args, **options)

    # --- What it comes to ------------------------------------------------------------------
    def report(self):
        scenes = self.found.values()
        keys = ("lost", "bulk_twice", "slots_not_once", "mute_workers", "thrice_differs")
        figures = {key: sum(scene.get(key, 0) for scene in scenes) for key in keys}
        recovered = [scene["recovered_s"] for scene in scenes if "recovered_s" in scene]
        figures["recovered_s"] = max(recovered, default=0)
        killed = self.found.get("workers", {"kills": 1, "owed_copies": 0})
        figures["owed_copies_per_kill"] = round(killed["owed_copies"] / killed["kills"], 3)
        misses = [f"{key}: {figures[key]}" for key, most in BAR.items() if figures[key] > most]
        return conclude("notify-faults", {"scenes": self.found} | figures, BAR, misses)


if __name__ == "__main__":
    sys.exit(main())
