"""What HR does with the short addresses of an item: gives, moves, turns off and on, prints."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content, WrongState
from campaigns.sharing import qr
from campaigns.sharing.models import (
    ShortAddress,
    Taken,
    is_personal,
    is_short_address,
    plain_code,
)


class AddressForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("A new one"), max_length=60)

    def clean_code(self):
        """As it is kept: "Portes ouvertes" becomes "portes-ouvertes"."""
        code = "-".join(plain_code(self.cleaned_data["code"]).split())
        if is_personal(code):
            text = _("Eight letters or digits look like a person’s link: add a hyphen or a letter.")
            raise forms.ValidationError(text)
        if not is_short_address(code):
            text = _("Three to 32 letters, digits and hyphens; a few words are kept for ourselves.")
            raise forms.ValidationError(text)
        return code


@require_POST
@permission_required("campaigns.give_addresses")
def address_give(request, pk):
    content, form = _content(request, pk), AddressForm(request.POST)
    if content.status == Content.Status.WITHDRAWN or not form.is_valid():
        withdrawn = _("It was withdrawn: nothing leads there any more.")
        messages.warning(request, " ".join(form.errors.get("code", [withdrawn])))
        return _back(content)
    try:
        address = ShortAddress.give(content, form.cleaned_data["code"], by=request.user)
    except Taken as taken:
        messages.warning(request, _taken(taken.address, content))
    else:
        said = {"address": address.said}
        messages.success(request, _("%(address)s leads to this item from now on.") % said)
    return _back(content)


def _taken(address, content):
    if address.content_id == content.pk:
        return _("This item has that address already.")
    if address.content.campaign_id == content.campaign_id:
        return _("Another item of this campaign has it: you may bring it here.")
    return _("Another item has it. An address that was printed is not handed on.")


@require_POST
@permission_required("campaigns.give_addresses")
def address_move(request, pk):
    """Brings an address of the campaign to another of its items."""
    content = _content(request, pk)
    here = ShortAddress.objects.elsewhere_in_campaign(content).select_related("content")
    address = get_object_or_404(here, code=request.POST.get("code", ""))
    done = _("%(address)s leads to this item from now on.") % {"address": address.said}
    return _do(request, content, done, address.move, content)


@require_POST
@permission_required("campaigns.give_addresses")
def address_off(request, pk):
    address = _address(request, pk)
    done = _("Turned off: it says that it has ended.")
    return _do(request, address.content, done, address.turn_off)


@require_POST
@permission_required("campaigns.give_addresses")
def address_on(request, pk):
    address = _address(request, pk)
    return _do(request, address.content, _("Turned on again."), address.turn_on)


@require_GET
@permission_required("campaigns.give_addresses")
def address_qr(request, pk, kind):
    address = _address(request, pk)
    if kind not in qr.KINDS:
        raise Http404
    return qr.answer(address.qr_url, said=address.said, name=f"qr-{address.code}", kind=kind)


def _do(request, content, done, verb, *args):
    try:
        verb(*args, by=request.user)
    except WrongState:
        messages.warning(request, _("Nothing was changed: somebody was faster."))
    else:
        messages.success(request, done)
    return _back(content)


def _back(content):
    return redirect(f"{content.get_absolute_url()}#addresses")


def _content(request, pk):
    return get_object_or_404(Content.objects.visible_to(request.user), pk=pk)


def _address(request, pk):
    seen = Content.objects.visible_to(request.user).values("pk")
    addresses = ShortAddress.objects.filter(content__in=seen).select_related("content")
    return get_object_or_404(addresses, pk=pk)
