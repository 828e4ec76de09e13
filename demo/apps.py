from django.apps import AppConfig


class DemoConfig(AppConfig):
    """An invented company to try the product with."""

    name = "demo"
