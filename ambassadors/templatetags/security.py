"""What the pages about one's account ask."""

from types import SimpleNamespace
from urllib.parse import quote

from django import template

from activity.origin import device_of, network_of
from ambassadors.accounts import second_step as steps

register = template.Library()


@register.simple_tag(takes_context=True)
def second_step(context):
    """Of the person logged in: is_required, is_missing."""
    user = context["request"].user
    return SimpleNamespace(
        is_required=steps.is_required_of(user), is_missing=steps.is_missing(user)
    )


@register.simple_tag
def codes_file(codes):
    """An address that holds the codes themselves: saving them asks nothing of the server."""
    return "data:text/plain;charset=utf-8," + quote("\r\n".join(["Porte-voix", *codes, ""]))


@register.filter
def device(agent):
    return device_of(agent)


@register.filter
def network(address):
    return network_of(address)
