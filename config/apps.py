from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """So that the product's own formats, static files and commands are found."""

    name = "config"

    def ready(self):
        import_module("config.keyboard")
