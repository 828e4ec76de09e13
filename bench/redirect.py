"""python -m bench.redirect: how fast the tracked link is, and whether any click gets lost.

The edge as the product runs it, and a bare ASGI callable on the same server software, in turns on
one core; the load, Redis (with its sync at every write) and PostgreSQL on the other.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import selectors
import shutil
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.feed import copy, moment
from bench.figures import conclude, show
from launch.product import HOST, Part
from launch.testing import start_test_services
from launch.trial import free_port

HERE = Path(__file__).parent
SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 64
ROUNDS, SECONDS, WARM_SECONDS = 3, 5, 2
CONTENTS, AMBASSADORS = 200, 50
COUNTED = 50_000
BAR = {"ratio": 0.35, "p99_ms": 15, "recorded_per_answered": 1}
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0"
    " Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/22B91 [LinkedInApp]/9.30.{n}",
]
HEADERS = """GET /{code} HTTP/1.1
Host: {host}
User-Agent: {agent}
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Language: fr-CA,fr;q=0.9,en;q=0.6
Accept-Encoding: gzip, deflate, br
Referer: https://www.linkedin.com/
X-Forwarded-For: {address}
Upgrade-Insecure-Requests: 1
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: cross-site

"""


def main():
    options = arguments()
    if refusal := cannot():
        print(refusal)
        return 2
    # What is started from here on inherits it; the servers measured are moved.
    os.sched_setaffinity(0, {LOAD_CORE})
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    services = start_test_services(durable=True)
    try:
        return Bench(services.folder, options).run()
    finally:
        services.stop()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.redirect")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--counted", type=int, default=COUNTED)
    return parser.parse_args()


def cannot():
    """Why it cannot be measured here; None when it can."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return "bench.redirect needs Linux and two cores: one for the server, one for the load."
    if not shutil.which("wrk"):
        return "bench.redirect needs wrk, which makes the load: apt-get install wrk."
    return None


class Bench:
    """One run. folder: where everything is kept; it goes afterwards."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.random = random.Random(58)  # noqa: S311
        self.rounds, self.seen, self.runs, self.pids = [], 0, 0, {}
        self.ports = {"bare": free_port(), "edge": free_port()}
        edge_host = f"{HOST}:{self.ports['edge']}"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LINK_BASE_URL": f"http://{edge_host}",
            "CLICK_SPOOL": str(folder / "spool"),
            # As behind a proxy of the operator's: the visitor's address is in X-Forwarded-For.
            "TRUSTED_PROXY_COUNT": "1",
        }

    def run(self):
        self.sync_ms = sync_cost(self.folder)
        codes = make_links()
        self.loads = {
            "hot": self.write_requests("hot", [codes[0]] * 5_000),
            "zipf": self.write_requests("zipf", self.zipf(codes, 40_000)),
        }
        with (
            self.serve("bare", "bench.bare:app"),
            self.serve("edge", "campaigns.tracking.edge:app"),
        ):
            self.compare_headers(codes[0])
            # Each link is in Redis once it was clicked, for a day: the first click is not measured.
            self.seen += Counted(self.ports["edge"], map(self.request, codes)).run()
            self.measure()
            self.answered = self.count_answers(self.zipf(codes, self.options.counted))
        return self.report()

    # --- The load --------------------------------------------------------------------------
    def zipf(self, codes, count):
        """The n-th link is clicked 1/n times as often as the first."""
        return self.random.choices(codes, [1 / n for n in range(1, len(codes) + 1)], k=count)

    def request(self, code):
        """A browser's, from one of 64,000 addresses."""
        agent = self.random.choice(AGENTS).format(n=self.random.randrange(120, 140))
        address = f"203.{self.random.randrange(250)}.113.{self.random.randrange(256)}"
        host = f"{HOST}:{self.ports['edge']}"
        text = HEADERS.format(code=code, host=host, agent=agent, address=address)
        return text.replace("\n", "\r\n").encode()

    def write_requests(self, name, codes):
        path = self.folder / f"{name}.requests"
        path.write_bytes(b"".join(map(self.request, codes)))
        return path

    # --- The servers -----------------------------------------------------------------------
    @contextlib.contextmanager
    def serve(self, name, app):
        """Exactly as the product starts it, on the servers' core."""
        port = self.ports[name]
        command = ["-m", "uvicorn", app, "--host", HOST, "--port", str(port)]
        command += ["--no-access-log", "--no-server-header"]
        part = Part(name, *command, url=f"http://{HOST}:{port}/")
        with open(self.folder / f"{name}.log", "ab") as log:
            child = part.start(log)
        try:
            os.sched_setaffinity(child.pid, {SERVER_CORE})
            self.pids[name] = child.pid
            while not part.ready(child):
                if child.poll() is not None:
                    sys.exit((self.folder / f"{name}.log").read_text())
                time.sleep(0.05)
            yield
        finally:
            child.terminate()
            child.wait(20)

    def compare_headers(self, code):
        """Or the bare callable would be spared, or burdened with, what the edge is not."""
        names = {}
        for name, port in self.ports.items():
            line = http.client.HTTPConnection(HOST, port)
            headers = {"Host": f"{HOST}:{self.ports['edge']}", "User-Agent": AGENTS[0]}
            line.request("GET", f"/{code}", headers=headers)
            answer = line.getresponse()
            names[name] = (answer.status, sorted(key.lower() for key in answer.headers))
            line.close()
        if names["bare"] != names["edge"]:
            sys.exit(f"the two do not answer alike: {names}")

    # --- Measuring -------------------------------------------------------------------------
    def measure(self):
        # What making the links has left to write would slow down the syncs of the first rounds.
        os.sync()
        print("server load round  requests/s  p50 ms  p99 ms  CPU us/request  sync ms  busy")
        for load in self.loads:
            for name in self.ports:
                self.wrk(name, load, WARM_SECONDS)
            for number in range(self.options.rounds):
                # In turns, and not always the same first: whatever else runs meets both.
                for name in sorted(self.ports, reverse=number % 2):
                    disk = {"sync_ms": sync_cost(self.folder, 50)}
                    figures = disk | self.wrk(name, load, self.options.seconds)
                    self.rounds.append({"name": name, "of": load, "round": number} | figures)
                    shown = [figures[key] for key in ("rps", "p50", "p99", "cpu_us", "sync_ms")]
                    print(name, load, number + 1, *shown, os.getloadavg()[0], flush=True)

    def wrk(self, name, load, seconds):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s"]
        command += [str(HERE / "redirect.lua"), f"http://{HOST}:{self.ports[name]}", "--"]
        spent = cpu_seconds(self.pids[name])
        done = subprocess.run(
            [*command, str(self.loads[load])], capture_output=True, text=True, check=True
        )
        figures = json.loads(done.stdout.splitlines()[-1])
        figures["rps"] = round(figures["answered"] / figures["seconds"])
        spent = cpu_seconds(self.pids[name]) - spent
        figures["cpu_us"] = round(spent / figures["answered"] * 1e6, 1)
        if name == "edge":
            self.seen, self.runs = self.seen + figures["answered"], self.runs + 1
        return figures

    def count_answers(self, codes):
        """Asks as often as there are CODES and waits for every answer; how many were a redirect.

        wrk hangs up in the middle of its last requests, one for each connection: those it does not
        count. More than that is not let through either.
        """
        self.before = self.recorded()
        if not 0 <= self.before - self.seen <= CONNECTIONS * self.runs + 1:
            sys.exit(f"{self.before} clicks recorded of {self.seen} that wrk saw answered")
        return Counted(self.ports["edge"], map(self.request, codes)).run()

    # --- Afterwards ------------------------------------------------------------------------
    def recorded(self):
        """How many clicks are in the database, once the consumer has nothing left to read."""
        from campaigns.models import Click, Tally
        from campaigns.tracking.consumer import Consumer, connect
        from campaigns.tracking.stream import DEAD

        with connect() as redis:
            Consumer(redis).drain()
            if dead := redis.xlen(DEAD):
                sys.exit(f"{dead} clicks went to the dead letters")
        clicks = Click.objects.count()
        if clicks != Tally.objects.totals()["clicks"]:
            sys.exit("raw clicks and rollups do not agree")
        return clicks

    def report(self):
        recorded = (self.recorded() - self.before) / self.answered
        loads = {load: self.summary(load) for load in self.loads}
        heading = ["median of rounds", "bare/s", "edge/s", "ratio", "p50 ms", "p99 ms", "CPU ratio"]
        show([heading, *([load, *figures.values()] for load, figures in loads.items())])
        print(f"clicks recorded / redirects answered: {recorded:.6f} ({self.answered} answered)")
        figures = loads | {
            "recorded_per_answered": round(recorded, 6),
            # Before and between the rounds: where the disk is slow, so is each click.
            "sync_ms": [self.sync_ms, *(one["sync_ms"] for one in self.rounds)],
            "failed": sum(one["failed"] for one in self.rounds),
        }
        return conclude("redirect", figures, BAR, list(misses(figures, loads)))

    def summary(self, load):
        def middle(name, key):
            return median(r[key] for r in self.rounds if (r["name"], r["of"]) == (name, load))

        bare, edge = middle("bare", "rps"), middle("edge", "rps")
        slow = {"p50_ms": middle("edge", "p50"), "p99_ms": middle("edge", "p99")}
        # What the ratio would be if nothing ever waited: tells a slow edge from a busy machine.
        cpu = {"cpu_ratio": round(middle("bare", "cpu_us") / middle("edge", "cpu_us"), 3)}
        return {"bare_rps": bare, "edge_rps": edge, "ratio": round(edge / bare, 3)} | slow | cpu


def misses(figures, loads):
    for load, found in loads.items():
        if found["ratio"] < BAR["ratio"]:
            yield f"{load}: {found['ratio']} of the bare callable, less than {BAR['ratio']}"
        if found["p99_ms"] >= BAR["p99_ms"]:
            yield f"{load}: p99 {found['p99_ms']} ms, not under {BAR['p99_ms']}"
    if figures["recorded_per_answered"] != 1:
        yield f"{figures['recorded_per_answered']} clicks recorded for each redirect answered"
    if figures["failed"]:
        yield f"{figures['failed']} requests failed"


class Counted:
    """So many requests, no more, over so many connections; every answer is looked at."""

    def __init__(self, port, requests):
        self.port, self.requests = port, iter(requests)
        self.selector, self.open, self.redirects = selectors.DefaultSelector(), 0, 0

    def run(self):
        """How many answers were a redirect. Raises OSError when a connection breaks."""
        for request in itertools.islice(self.requests, CONNECTIONS):
            line = socket.create_connection((HOST, self.port), timeout=30)
            self.selector.register(line, selectors.EVENT_READ, bytearray())
            line.sendall(request)
            self.open += 1
        while self.open:
            for key, _ in self.selector.select(30):
                self.read(key.fileobj, key.data)
        return self.redirects

    def read(self, line, answer):
        if not (part := line.recv(65536)):
            raise ConnectionError("the edge hung up")
        answer += part
        if not answer.endswith(b"\r\n\r\n"):
            return
        self.redirects += answer.startswith(b"HTTP/1.1 302 ") and b"\nlocation: http" in answer
        answer.clear()
        if request := next(self.requests, None):
            line.sendall(request)
        else:
            self.selector.unregister(line)
            line.close()
            self.open -= 1


def cpu_seconds(pid):
    """What a process has used of its core so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sync_cost(folder, times=200):
    """What this disk takes to keep a small write, ms: no answer can be faster than Redis' sync."""
    spent = []
    with open(folder / "sync", "wb") as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            spent.append(time.perf_counter() - began)
    return round(median(spent) * 1000, 2)


# --- The links -------------------------------------------------------------------------------
def make_links():
    """10,000 links of 50 people to 200 contents; gives their codes, shuffled."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from campaigns.tracking.tasks import ensure_partitions

    call_command("migrate", verbosity=0)
    codes = [f"{n:08d}".replace("0", "z") for n in range(1, CONTENTS * AMBASSADORS + 1)]
    for model, rows in company(codes):
        copy(model, rows)
    ensure_partitions()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    random.Random(5).shuffle(codes)  # noqa: S311
    return codes


def company(codes):
    from ambassadors.models import Ambassador, User
    from campaigns.models import Campaign, Content, Link, Network, Review

    before = moment() - timedelta(days=30)
    people, contents = range(1, AMBASSADORS + 1), range(1, CONTENTS + 1)
    network = Network.objects.get(slug="linkedin").pk
    yield User, (User(pk=n, email=f"p{n}@orvaly.example") for n in people)
    yield (
        Ambassador,
        (Ambassador(user_id=n, state="active", next_step="", joined_at=before) for n in people),
    )
    yield Campaign, (
        Campaign(
            pk=1, kind="marketing", name_fr="Campagne", slug="campagne-1", owner_id=1,
            objective_fr="Faire connaître.", indicator="visits", target=100, state="running",
            starts_at=before, ends_at=before + timedelta(days=90), launched_at=before,
        ),
    )  # fmt: skip
    yield Content, (
        Content(
            pk=n, campaign_id=1, title=f"Ce que nous avons appris {n}", why="Des chiffres.",
            url=f"https://orvaly.example/actualites/{n}", status="published", author_id=1,
            changed_by_id=1, publish_at=before, published_at=before,
        )
        for n in contents
    )  # fmt: skip
    yield Review, (Review(pk=n, content_id=n, reviewer_id=2, decision="approved") for n in contents)
    places = itertools.product(contents, people)
    yield Link, (
        Link(
            pk=n, code=code, content_id=content, ambassador_id=person, network_id=network,
            created_at=before,
        )
        for n, (code, (content, person)) in enumerate(zip(codes, places, strict=True), 1)
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
