from datetime import date

from django.core.management.base import BaseCommand, CommandError

from campaigns.tracking.reclassify import ClicksGone, reclassify


class Command(BaseCommand):
    help = "Judges raw clicks again and rebuilds their tallies. Running it twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="YYYY-MM-DD")

    def handle(self, **options):
        try:
            changed = reclassify(options["first"], options["last"])
        except ClicksGone as error:
            raise CommandError(error) from error
        self.stdout.write(f"{changed} clicks are classed otherwise than before.")
