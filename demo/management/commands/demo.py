from django.conf import settings
from django.core.management import BaseCommand, CommandError

from demo import build, company


class Command(BaseCommand):
    help = "Fills the database with the demo company, after emptying it."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where people are")
        parser.add_argument("--logins", action="store_true", help="only say who can log in")

    def handle(self, *, if_empty, logins, **options):
        if logins:
            return self._say_logins()
        if not settings.LOCAL:
            raise CommandError("The demo would erase everything: it only runs on 127.0.0.1.")
        if if_empty and not build.is_empty():
            return
        build.clear()
        made = build.build()
        self.stdout.write(
            "Demo company ready: {ambassadors} active ambassadors, {contents} published items, "
            "{clicks} clicks.".format(**made)
        )

    def _say_logins(self):
        for role, email, first, last, _ in company.LOGINS:
            self.stdout.write(f"{role}\t{email}\t{company.PASSWORD}\t{first} {last}")
