"""How long something may still be shared, for `{% include "campaigns/_until.html" %}`."""

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def days_left(moment):
    """Whole days from today to `moment`, as the reader's calendar counts them; 0 is today."""
    return (timezone.localtime(moment).date() - timezone.localdate()).days
