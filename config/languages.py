"""The languages as a list offers them.

Their names are those of `settings.LANGUAGES`: small within a French sentence. A list begins each
with a capital.
"""

from django.conf import settings
from django.utils.text import capfirst

LANGUAGE_CHOICES = [(code, capfirst(name)) for code, name in settings.LANGUAGES]
