from importlib import import_module

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    help = "Checks that every click, mail and total adds up; exits with 1 when something does not."

    def handle(self, **options):
        found = [(app, breach) for app, breaches in self._checks() for breach in breaches()]
        for app, breach in found:
            self.stdout.write(f"{app}: {breach}")
        if found:
            raise CommandError(f"{len(found)} things do not add up.")
        self.stdout.write("Everything adds up.")

    def _checks(self):
        """(app, breaches) for every app with a module `verify`; breaches() gives sentences."""
        for config in apps.get_app_configs():
            if module_has_submodule(config.module, "verify"):
                yield config.label, import_module(f"{config.name}.verify").breaches
