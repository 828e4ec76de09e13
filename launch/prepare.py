"""python -m launch.prepare LOGINS: what Django has to do before the start, in one process.

Four commands of manage.py, without starting Django four times: the database up to date, the
static files gathered, the demo company made where nobody is enrolled yet, and in the file LOGINS
who can log in, one to a line.
"""

import os
import sys

import django
from django.core.management import call_command


def main(logins):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False)
    call_command("collectstatic", interactive=False)
    call_command("demo", if_empty=True)
    with open(logins, "w") as file:
        call_command("demo", logins=True, stdout=file)


if __name__ == "__main__":
    main(sys.argv[1])
