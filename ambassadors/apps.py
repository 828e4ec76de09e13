from importlib import import_module

from django.apps import AppConfig


class AmbassadorsConfig(AppConfig):
    name = "ambassadors"
    # Modules that write to people, or act on what happened.
    hearing = (
        "accounts.complaint_notices",
        "accounts.security_notices",
        "directory.arrivals",
        "directory.imports.notices",
        "enrolment.importing",
        "provisioning.groups",
        "enrolment.notices",
        "enrolment.events",
        "channels.notices",
        "privacy.notices",
        "privacy.rules",
    )

    def ready(self):
        for module in self.hearing:
            import_module(f"{self.name}.{module}")
        # Says what is held about people, in every slice that has such rows.
        import_module(f"{self.name}.privacy.holdings").register()
        import_module(f"{self.name}.samples")
