"""python -m bench.launch: a campaign is launched to 100,000 people.

First the entry becomes rows and is queued, as a worker does it. Then mails are put into words and
handed to a mail server on this machine by one sender on one core; the server and PostgreSQL have
the other.
"""

import argparse
import cProfile
import os
import pstats
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.feed import copy
from bench.figures import conclude, show
from launch.process import die_with_parent
from launch.product import HOST
from launch.testing import start_test_services

PEOPLE, MAILS, WARM = 100_000, 6_000, 500
SENDER_CORE, SERVERS_CORE = 0, 1
DEPARTMENTS, ITEMS = 40, 5
BAR = {"written_s": 20, "mails_per_second": 300, "grown_mb": 20}


def main():
    options = arguments()
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    os.environ["QUIET_HOURS"] = ""
    services = start_test_services(durable=True)
    try:
        return Bench(services, options).run()
    finally:
        services.stop()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.launch")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--mails", type=int, default=MAILS)
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


# --- The mail server -------------------------------------------------------------------------
class Conversation(socketserver.StreamRequestHandler):
    """As little of SMTP as one sender needs; every mail is read to its last dot."""

    def handle(self):
        self.say("220 here")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.server.taken += 1
            self.say("221 bye" if verb == b"QUIT" else "250 OK")

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, taken = True, True, 0


def serve_mail():
    """In a process of its own, until its parent ends: the port on the first line it says."""
    with Sink((HOST, 0), Conversation) as sink:
        print(sink.server_address[1], flush=True)
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        for _line in sys.stdin:
            print(sink.taken, flush=True)


class MailServer:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.launch", "--sink"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: die_with_parent(9),
        )
        self.port = int(self.process.stdout.readline())

    def taken(self):
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


# --- The measure -----------------------------------------------------------------------------
class Bench:
    def __init__(self, services, options):
        self.services, self.options = services, options
        self.mail_server = MailServer()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "EMAIL_URL": f"smtp://{HOST}:{self.mail_server.port}",
        }

    def run(self):
        self.set_up()
        written = self.write()
        sent = self.send()
        figures = written | sent | {"load": round(os.getloadavg()[0], 1)}
        show([["launch", "figure"], *figures.items()])
        return conclude("launch", figures, BAR, list(misses(figures)))

    def set_up(self):
        import django
        from django.conf import settings

        # As in the tests: nothing has been collected here.
        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
        django.setup()
        from django.core.management import call_command
        from django.db import connection
        from django.urls import reverse

        call_command("migrate", verbosity=0)
        self.make_company()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        # A worker that has been up for a while has read the URLs.
        reverse("campaigns:feed")

    def make_company(self):
        from django.utils import timezone

        from ambassadors.models import Ambassador, Person, User
        from tests.factories import make_campaign, make_content, make_department

        departments = [make_department().pk for _ in range(DEPARTMENTS)]
        self.campaign = make_campaign()
        for _ in range(ITEMS):
            make_content(campaign=self.campaign, status="published")
        now, first = timezone.now(), 1_000_000
        numbers = range(first, first + self.options.people)
        copy(User, map(user, numbers))
        places = (Person(user_id=n, department_id=departments[n % DEPARTMENTS]) for n in numbers)
        copy(Person, places)
        copy(
            Ambassador,
            (
                Ambassador(pk=n, user_id=n, state="active", joined_at=now, next_step="")
                for n in numbers
            ),
        )

    def write(self):
        """The entry becomes rows, and a worker is woken."""
        from activity import tasks
        from activity.log import record
        from activity.models import Notification

        before = memory()
        entry = record("campaign.running", subject=self.campaign)
        began, cpu = time.monotonic(), time.process_time()
        self.run_it(lambda: tasks.expand(entry.pk))
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        queued = Notification.objects.filter(channel="email", state="queued").count()
        if queued < self.options.people:
            sys.exit(f"{queued} mails queued for {self.options.people} people")
        return {
            "written_s": round(seconds, 2),
            "write_cpu_s": round(cpu, 2),
            "queued": queued,
            "write_mb": memory() - before,
        }

    def send(self):
        """So many of them, on one core."""
        self.part_cores()
        self.send_some(WARM)
        memory_before, taken = memory(), self.mail_server.taken()
        began, cpu = time.monotonic(), time.process_time()
        self.run_it(lambda: self.send_some(self.options.mails))
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        mails = self.mail_server.taken() - taken
        if mails < self.options.mails:
            sys.exit(f"{mails} of {self.options.mails} mails arrived")
        return {
            "mails": mails,
            "mails_per_second": round(mails / seconds),
            "cpu_ms_each": round(1000 * cpu / mails, 2),
            "grown_mb": memory() - memory_before,
        }

    def part_cores(self):
        """The sender alone on one core, what it talks to on the other."""
        if len(os.sched_getaffinity(0)) < 2:
            return
        servers = [child.pid for _, child in self.services._running]
        for pid in [*servers, self.mail_server.process.pid]:
            for each in [pid, *children(pid)]:
                move(each, SERVERS_CORE)
        move(os.getpid(), SENDER_CORE)

    def send_some(self, count):
        from activity import delivery

        done = 0
        while done < count:
            handful = delivery._handful("email")
            done += len(handful)
            delivery._deliver_all(handful)

    def run_it(self, work):
        if not self.options.profile:
            return work()
        profile = cProfile.Profile()
        profile.runcall(work)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


def user(number):
    from ambassadors.models import User

    return User(
        pk=number,
        email=f"person{number}@orvaly.example",
        first_name="Maëlle",
        last_name=f"Tessier {number}",
        language="en" if number % 3 == 0 else "fr",
        password="!",  # noqa: S106 (nobody can log in with it)
    )


def move(pid, core):
    """All threads of a process to a core; what it starts from then on goes there, too."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def children(pid):
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()]


def memory():
    """What this process holds, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def misses(figures):
    if figures["written_s"] >= BAR["written_s"]:
        yield f"written in {figures['written_s']} s, not under {BAR['written_s']}"
    if figures["mails_per_second"] < BAR["mails_per_second"]:
        yield f"{figures['mails_per_second']} mails/s, less than {BAR['mails_per_second']}"
    if max(figures["grown_mb"], figures["write_mb"]) > BAR["grown_mb"]:
        yield f"grown by {figures['write_mb']} and {figures['grown_mb']} MB"


if __name__ == "__main__":
    sys.exit(serve_mail() if "--sink" in sys.argv else main())
