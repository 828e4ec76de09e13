from contextlib import closing

from django.conf import settings
from django.core.management.base import BaseCommand

from campaigns.tracking.consumer import connect
from campaigns.tracking.letters import backlog, letters, replay
from campaigns.tracking.stream import Spool

SHOWN = 20


class Command(BaseCommand):
    help = "How many clicks are on their way, and which could not be stored, with the reason."

    def add_arguments(self, parser):
        parser.add_argument(
            "--replay", action="store_true", help="send the dead letters on their way again"
        )

    def handle(self, **options):
        with closing(connect()) as redis:
            if options["replay"]:
                self.stdout.write(f"{replay(redis)} dead letters are on their way again.")
            self._tell(backlog(redis, Spool(settings.CLICK_SPOOL)))
            for number, letter in enumerate(letters(redis)):
                if number == SHOWN:
                    break
                self.stdout.write(f"{letter.pk}  {letter.reason}")

    def _tell(self, waiting):
        self.stdout.write(
            f"{waiting.unread} clicks are unread, {waiting.held} are held by a consumer, "
            f"{waiting.spooled} files wait on the disk, {waiting.dead} are dead letters."
        )
        if waiting.since:
            self.stdout.write(f"The oldest waits since {waiting.since:%Y-%m-%d %H:%M:%S} UTC.")
