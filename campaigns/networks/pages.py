"""Where people are offered to share: which networks, in which order, within which limits."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ambassadors.accounts.policy import permission_required
from campaigns.networks.models import SETTINGS, LastNetwork, Network

UP, DOWN = -1, 1


class NetworkForm(forms.ModelForm):
    """What a company may set of a network; how it is reached and counts is not its to say."""

    text_limit = forms.IntegerField(
        # Translators: fr: Longueur d’un texte, au plus
        label=gettext_lazy("Length of a text, at most"),
        min_value=1,
        max_value=70_000,
        required=False,
        help_text=gettext_lazy("In characters, as the network counts them. Empty: no limit."),
    )
    fold = forms.IntegerField(
        # Translators: fr: Replié après
        label=gettext_lazy("Folded after"),
        min_value=1,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy("How many characters are shown before “see more”."),
    )
    hashtags = forms.IntegerField(
        label=gettext_lazy("Hashtags, at most"), min_value=0, max_value=30
    )

    class Meta:
        model = Network
        fields = SETTINGS
        help_texts = {
            "own_instance": gettext_lazy(
                "Only its name, such as “mastodon.example”. Taken for everybody who has not named "
                "a server of their own."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.needs_instance:
            del self.fields["own_instance"]


@require_safe
@permission_required("campaigns.change_networks")
def network_list(request):
    networks = list(Network.objects.choosable())
    context = {"networks": networks, "offered": sum(each.is_active for each in networks)}
    return render(request, "campaigns/network_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_networks")
def network_edit(request, pk):
    network = get_object_or_404(Network.objects.choosable(), pk=pk)
    form = NetworkForm(request.POST or None, instance=network)
    if request.method == "POST" and form.is_valid():
        form.instance.change(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:network-list")
    status = 422 if form.errors else 200
    # Read anew: the form has put on it what was refused.
    context = {"form": form, "network": Network.objects.get(pk=pk)}
    return render(request, "campaigns/network_edit.html", context, status=status)


@require_POST
@permission_required("campaigns.change_networks")
def network_offer(request, pk):
    network = get_object_or_404(Network.objects.choosable(), pk=pk)
    network.offer(by=request.user)
    messages.success(request, _("%(network)s is offered from now on.") % {"network": network})
    return redirect("campaigns:network-list")


@require_POST
@permission_required("campaigns.change_networks")
def network_withhold(request, pk):
    network = get_object_or_404(Network.objects.choosable(), pk=pk)
    try:
        network.withhold(by=request.user)
    except LastNetwork:
        messages.warning(request, _("One network at least stays: offer another one first."))
    else:
        done = _("%(network)s is no longer offered. Links that exist keep working.")
        messages.success(request, done % {"network": network})
    return redirect("campaigns:network-list")


def mover(by_places):
    """The view that moves a network by so many places."""

    @require_POST
    @permission_required("campaigns.change_networks")
    def network_move(request, pk):
        get_object_or_404(Network.objects.choosable(), pk=pk).move(by_places, by=request.user)
        return redirect("campaigns:network-list")

    return network_move


network_up, network_down = mover(UP), mover(DOWN)
