from django import template

from campaigns.content.featuring import FeatureForm
from campaigns.sharing.quality import declines_of, recalled
from campaigns.sharing.wordings import spread_of

register = template.Library()
register.simple_tag(declines_of)
register.simple_tag(recalled)
register.simple_tag(spread_of)


@register.simple_tag
def feature_form():
    return FeatureForm()
