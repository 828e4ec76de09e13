"""python -m bench.faults: kill -9 at whatever stands between a click and its figure.

Visitors click all the while; each click has a name of its own, so that afterwards every one that
was answered is looked for by name: none may be missing, none may be there twice.
"""

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.figures import conclude, show
from bench.redirect import make_links
from launch import services
from launch.process import finish
from launch.product import HOST, Part
from launch.state import ROOT
from launch.trial import free_port

KILLS = {"consumer": 50, "web": 30, "redis": 20, "postgres": 10}
AWAY_SECONDS = 60
VISITORS, PAUSE = 16, 0.02
# After the last click: what a dead consumer held is taken over ten seconds later.
PATIENCE = 120
BAR = {"lost": 0, "twice": 0, "refused": 0, "raw_is_rollups": True}
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 {name}"
REQUEST = """GET /{code} HTTP/1.1
Host: {host}
User-Agent: {agent}
Accept-Language: fr-CA,fr;q=0.9
X-Forwarded-For: 203.{a}.113.{b}

"""


def main():
    options = arguments()
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    with Stage() as stage:
        return Bench(stage, options).run()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.faults")
    for part, times in KILLS.items():
        parser.add_argument(f"--{part}", type=int, default=times, metavar="KILLS")
    parser.add_argument("--away", type=int, default=AWAY_SECONDS, metavar="SECONDS")
    return parser.parse_args()


class Stage:
    """PostgreSQL, Redis, two edges and a consumer, each of which may be killed and come back."""

    def __init__(self):
        # Not $TMPDIR: a socket's path must be short.
        self._folder = tempfile.TemporaryDirectory(prefix="pv-faults-", dir="/tmp")
        self.folder = Path(self._folder.name)
        self.ports = {"edge-1": free_port(), "edge-2": free_port()}
        self.running = {}

    def __enter__(self):
        # Durable: they sync their writes, as in earnest.
        for variable, service in services.embedded(self.folder, durable=True).items():
            os.environ[variable] = service.url
            self.running[service.name] = (service, services.start(service, self._log(service)))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LINK_BASE_URL": f"http://{HOST}:{self.ports['edge-1']}",
            "CLICK_SPOOL": str(self.folder / "spool"),
            "TRUSTED_PROXY_COUNT": "1",
        }
        self.codes = make_links()[:500]
        for name, port in self.ports.items():
            command = ["-m", "uvicorn", "campaigns.tracking.edge:app", "--host", HOST]
            command += ["--port", str(port), "--no-access-log", "--no-server-header"]
            self.start(Part(name, *command, url=f"http://{HOST}:{port}/"))
        self.start(Part("consumer", "manage.py", "ingest"))
        return self

    def __exit__(self, *failure):
        for _, child in reversed(self.running.values()):
            finish(child, 0)
        self._folder.cleanup()

    def start(self, part):
        with open(self._log(part), "ab") as log:
            child = part.start(log)
        self.running[part.name] = (part, child)
        while not part.ready(child):
            if child.poll() is not None:
                sys.exit(self._log(part).read_text())
            time.sleep(0.02)

    def kill(self, name, how=signal.SIGKILL):
        """The process and whatever it has started are gone when this returns."""
        part, child = self.running[name]
        os.kill(child.pid, how)
        child.wait(30)
        return part

    def revive(self, part):
        if isinstance(part, Part):
            self.start(part)
        else:
            self.running[part.name] = (part, services.start(part, self._log(part)))

    def strike(self, name, how=signal.SIGKILL):
        self.revive(self.kill(name, how))

    def _log(self, part) -> Path:
        return self.folder / f"{part.name}.log"


class Visitors:
    """People who click until they are told to stop, from a thread of their own.

    They come to one edge, and to the other where the first does not answer: what any load balancer
    does. `answered` holds the name of every click that got its redirect to the end.
    """

    def __init__(self, stage, name):
        self.ports, self.codes, self.name = list(stage.ports.values()), stage.codes, name
        self.answered, self.refused, self.longest = set(), 0, 0.0
        self._number, self._lines = 0, {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failure):
        self._stop.set()
        self._thread.join()

    async def _all(self):
        await asyncio.gather(*(self._click_on(random.Random(n)) for n in range(VISITORS)))  # noqa: S311

    async def _click_on(self, lot):
        lines = {}
        while not self._stop.is_set():
            began = time.monotonic()
            first, second = lot.sample(self.ports, 2)
            if not (await self._click(first, lot, lines) or await self._click(second, lot, lines)):
                self.refused += 1
            self.longest = max(self.longest, time.monotonic() - began)
            await asyncio.sleep(PAUSE)
        for _, writer in lines.values():
            writer.close()

    async def _click(self, port, lot, lines):
        """Whether a redirect came. A click that is tried again is another one, by another name."""
        self._number += 1
        name = f"{self.name}-{self._number}"
        try:
            if port not in lines:
                lines[port] = await asyncio.open_connection(HOST, port)
            reader, writer = lines[port]
            writer.write(self._request(name, lot))
            answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        except (OSError, EOFError, TimeoutError):
            lines.pop(port, None)
            return False
        if not answer.startswith(b"HTTP/1.1 302 "):
            lines.pop(port)[1].close()
            return False
        self.answered.add(name)
        return True

    def _request(self, name, lot):
        text = REQUEST.format(
            code=lot.choice(self.codes),
            host=f"{HOST}:{self.ports[0]}",
            agent=AGENT.format(name=name),
            a=lot.randrange(250),
            b=lot.randrange(256),
        )
        return text.replace("\n", "\r\n").encode()


class Bench:
    def __init__(self, stage, options):
        self.stage, self.options, self.found, self.mid_batch = stage, options, {}, 0

    def run(self):
        lot = random.Random(9)  # noqa: S311
        self.scene("consumer", self.options.consumer, lambda: self.strike_mid_batch(lot))
        self.scene("web", self.options.web, lambda: self.strike_web(lot))
        self.scene("redis", self.options.redis, lambda: self.strike_after("valkey", lot))
        immediately = signal.SIGQUIT
        self.scene(
            "postgres",
            self.options.postgres,
            lambda: self.strike_after("postgres", lot, immediately),
        )
        self.scene("redis away", 1, self.redis_goes_away)
        return self.report()

    def scene(self, name, times, strike):
        """Strike so many times while people click; then look for each of their clicks."""
        with Visitors(self.stage, name.replace(" ", "_")) as visitors:
            time.sleep(1)
            for _ in range(times):
                strike()
            time.sleep(1)
        lost, twice = self.settle(visitors)
        self.found[name] = {
            "kills": times,
            "answered": len(visitors.answered),
            "refused": visitors.refused,
            "longest_s": round(visitors.longest, 2),
            "lost": lost,
            "twice": twice,
        }
        print(name, self.found[name], flush=True)

    # --- What is done to them --------------------------------------------------------------
    def strike_mid_batch(self, lot):
        """Kills the consumer while it holds clicks that it has not acknowledged."""
        until = time.monotonic() + 30
        while not self.holds_clicks() and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(lot.uniform(0, 0.05))
        self.mid_batch += self.holds_clicks()
        self.stage.strike("consumer")

    def strike_web(self, lot):
        time.sleep(lot.uniform(0.2, 0.6))
        self.stage.strike(lot.choice(["edge-1", "edge-2"]))

    def strike_after(self, name, lot, how=signal.SIGKILL):
        time.sleep(lot.uniform(0.5, 1.5))
        self.stage.strike(name, how)

    def redis_goes_away(self):
        service = self.stage.kill("valkey")
        time.sleep(self.options.away)
        self.stage.revive(service)

    # --- What became of the clicks ---------------------------------------------------------
    def holds_clicks(self):
        """Whether the consumer that runs now, not one before it, was handed some and kept them."""
        from redis import RedisError

        from campaigns.tracking.consumer import GROUP, connect
        from campaigns.tracking.stream import STREAM

        name = f"{socket.gethostname()}-{self.stage.running['consumer'][1].pid}"
        try:
            with connect() as redis:
                members = redis.xinfo_consumers(STREAM, GROUP)
        except RedisError:
            return False
        return any(member["name"] == name and member["pending"] for member in members)

    def settle(self, visitors):
        """(lost, twice), once everything answered is there or PATIENCE is over."""
        until = time.monotonic() + PATIENCE
        while True:
            counts = self.recorded(visitors.name)
            lost = visitors.answered - set(counts)
            if not lost or time.monotonic() > until:
                return len(lost), sum(times > 1 for times in counts.values())
            time.sleep(1)

    def recorded(self, name):
        """{a click's name: how many rows it has}."""
        from django.db import connection
        from django.db.models import Count

        from campaigns.models import Click

        # The server may have been killed since the last question.
        connection.close()
        rows = Click.objects.filter(agent__contains=f" {name}-").values_list("agent")
        return {agent.rpartition(" ")[2]: times for agent, times in rows.annotate(Count("id"))}

    def report(self):
        heading = ["what was killed", *next(iter(self.found.values()))]
        show([heading, *([name, *found.values()] for name, found in self.found.items())])
        scenes = self.found.values()
        figures = {key: sum(s[key] for s in scenes) for key in ("lost", "twice", "refused")}
        figures["killed_mid_batch"] = self.mid_batch
        figures["raw_is_rollups"] = not self.complaints()
        misses = [f"{key}: {figures[key]}" for key, wanted in BAR.items() if figures[key] != wanted]
        return conclude("faults", {"scenes": self.found} | figures, BAR, misses)

    def complaints(self):
        """What `manage.py verify` finds wrong; prints it."""
        command = [sys.executable, "manage.py", "verify"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        print(done.stdout, done.stderr, sep="")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
