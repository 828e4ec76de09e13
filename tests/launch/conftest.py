import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

STAND_IN = Path(__file__).with_name("stand_in.py")
EXTERNAL = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BASE_URL", "LINK_BASE_URL", "MAKELEVEL")


def plain_environ(**extra):
    """Ours, without the servers this test run uses."""
    return {key: value for key, value in os.environ.items() if key not in EXTERNAL} | extra


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


def descendants(pid):
    """PIDs of all that PID has started, directly or not."""
    found, parents = [], {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rsplit(") ")[1].split()[1]
                )
            except OSError:
                continue
    todo = [pid]
    while todo:
        parent = todo.pop()
        children = [child for child, of in parents.items() if of == parent]
        found += children
        todo += children
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ")[1][0] not in "ZX"
    except OSError:
        return False


class Launched:
    """A launcher started as its own process, on the folder VAR."""

    def __init__(self, var, *words, prefix=(), **environ):
        self.var = var
        self.process = subprocess.Popen(
            [*prefix, sys.executable, STAND_IN, var, *words],
            env=plain_environ(**environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        # A launcher that hangs must fail its test, and not hold up the suite.
        self._limit = threading.Timer(90, self.process.kill)
        self._limit.daemon = True
        self._limit.start()

    def until(self, words):
        """Read what it says up to a line with WORDS, and give that line."""
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line.strip()
        raise AssertionError(f"ended without {words!r}: {''.join(self.said)}")

    def environ(self):
        return json.loads((self.var / "live.json").read_text())["environ"]

    def pid_of(self, words):
        """The PID of a child whose command line has WORDS, once it is there."""

        def look():
            for pid in descendants(self.process.pid):
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                except OSError:
                    continue
                if words.encode() in command:
                    return pid

        return wait_for(look)

    def end(self, how=signal.SIGTERM):
        """Send HOW; gives the exit code, and the seconds it took."""
        began = time.monotonic()
        self._limit.cancel()
        if self.process.poll() is None:
            self.process.send_signal(how)
        if not self.process.stdout.closed:
            self.said += self.process.stdout.readlines()
        return self.process.wait(30), time.monotonic() - began


# Workers that test side by side must not take each other's ports.
PORT = 8300 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@contextmanager
def launcher(folder):
    """Starts launchers on FOLDER: `launch("word", PORT="8300")`; ends those that are left."""
    started = []

    def launch(*words, var=folder / "a b" / "var", port=PORT, **options):
        started.append(Launched(var, *words, **{"PORT": str(port)} | options))
        return started[-1]

    yield launch
    for each in started:
        each.end()


@pytest.fixture
def launched(tmp_path):
    with launcher(tmp_path) as launch:
        yield launch


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One run for the tests that only look."""
    with launcher(tmp_path_factory.mktemp("run")) as launch:
        run = launch(port=PORT + 50)
        run.until("admin")
        yield run
