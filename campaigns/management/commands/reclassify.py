from datetime import date

from django.core.management.base import BaseCommand

from campaigns.tracking.reclassify import reclassify


class Command(BaseCommand):
    help = "Judges raw clicks again and rebuilds their tallies. Running it twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="YYYY-MM-DD")

    def handle(self, **options):
        changed = reclassify(options["first"], options["last"])
        self.stdout.write(f"{changed} clicks are classed otherwise than before.")
