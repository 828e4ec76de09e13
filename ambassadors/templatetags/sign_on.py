from django import template

from ambassadors.accounts.sso.door import begin_address, safe_path
from ambassadors.accounts.sso.models import Provider

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_on_providers(context):
    """The providers people may log in with, each with the `address` that begins it."""
    path = safe_path(context["request"].GET.get("next"))
    providers = list(Provider.objects.on())
    for provider in providers:
        provider.address = begin_address(provider, path)
    return providers
