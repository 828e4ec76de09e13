"""A whole product of one's own, beside whatever else runs: for stories, measures and pictures.

with Product.passing() as product:      # the demo company, in a folder that goes afterwards
    product.log_in(page, "ambassador")
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

from launch.process import die_with_parent
from launch.product import StepFailed
from launch.state import ROOT

OURS = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BASE_URL", "LINK_BASE_URL", "MAKELEVEL"}


class Product:
    """A launched product: its addresses, its inbox, its commands.

    folder: where it keeps everything. Extra settings go in by name. It ends with the thread that
    started it.
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
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        self.url, self.inbox, self.logins = "", "", {}
        self._read_greeting()

    @classmethod
    @contextlib.contextmanager
    def passing(cls, **environ):
        """One that leaves nothing behind, neither a process nor a file."""
        with tempfile.TemporaryDirectory(prefix="pv-", ignore_cleanup_errors=True) as folder:
            product = cls(folder, **environ)
            try:
                yield product
            finally:
                product.stop()

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
        raise StepFailed(f"the product did not start: {''.join(said)}")

    def log_in(self, page, role):
        """Log the demo's ambassador, manager or admin in, in a Playwright page."""
        address, password = self.logins[role]
        page.goto(f"{self.url}/accounts/login/")
        page.locator("details.other summary").click()
        page.locator("#id_login").fill(address)
        page.locator("#id_password").fill(password)
        with page.expect_navigation():
            page.locator("details[open] button").click()

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
