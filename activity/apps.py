from importlib import import_module

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "activity"
    # Modules with a kind of message or a task of their own.
    hearing = (
        "rhythm.forms",
        "desk.testing",
        "desk.tasks",
        "desk.samples",
        "endpoints.tasks",
        "mailing.tasks",
    )

    def ready(self):
        for module in self.hearing:
            import_module(f"{self.name}.{module}")
