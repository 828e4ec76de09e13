from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    AMBASSADOR = "ambassador", _("Ambassador")
    MANAGER = "manager", _("HR manager")
    ADMIN = "admin", _("Administrator")
