"""One item of the library, and what may be done with it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required, require
from campaigns.content.captions import AddedForm, RewriteForm
from campaigns.content.forms import WithdrawForm
from campaigns.content.models import (
    Caption,
    Content,
    Forbidden,
    OutOfDate,
    TextTooLong,
    TooManyVariants,
    WrongState,
)
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign


@require_GET
def content_detail(request, pk):
    """An item as those who run the programme see it; an ambassador is led to the share panel."""
    content = _content(request, pk)
    if not request.user.has_perm("campaigns.see_library"):
        return redirect("campaigns:share-panel", content.pk)
    return _detail(request, content, WithdrawForm())


def _detail(request, content, withdraw_form, status=200):
    context = {
        "content": content,
        "captions": content.captions.select_related("network", "writer"),
        "reviews": content.reviews.select_related("reviewer", "caption__network"),
        "claims": content.claims.select_related("owner"),
        "withdraw_form": withdraw_form,
        "shares": content.links.filter(shares__declared_at__isnull=False).count(),
        "visits": content.tallies.filter(kind="human").totals()["clicks"],
        "tells": content.campaign_id not in meant_for_few(),
        "now": timezone.now(),
    }
    return render(request, "campaigns/content_detail.html", context, status=status)


def _content(request, pk):
    contents = Content.objects.visible_to(request.user)
    return get_object_or_404(contents.select_related("campaign", "author", "changed_by"), pk=pk)


@require_POST
def content_submit(request, pk):
    content = _content(request, pk)
    require(request.user, "campaigns.submit_content", content)
    return do(request, content, content.submit, _("Submitted. It waits for somebody else’s look."))


@require_POST
def content_take_back(request, pk):
    content = _content(request, pk)
    require(request.user, "campaigns.submit_content", content)
    return do(request, content, content.take_back, _("Taken back: it is a draft again."))


@require_POST
@permission_required("campaigns.withdraw_content")
def content_withdraw(request, pk):
    content = _content(request, pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _detail(request, content, form, status=422)
    done = _("Withdrawn. Its links have stopped leading there.")
    return do(request, content, content.withdraw, done, form.cleaned_data["note"])


def do(request, content, verb, done, *args):
    """Does `verb`, says so in `done`, or says why it could not be done; then back to the item."""
    try:
        verb(request.user, *args)
    except TextTooLong as refusal:
        text = _("Not submitted: a text is too long for %(networks)s.")
        messages.warning(request, text % {"networks": ", ".join(refusal.networks)})
    except Forbidden as refusal:
        messages.warning(request, " ".join(refusal.reasons))
    except OutOfDate:
        messages.warning(request, out_of_date())
    except WrongState:
        content.refresh_from_db()
        text = _("Nothing was changed: somebody was faster. It is now “%(state)s”.")
        messages.warning(request, text % {"state": content.get_status_display()})
    else:
        messages.success(request, done)
    return redirect("campaigns:content-detail", content.pk)


def out_of_date():
    """What is said where a claim that is over stands in the way."""
    return _("Not now: something it claims is no longer valid. Put its date or its words right.")


@require_POST
@permission_required("campaigns.write_content")
def content_copy(request, pk):
    """Takes an item of the library into another campaign, as a draft to be looked at again."""
    content = _content(request, pk)
    campaign = get_object_or_404(
        Campaign.objects.visible_to(request.user).open(), slug=request.POST.get("into", "")
    )
    copy = content.copy_into(campaign, by=request.user)
    messages.success(request, _("Copied as a draft: look through it, then submit it."))
    return redirect("campaigns:content-edit", copy.pk)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def caption_edit(request, pk):
    """Changes one text of an item that is live; that text alone goes back to review."""
    captions = Caption.objects.visible_to(request.user)
    captions = captions.select_related("content__campaign", "network")
    caption = get_object_or_404(captions, pk=pk)
    if not caption.content.is_live:
        return redirect("campaigns:content-edit", caption.content_id)
    form = RewriteForm(
        request.POST or None,
        initial={"text": caption.text},
        network=caption.network,
        disclosure=caption.content.disclosure(caption.language),
        url=caption.content.url,
    )
    if form.is_valid():
        done = _("Saved. The panel offers this text again once it is approved.")
        return do(
            request,
            caption.content,
            lambda by: caption.rewrite(form.cleaned_data["text"], by),
            done,
        )
    context = {"form": form, "caption": caption, "content": caption.content}
    return render(
        request, "campaigns/caption_edit.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def caption_new(request, pk):
    """Adds one text to an item that is live; it waits for its own approval."""
    content = _content(request, pk)
    if not content.is_live:
        return redirect("campaigns:content-edit", content.pk)
    form = AddedForm(request.POST or None, content=content)
    if form.is_valid():
        try:
            content.add_caption(request.user, **form.cleaned_data)
        except TooManyVariants:
            form.too_many()
        except Forbidden as refusal:
            form.add_error("text", [*refusal.reasons])
        except WrongState:
            # It left the feed meanwhile: its page says why.
            return redirect(content)
        else:
            messages.success(request, _("Added. The panel offers it once it is approved."))
            return redirect(content)
    context = {"form": form, "content": content}
    return render(
        request, "campaigns/caption_new.html", context, status=422 if form.errors else 200
    )
