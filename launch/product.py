"""Porte-voix as the launcher sees it: what to do first, which processes, who may log in."""

import http.client
import signal
import sys
from urllib.parse import urlsplit

from launch.process import spawn
from launch.state import ROOT

HOST = "127.0.0.1"


class StepFailed(Exception):
    """A step before the start did not work; the message holds what it said last."""


class Part:
    """One process, run by this Python.

    It is ready when URL answers, or when it has said SAYS, or, with neither, at once. WAVE is
    when it is stopped: a lower number goes first. PATIENCE is how many seconds it then has.
    """

    stop_signal = signal.SIGTERM

    def __init__(self, name, *arguments, url=None, says=None, wave=1, patience=6):
        self.name, self.arguments = name, arguments
        self.url, self.says, self.wave, self.patience = url, says, wave, patience
        self.environ = None
        self._log = self._since = None

    def start(self, log):
        """Start it, output to the open file LOG; gives its Popen."""
        self._log, self._since = log.name, log.tell()
        command = [sys.executable, *self.arguments]
        return spawn(command, log=log, farewell=self.stop_signal, cwd=ROOT, env=self.environ)

    def ready(self, child):
        if self.url:
            return _answers(self.url)
        return not self.says or self._has_said(self.says.encode())

    def _has_said(self, words):
        with open(self._log, "rb") as log:
            log.seek(self._since)
            return words in log.read()


def _answers(url):
    """Does something at URL (http) answer, and not with an error of its own?"""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def prepare(supervisor, environ, var):
    """Bring the database up to date, gather static files, make the demo company where there is
    nobody yet. Gives who can log in, in words for the terminal."""
    logins = var / "logins"
    news = "preparing the database and the demo company (longest the first time)"
    command = [sys.executable, "-m", "launch.prepare", logins]
    _must("prepare", supervisor.run("prepare", command, if_slow=news, cwd=ROOT, env=environ))
    return in_columns(logins.read_text().splitlines())


def migrate(supervisor, environ):
    """Bring the database up to date."""
    command = [sys.executable, "manage.py", "migrate", "--noinput"]
    _must("migrate", supervisor.run("migrate", command, cwd=ROOT, env=environ))


def _must(step, last_words):
    if last_words is not None:
        raise StepFailed(f"the step '{step}' failed:\n{last_words}")


def in_columns(lines):
    """LINES of tab-separated words, set out in columns."""
    rows = [line.split("\t") for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


READY_FIRST = ("worker", "worker-mail")
# Name, queues, how many tasks at a time.
WORKERS = [
    ("worker", "default,ingest", 2),
    ("worker-mail", "mail", 2),
    ("worker-hooks", "hooks,push", 1),
    ("worker-reports", "reports", 1),
]


def _worker(name, queues, at_once):
    command = ["celery", "-A", "config", "worker", "--hostname", f"{name}@%h", "--queues", queues]
    command += ["--concurrency", str(at_once), "--without-gossip", "--without-mingle"]
    command += ["--loglevel", "INFO"]
    says = " ready." if name in READY_FIRST else None
    return Part(name, "-m", *command, says=says, wave=2, patience=8)


def parts(ports, environ, var):
    """The processes, in the order they start. PORTS names web, links, and inbox and smtp unless
    mail goes to a server of the operator's."""
    web = ["gunicorn", "config.wsgi", "--bind", f"{HOST}:{ports['web']}", "--no-control-socket"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    web += ["--preload", "--graceful-timeout", "5"]
    links = ["uvicorn", "campaigns.tracking.edge:app", "--host", HOST]
    links += ["--port", str(ports["links"]), "--no-access-log", "--no-server-header"]
    beat = ["celery", "-A", "config", "beat", "--pidfile", ""]
    started = [
        Part("web", "-m", *web, url=f"http://{HOST}:{ports['web']}"),
        Part("links", "-m", *links, url=f"http://{HOST}:{ports['links']}"),
        *(_worker(*worker) for worker in WORKERS),
        Part("beat", "-m", *beat),
        Part("ingest", "manage.py", "ingest", wave=2),
    ]
    if "inbox" in ports:
        mail = ["launch.mailcatcher", str(var / "mail")]
        mail += ["--smtp", str(ports["smtp"]), "--http", str(ports["inbox"])]
        url = f"http://{HOST}:{ports['inbox']}"
        started.append(Part("mail", "-m", *mail, url=url, wave=3, patience=3))
    for part in started:
        part.environ = environ
    return started
