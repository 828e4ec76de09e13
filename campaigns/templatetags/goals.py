"""What came of visits, for pages of slices that do not know of goals."""

from django import template

from campaigns.conversions.credit import own_conversions
from campaigns.conversions.sheet import Sheet

register = template.Library()


@register.simple_tag
def goals_of(campaign):
    """A campaign's goals, and what each brought."""
    return Sheet(campaign)


@register.simple_tag
def came_of_shares(person):
    """What came of a person's own shares, for them alone; None unless they asked."""
    return own_conversions(person)
