from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    AMBASSADOR = "ambassador", _("Ambassador")
    MANAGER = "manager", _("HR manager")
    ADMIN = "admin", _("Administrator")


class Belonging(models.TextChoices):
    """What somebody is to the organisation: one of its people, or a customer who speaks of it."""

    EMPLOYEE = "employee", _("Employee")
    CUSTOMER = "customer", _("Customer")
