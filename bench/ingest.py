"""python -m bench.ingest: how many clicks a second come from the stream into the database.

The consumer as the product runs it and Valkey on one core, PostgreSQL on the other; beside it, in
turns, a bare COPY of the very same rows into a table without an index.
"""

import argparse
import cProfile
import os
import pstats
import random
import sys
import time
from pathlib import Path
from statistics import median

from bench.feed import copy
from bench.figures import conclude, show
from bench.redirect import AMBASSADORS, CONTENTS, company, cpu_seconds, sync_cost
from launch.testing import start_test_services

CONSUMER_CORE, DATABASE_CORE = 0, 1
ROUNDS, CLICKS, WARM_CLICKS = 3, 200_000, 40_000
DEPARTMENTS, VISITORS, HOURS = 12, 60_000, 2
# One click in eight is somebody's second, within the last so many.
AGAIN, RECENT = 0.125, 20_000
PIPELINE = 2_000
BAR = {"clicks_per_second": 25_000, "of_bare_copy": 0.08}
NAMES = ("rate", "ratio", "bare", "binary", "consumer", "backend", "valkey")
HEADING = ["clicks/s", "of a bare COPY", "COPY/s", "binary COPY/s"]
HEADING += ["consumer us", "PostgreSQL us", "Valkey us"]
# All rows of a round: their ids begin with its number.
ROWS = """
COPY (SELECT * FROM campaigns_click WHERE id >= %s::uuid ORDER BY at)
TO STDOUT (FORMAT {form})
"""
# Nine in ten are browsers, a third of those inside an application; of some hundred versions each.
PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/{n}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.{n} Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15; SM-S9{n}B) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/22B91 [LinkedInApp]/9.30.{n}",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/22B83 [FBAN/FBIOS;FBAV/490.0.0.44.{n};FBBV/664;FBDV/iPhone14,5]",
]
PROGRAMS = [
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.{n}.0",
]
REFERRERS = ["", "www.linkedin.com", "lnkd.in", "l.facebook.com"]


def main():
    options = arguments()
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        print("bench.ingest needs Linux and two cores: the consumer's and PostgreSQL's.")
        return 2
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    # What is started from here on inherits it.
    os.sched_setaffinity(0, {DATABASE_CORE})
    services = start_test_services(durable=True)
    pids = {service.name: child.pid for service, child in services._running}
    move(pids["valkey"])
    move(os.getpid())
    try:
        return Bench(services.folder, pids, options).run()
    finally:
        services.stop()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.ingest")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--clicks", type=int, default=CLICKS)
    parser.add_argument("--profile", action="store_true", help="where the consumer's time goes")
    return parser.parse_args()


def move(pid):
    """All threads of a process to the consumer's core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {CONSUMER_CORE})


class Bench:
    """One run. folder: where the servers keep everything; pids: theirs, by name."""

    def __init__(self, folder, pids, options):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CLICK_SPOOL": str(folder / "spool"),
        }
        self.folder, self.pids, self.options = folder, pids, options
        self.random = random.Random(11)  # noqa: S311
        self.rounds, self.sent, self.batch = [], 0, 0
        self.pids["consumer"] = os.getpid()

    def run(self):
        sync_ms = sync_cost(self.folder)
        self.set_up()
        self.ingest(WARM_CLICKS)
        self.bare_copy("TEXT")
        print("round", *HEADING, sep="  ")
        for number in range(1, self.options.rounds + 1):
            self.measure(number)
        if wrong := list(self.does_not_add_up()):
            sys.exit("\n".join(wrong))
        return self.report(sync_ms)

    def set_up(self):
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from campaigns.tracking.consumer import Consumer, connect
        from campaigns.tracking.tasks import ensure_partitions

        call_command("migrate", verbosity=0)
        codes = [f"{n:08d}".replace("0", "z") for n in range(1, CONTENTS * AMBASSADORS + 1)]
        for model, rows in [*company(codes), *directory()]:
            copy(model, rows)
        ensure_partitions()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_backend_pid()")
            [self.pids["backend"]] = cursor.fetchone()
            cursor.execute("CREATE TABLE bare (LIKE campaigns_click)")
        self.redis, self.consumer = connect(), Consumer(connect())
        self.consumer.drain()

    # --- The clicks --------------------------------------------------------------------------
    def send(self, count):
        """So many clicks of the last hours into the stream, oldest first."""
        from campaigns.tracking.stream import STREAM

        self.batch += 1
        pipeline = self.redis.pipeline(transaction=False)
        for number, fields in enumerate(self.clicks(count), 1):
            pipeline.xadd(STREAM, fields)
            if number % PIPELINE == 0:
                pipeline.execute()
        pipeline.execute()
        self.sent += count

    def clicks(self, count):
        """Links by Zipf's law; every so many clicks somebody is back at the link they came by."""
        dice, links = self.random, range(1, CONTENTS * AMBASSADORS + 1)
        shuffled = random.Random(5).sample(links, len(links))  # noqa: S311
        chosen = dice.choices(shuffled, [1 / n for n in links], k=count)
        start, step = int(time.time() * 1000) - HOURS * 3_600_000, HOURS * 3_600_000 / count
        visits = []
        for n, link in enumerate(chosen):
            again = visits and dice.random() < AGAIN
            back = dice.randint(1, min(RECENT, len(visits))) if again else 0
            visits.append(visits[-back] if back else self.visit(link))
            given = {"i": f"{self.batch:04x}{dice.getrandbits(112):028x}"}
            yield given | {"t": str(start + int(n * step))} | visits[-1]

    def visit(self, link):
        dice = self.random
        agents = PEOPLE if dice.random() < 0.9 else PROGRAMS
        agent = dice.choice(agents).format(n=dice.randrange(100, 220))
        referrer, visitor = dice.choice(REFERRERS), dice.randrange(VISITORS)
        fields = {"l": str(link), "a": agent, "r": referrer, "v": f"{visitor:032x}"}
        return {name: value for name, value in fields.items() if value}

    # --- Measuring ---------------------------------------------------------------------------
    def measure(self, number):
        figures = self.ingest(self.options.clicks)
        figures["bare"], figures["binary"] = self.bare_copy("TEXT"), self.bare_copy("BINARY")
        figures["ratio"] = round(figures["rate"] / figures["bare"], 3)
        self.rounds.append(figures)
        print(number, *(figures[name] for name in NAMES), flush=True)

    def ingest(self, count):
        """Clicks a second, and the microseconds of a core that each costs whom."""
        self.send(count)
        before, began = self.cpu(), time.perf_counter()
        self.drain()
        seconds, after = time.perf_counter() - began, self.cpu()
        costs = {name: round((after[name] - before[name]) / count * 1e6, 1) for name in after}
        return {"rate": round(count / seconds)} | costs

    def drain(self):
        if not self.options.profile:
            self.consumer.drain()
            return
        with cProfile.Profile() as profile:
            self.consumer.drain()
        stats = pstats.Stats(profile)
        stats.sort_stats("tottime").print_stats(20)
        stats.sort_stats("cumtime").print_stats("campaigns/tracking", 24)

    def cpu(self):
        return {name: cpu_seconds(self.pids[name]) for name in ("consumer", "backend", "valkey")}

    def bare_copy(self, form):
        """Rows a second, sent from memory, into a table that has nothing but them: those of the
        last round."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE bare")
            with cursor.copy(ROWS.format(form=form), [f"{self.batch:04x}{'0' * 28}"]) as out:
                rows = b"".join(out)
            began = time.perf_counter()
            with cursor.copy(f"COPY bare FROM STDIN (FORMAT {form})") as into:
                into.write(rows)
            seconds = time.perf_counter() - began
            return round(cursor.rowcount / seconds)

    # --- Afterwards --------------------------------------------------------------------------
    def does_not_add_up(self):
        from campaigns.models import Click, DayTotal, HourTally, Tally
        from campaigns.tracking.stream import DEAD

        if dead := self.redis.xlen(DEAD):
            yield f"{dead} clicks went to the dead letters"
        truth = {"clicks": self.sent, "uniques": Click.objects.filter(is_first=True).count()}
        if (stored := Click.objects.count()) != self.sent:
            yield f"{stored} clicks are stored of {self.sent} that were sent"
        for model in (HourTally, Tally, DayTotal):
            if (totals := model.objects.totals()) != truth:
                yield f"{model.__name__} says {totals}, the clicks {truth}"

    def kinds(self):
        from django.db.models import Count

        from campaigns.models import Click

        return dict(Click.objects.values_list("kind").annotate(Count("id")))

    def report(self, sync_ms):
        found = {name: median(one[name] for one in self.rounds) for name in NAMES}
        show([["median", *HEADING], ["", *found.values()]])
        print(f"what they were: {self.kinds()}")
        figures = {
            "clicks_per_second": found["rate"],
            "of_bare_copy": found["ratio"],
            "bare_copy_per_second": found["bare"],
            "binary_copy_per_second": found["binary"],
            "cpu_us": {name: found[name] for name in NAMES[4:]},
            "clicks": self.options.clicks,
            "sync_ms": sync_ms,
        }
        return conclude("ingest", figures, BAR, list(misses(figures)))


def misses(figures):
    for name, least in BAR.items():
        if figures[name] < least:
            yield f"{name} is {figures[name]}, less than {least}"


def directory():
    """Where the fifty people of the links work."""
    from ambassadors.models import Department, Person

    numbers, people = range(1, DEPARTMENTS + 1), range(1, AMBASSADORS + 1)
    yield Department, (Department(pk=n, name=f"Service {n}") for n in numbers)
    yield Person, (Person(user_id=n, department_id=n % DEPARTMENTS + 1) for n in people)


if __name__ == "__main__":
    sys.exit(main())
