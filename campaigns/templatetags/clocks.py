"""Time zones as people call them: {{ campaign.time_zone|zone_name }}."""

from django import template

from activity.preferences import zone_name

register = template.Library()
register.filter("zone_name", zone_name)
