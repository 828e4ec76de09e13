"""What a campaign has brought, for pages of slices that come before reach."""

from django import template
from django.utils import timezone

from campaigns.reach.period import Period, today, zone
from campaigns.reach.report import Report
from campaigns.reach.scope import Scope

register = template.Library()


@register.simple_tag
def campaign_report(campaign):
    """All a campaign has brought up to now, as a reach report; None before its launch."""
    if campaign.launched_at is None:
        return None
    # From its making: the sum must be the one the goal is measured by, whatever came early.
    first = timezone.localdate(min(campaign.created_at, campaign.launched_at), zone())
    return Report(Scope(period=Period(first, today()), campaign=campaign))
