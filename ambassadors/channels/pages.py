"""Where an administrator connects channels and other systems, and sees what went there."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.endpoints import actions
from activity.endpoints.events import EVENTS
from activity.endpoints.models import TEST
from activity.endpoints.reasons import in_plain_words
from activity.models import Delivery, Endpoint
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.channels.forms import EndpointForm

PERM = "ambassadors.run_channels"
PAGE = 30


class Told:
    """An endpoint, a delivery or an attempt, with what the page says of it."""

    def __init__(self, row, kind):
        self.row, self._kind = row, kind

    @property
    def event(self):
        if self.row.event == TEST:
            return gettext_lazy("Test")
        known = EVENTS.get(self.row.event)
        return known.label if known else self.row.event

    @property
    def problem(self):
        return in_plain_words(self.row.problem, self._kind)

    @property
    def reason(self):
        return in_plain_words(self.row.reason, self._kind)


@require_safe
@permission_required(PERM)
def channel_list(request):
    """All of them, by kind, with whether they work."""
    endpoints = [Told(each, each.kind) for each in Endpoint.objects.all()]
    context = {"endpoints": endpoints, "kinds": Endpoint.Kind}
    return render(request, "ambassadors/channel_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERM)
@fresh_login_required
def channel_new(request, kind):
    """The secret of a new webhook is on the answer to its form, and never again."""
    if kind not in Endpoint.Kind:
        raise Http404
    endpoint = Endpoint(kind=kind)
    form = EndpointForm(request.POST or None, instance=endpoint)
    if form.is_valid():
        if secret := actions.make(endpoint, by=request.user):
            return _secret(request, endpoint, secret)
        messages.success(request, _("Saved. Now send a test."))
        return redirect("ambassadors:channel-detail", endpoint.pk)
    return _edit(request, endpoint, form)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERM)
@fresh_login_required
def channel_edit(request, pk):
    endpoint = get_object_or_404(Endpoint, pk=pk)
    form = EndpointForm(request.POST or None, instance=endpoint)
    if form.is_valid():
        actions.change(endpoint, form.changed_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("ambassadors:channel-detail", pk)
    return _edit(request, endpoint, form)


def _edit(request, endpoint, form):
    status = 422 if form.is_bound else 200
    context = {"endpoint": endpoint, "form": form}
    return render(request, "ambassadors/channel_edit.html", context, status=status)


def _secret(request, endpoint, secret):
    context = {"endpoint": endpoint, "secret": secret}
    return render(request, "ambassadors/channel_secret.html", context)


@require_safe
@permission_required(PERM)
def channel_detail(request, pk):
    """How it goes, and the log of what went there."""
    endpoint = get_object_or_404(Endpoint, pk=pk)
    page = Paginator(endpoint.deliveries.defer("body"), PAGE).get_page(request.GET.get("page"))
    context = {
        "endpoint": endpoint,
        "told": Told(endpoint, endpoint.kind),
        "events": [EVENTS[name].label for name in endpoint.events if name in EVENTS],
        "page": page,
        "deliveries": [Told(each, endpoint.kind) for each in page],
    }
    return render(request, "ambassadors/channel_detail.html", context)


@require_safe
@permission_required(PERM)
def channel_delivery(request, pk):
    """Each attempt at one message: what was asked, and what came back."""
    delivery = get_object_or_404(Delivery.objects.select_related("endpoint"), pk=pk)
    kind = delivery.endpoint.kind
    context = {
        "delivery": delivery,
        "endpoint": delivery.endpoint,
        "told": Told(delivery, kind),
        "attempts": [Told(each, kind) for each in delivery.tries.all()],
    }
    return render(request, "ambassadors/channel_delivery.html", context)


@require_POST
@permission_required(PERM)
def channel_test(request, pk):
    endpoint = get_object_or_404(Endpoint, pk=pk)
    delivery = actions.send_test(endpoint, by=request.user)
    if delivery.problem:
        messages.error(request, in_plain_words(delivery.problem, endpoint.kind))
    else:
        messages.success(request, _("The test was taken."))
    return redirect("ambassadors:channel-detail", pk)


@require_POST
@permission_required(PERM)
def channel_resend(request, pk):
    delivery = get_object_or_404(Delivery.objects.select_related("endpoint"), pk=pk)
    if actions.send_again(delivery, by=request.user):
        messages.success(request, _("It is sent again, under the same number."))
    else:
        messages.warning(request, _("It is on its way already, or the connection is stopped."))
    return redirect("ambassadors:channel-delivery", pk)


@require_POST
@permission_required(PERM)
def channel_off(request, pk):
    actions.switch_off(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("Switched off: nothing more goes there."))
    return redirect("ambassadors:channel-detail", pk)


@require_POST
@permission_required(PERM)
def channel_on(request, pk):
    actions.switch_on(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("Switched on: it is told of what happens from now on."))
    return redirect("ambassadors:channel-detail", pk)


@require_POST
@permission_required(PERM)
@fresh_login_required
def channel_remove(request, pk):
    actions.remove(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("Removed, with its log."))
    return redirect("ambassadors:channel-list")


@require_POST
@permission_required(PERM)
@fresh_login_required
def channel_secret_new(request, pk):
    """A second secret, beside which the first one signs on until it is retired."""
    endpoint = get_object_or_404(Endpoint, pk=pk, kind=Endpoint.Kind.WEBHOOK)
    return _secret(request, endpoint, actions.exchange_secret(endpoint, by=request.user))


@require_POST
@permission_required(PERM)
@fresh_login_required
def channel_secret_retire(request, pk):
    actions.retire_secret(get_object_or_404(Endpoint, pk=pk), by=request.user)
    messages.success(request, _("Only the new secret signs from now on."))
    return redirect("ambassadors:channel-detail", pk)
