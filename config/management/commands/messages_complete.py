import gettext
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.test import override_settings

# Without `locale`, makemessages would find the real one and write half of the messages into it.
IGNORED = [".venv/*", "var/*", "node_modules/*", "tests/*", "demo/*", "locale"]


class Command(BaseCommand):
    help = "Fails when a string lacks its French, or when the compiled catalogue is out of date."

    def handle(self, **options):
        if not shutil.which("xgettext"):
            raise CommandError("gettext is missing: apt-get install gettext")
        source = Path(settings.LOCALE_PATHS[0])
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "locale"
            shutil.copytree(source, copy)
            with override_settings(LOCALE_PATHS=[str(copy)]):
                call_command("makemessages", locale=["fr"], ignore_patterns=IGNORED, verbosity=0)
            po = copy / "fr" / "LC_MESSAGES" / "django.po"
            missing = self._messages(po, "--untranslated") + self._messages(po, "--only-fuzzy")
            subprocess.run(["msgfmt", "--check", "-o", f"{folder}/fr.mo", po], check=True)
            stale = self._catalogue(f"{folder}/fr.mo") != self._catalogue(
                source / "fr" / "LC_MESSAGES" / "django.mo"
            )
        if missing:
            raise CommandError("Without French:\n" + "\n".join(missing))
        if stale:
            raise CommandError("django.mo is not what django.po says: make messages")
        self.stdout.write("French is complete.")

    def _messages(self, po, which):
        found = subprocess.run(
            ["msgattrib", which, "--no-obsolete", "--no-wrap", po],
            check=True,
            capture_output=True,
            text=True,
        )
        return [line for line in found.stdout.splitlines() if line.startswith("msgid ")][1:]

    def _catalogue(self, mo):
        with open(mo, "rb") as file:
            return {k: v for k, v in gettext.GNUTranslations(file)._catalog.items() if k}
