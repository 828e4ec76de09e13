"""python -m bench.mail: mails a second that one core renders and hands to a mail server.

Each goes the product's whole way for one notification: claimed, asked about, rendered in two parts,
noted as leaving, handed over, noted as sent. The worker has a core to itself; PostgreSQL and the
mail server, which takes every mail and keeps none, share the other.
"""

import argparse
import cProfile
import multiprocessing
import os
import pstats
import resource
import socket
import sys
import time

from bench.figures import conclude, show
from launch.testing import start_test_services

WORKER_CORE, OTHER_CORE = 0, 1
MAILS, ROUNDS, WARM = 1500, 3, 100
BAR = {"mails_per_second": 300}


def main():
    options = arguments()
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    os.sched_setaffinity(0, {OTHER_CORE})
    services = start_test_services(durable=True)
    try:
        with Sink() as sink:
            os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
            os.sched_setaffinity(0, {WORKER_CORE})
            return measure(options, sink)
    finally:
        services.stop()


def arguments():
    parser = argparse.ArgumentParser(prog="bench.mail")
    parser.add_argument("--mails", type=int, default=MAILS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


class Sink:
    """A mail server in a process of its own: it says yes to everything and counts."""

    def __enter__(self):
        self._counter = multiprocessing.Value("i", 0)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._process = multiprocessing.Process(
            target=_take_all, args=(listening, self._counter), daemon=True
        )
        self._process.start()
        listening.close()
        return self

    def __exit__(self, *failure):
        self._process.terminate()
        self._process.join()

    @property
    def taken(self):
        return self._counter.value


def _take_all(listening, counter):
    while True:
        line = listening.accept()[0]
        with line, line.makefile("rb") as heard:
            _converse(line, heard, counter)


def _converse(line, heard, counter):
    line.sendall(b"220 sink\r\n")
    while said := heard.readline():
        word = said[:4].upper()
        if word == b"EHLO":
            line.sendall(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif word == b"DATA":
            line.sendall(b"354 Go on\r\n")
            while heard.readline() != b".\r\n":
                pass
            counter.value += 1
            line.sendall(b"250 Taken\r\n")
        else:
            line.sendall(b"250 OK\r\n")


def measure(options, sink):
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    prepare()
    deliver_all(write(WARM))
    rates, cpu = [], []
    for _ in range(options.rounds):
        waiting, before = write(options.mails), sink.taken
        began, used = time.perf_counter(), time.process_time()
        deliver_all(waiting)
        took = time.perf_counter() - began
        arrived = sink.taken - before
        if arrived != len(waiting):
            sys.exit(f"{arrived} of {len(waiting)} mails arrived")
        rates.append(round(arrived / took))
        cpu.append(round((time.process_time() - used) / arrived * 1e6))
    if options.profile:
        profile(write(300))
    return report(rates, cpu)


def report(rates, cpu):
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    show([["round", "mails/s", "worker µs a mail"], *zip(range(1, 9), rates, cpu, strict=False)])
    rate = sorted(rates)[len(rates) // 2]
    print(f"memory at most {memory} MB")
    misses = [f"{rate} mails/s"] if rate < BAR["mails_per_second"] else []
    return conclude("mail", {"mails_per_second": rate, "memory_mb": memory}, BAR, misses)


def prepare():
    """The tables, and a campaign that has started, with three items."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.factories import make_campaign, make_content

    campaign = make_campaign()
    for _ in range(3):
        make_content(campaign=campaign)


def write(number):
    """So many mails about it to as many people, queued; their ids."""
    from django.utils import timezone

    from activity.models import Notification
    from ambassadors.models import Ambassador, User
    from campaigns.models import Campaign

    campaign, now, first = Campaign.objects.get(), timezone.now(), User.objects.count()
    names = [f"reader{first + n}@orvaly.example" for n in range(number)]
    people = User.objects.bulk_create(User(email=name, first_name="Maëlle") for name in names)
    state = Ambassador.State.ACTIVE
    Ambassador.objects.bulk_create(
        Ambassador(user=person, state=state, joined_at=now, next_step="") for person in people
    )
    rows = Notification.objects.bulk_create(
        Notification(
            kind="campaign.launched",
            channel="email",
            recipient=person,
            subject_id=str(campaign.pk),
            key=f"bench:{person.pk}",
        )
        for person in people
    )
    return [str(row.pk) for row in rows]


def deliver_all(ids):
    from activity.delivery import deliver

    for pk in ids:
        deliver(pk)


def profile(ids):
    watch = cProfile.Profile()
    watch.runcall(deliver_all, ids)
    pstats.Stats(watch).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    sys.exit(main())
