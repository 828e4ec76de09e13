from importlib import import_module

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    # Slices that write to people, or react to what happens.
    hearing = (
        "planning",
        "content",
        "sources",
        "approval",
        "sharing",
        "tracking",
        "conversions",
        "reach",
        "home",
    )
    # Slices of which channels and other systems are told.
    telling = ("planning", "content")
    # Slices with rows that lead to a person.
    holding = (
        "planning",
        "content",
        "sources",
        "sharing",
        "tracking",
        "conversions",
        "reach",
        "library",
        "home",
    )

    def ready(self):
        for slice_name in self.hearing:
            import_module(f"{self.name}.{slice_name}.notices")
        for slice_name in self.telling:
            import_module(f"{self.name}.{slice_name}.events")
        for slice_name in self.holding:
            import_module(f"{self.name}.{slice_name}.privacy")
        import_module(f"{self.name}.samples")
