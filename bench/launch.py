"""python -m bench.launch: a campaign is launched to 100,000 people.

First the entry becomes rows and is queued, as a worker does it. Then mails are put into words and
handed to a mail server on this machine by two processes on one core, as many as the worker for
mails has: one works while the other waits for an answer. The server and PostgreSQL have the other.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from pathlib import Path

from bench.feed import copy, set_up
from bench.figures import conclude, show
from launch.process import die_with_parent
from launch.product import HOST
from launch.testing import start_test_services

PEOPLE, MAILS, WARM = 100_000, 6_000, 500
SENDERS, SENDER_CORE, SERVERS_CORE = 2, 0, 1
DEPARTMENTS, ITEMS = 40, 5
BAR = {"written_s": 20, "mails_per_second": 300, "grown_mb": 20}


def main(options):
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
    parser.add_argument("--sender", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.passed_on = ["--profile"] if options.profile else []
    return options


# --- The mail server -------------------------------------------------------------------------
async def converse(reader, writer, taken):
    """As little of SMTP as a sender needs; every mail is read to its last dot."""
    writer.write(b"220 here\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            taken.append(None)
        writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")


async def serve_mail():
    """In a process of its own, until its parent ends: the port on the first line it says."""
    taken = []
    server = await asyncio.start_server(
        lambda reader, writer: converse(reader, writer, taken), HOST, limit=2**20
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(len(taken), flush=True)
    # Whoever is still talking is talking to nobody.
    os._exit(0)


class Helper:
    """A process of its own that answers each line it is told with one of its own."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.launch", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: die_with_parent(9),
        )
        self.first = json.loads(self.process.stdout.readline())

    def tell(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())


class MailServer(Helper):
    def __init__(self):
        super().__init__("--sink")
        self.port = self.first

    def taken(self):
        self.tell("?")
        return self.answer()


# --- Who sends -------------------------------------------------------------------------------
def send_when_told(profiled):
    """In a process of its own: as many mails as a line says, then {cpu in s, grown in MB}."""
    set_up()
    print(json.dumps(os.getpid()), flush=True)
    for line in sys.stdin:
        before, cpu = memory(), time.process_time()
        run(lambda count=int(line): send_some(count), profiled=profiled)
        spent = {"cpu": time.process_time() - cpu, "grown": memory() - before}
        print(json.dumps(spent), flush=True)


def send_some(count):
    from activity import delivery

    done = 0
    while done < count and (handful := delivery._handful("email")):
        done += len(handful)
        delivery._deliver_all(handful)


def run(work, *, profiled):
    if not profiled:
        return work()
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(70)


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
        set_up()
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
        run(lambda: tasks.expand(entry.pk), profiled=self.options.profile)
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
        senders = [Helper("--sender", *self.options.passed_on) for _ in range(SENDERS)]
        self.part_cores([sender.first for sender in senders])
        ask(senders, WARM // SENDERS)
        taken, began = self.mail_server.taken(), time.monotonic()
        spent = ask(senders, -(-self.options.mails // SENDERS))
        seconds = time.monotonic() - began
        mails = self.mail_server.taken() - taken
        # A handful that both senders reach for goes to one: a few less than asked may have left.
        if mails < 0.95 * self.options.mails:
            sys.exit(f"{mails} of {self.options.mails} mails arrived")
        return {
            "mails": mails,
            "mails_per_second": round(mails / seconds),
            "cpu_ms_each": round(1000 * sum(each["cpu"] for each in spent) / mails, 2),
            "grown_mb": max(each["grown"] for each in spent),
        }

    def part_cores(self, senders):
        """The senders alone on one core, what they talk to on the other."""
        if len(os.sched_getaffinity(0)) < 2:
            return
        servers = [child.pid for _, child in self.services._running]
        for pid in [*servers, self.mail_server.process.pid]:
            for each in [pid, *children(pid)]:
                move(each, SERVERS_CORE)
        for sender in senders:
            move(sender, SENDER_CORE)


def ask(senders, count):
    """Each sends so many, all at once; what each has spent."""
    for sender in senders:
        sender.tell(count)
    return [sender.answer() for sender in senders]


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
    asked = arguments()
    if asked.sink:
        asyncio.run(serve_mail())
    elif asked.sender:
        send_when_told(asked.profile)
    else:
        sys.exit(main(asked))
