"""The whole product, as `make run` starts it, for the stories that need all of it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BASE_URL", "LINK_BASE_URL", "MAKELEVEL"}
READY_WITHIN = 120


class Product:
    """A launched product: its addresses, its inbox, its commands.

    folder: where it keeps everything. Extra settings go in by name.
    """

    def __init__(self, folder, **environ):
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environ = kept | {"VAR_DIR": str(folder), "PORT": str(free_port())} | environ
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.url, self.inbox, self.logins = "", "", {}
        self._read_greeting()

    def _read_greeting(self):
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := re.match(r"ready: (\S+)", line):
                self.url = found[1]
            elif found := re.match(r"mail: (\S+)", line):
                self.inbox = found[1]
            elif found := re.match(r"\s+(ambassador|manager|admin)\s+(\S+)\s+(\S+)", line):
                self.logins[found[1]] = (found[2], found[3])
            if len(self.logins) == 3:
                return
        raise AssertionError(f"the product did not start: {''.join(said)}")

    def mails_to(self, address):
        """What the inbox holds for `address`, newest first: dicts with id and subject."""
        with urllib.request.urlopen(f"{self.inbox}/messages.json?to={address}") as answer:
            return json.load(answer)["messages"]

    def mail_text(self, mail):
        with urllib.request.urlopen(f"{self.inbox}/{mail['id']}/text") as answer:
            return answer.read().decode()

    def mail_html(self, mail):
        with urllib.request.urlopen(f"{self.inbox}/{mail['id']}/html") as answer:
            return answer.read().decode()

    def manage(self, *command):
        """Runs a manage.py command beside it; gives the finished process."""
        return subprocess.run(
            [sys.executable, "-m", "launch", "exec", "--", sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.read()
        self.process.wait(30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(look, seconds=90):
    """The first truthy answer of `look`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds} s")
