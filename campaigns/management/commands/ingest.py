import signal

from django.core.management.base import BaseCommand

from campaigns.tracking.consumer import Consumer


class Command(BaseCommand):
    help = "Takes clicks from the stream (and from this machine's spool) into the database."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--drain", action="store_true", help="stop when there is nothing left to read"
        )

    def handle(self, **options):
        consumer = Consumer()
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, lambda *_: consumer.stop())
        if options["drain"]:
            consumer.drain()
        else:
            self.stdout.write(f"{consumer.name} is ready.")
            consumer.run()
