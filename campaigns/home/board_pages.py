from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.access import ambassadors_only
from campaigns.home.board import Board, BoardSetting
from campaigns.home.given import GivenFigures


@require_GET
@ambassadors_only
def board(request):
    """Who asked to be in it, and one's own place for oneself."""
    return render(request, "campaigns/board.html", {"board": Board(request.ambassador)})


class BoardForm(forms.ModelForm):
    class Meta:
        model = BoardSetting
        fields = ("is_on",)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_board")
def board_settings(request):
    setting = BoardSetting.current()
    form = BoardForm(request.POST if request.method == "POST" else None, instance=setting)
    if request.method == "POST" and form.is_valid():
        form.instance.keep(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:board-settings")
    status = 422 if form.errors else 200
    context = {"form": form, "setting": setting}
    return render(request, "campaigns/board_settings.html", context, status=status)


@require_GET
@permission_required("campaigns.see_given_figures")
def given_figures(request):
    """The figures of single people who let this very person see them; each look is noted."""
    given = GivenFigures(request.user, request.GET.get("page"))
    given.note()
    return render(request, "campaigns/given_figures.html", {"given": given})
