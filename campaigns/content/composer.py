"""Writing an item: the form on the left, what it will look like on the right."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content.captions import CaptionFormSet, NewCaptionForm, rows_of, with_one_more
from campaigns.content.forms import ContentForm
from campaigns.content.models import Content, WrongState
from campaigns.content.reading import filled, read
from campaigns.planning.models import Campaign


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_new(request):
    campaign = Campaign.objects.open().filter(slug=request.GET.get("campaign", "")).first()
    return _compose(request, Content(), {"campaign": campaign})


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_edit(request, pk):
    content = get_object_or_404(Content.objects.visible_to(request.user), pk=pk)
    if not content.is_editable:
        messages.info(request, _("It is no longer being written: see below what may be changed."))
        return redirect(content)
    return _compose(request, content, {})


def _compose(request, content, initial):
    action = request.POST.get("action", "")
    reading = _read(request, content) if action == "read" else None
    form, captions = _forms(request, content, initial, reading)
    if action in {"add", "preview", "read"}:
        form.hush()
    elif request.method == "POST" and all([form.is_valid(), captions.is_valid()]):
        return _save(request, form, captions, action)
    context = _shown(form, captions) | {
        "content": content if content.pk else None,
        "new_caption": NewCaptionForm(prefix="new"),
        "added": action == "add",
        "last_request": _last_request(content),
        "reading": reading,
    }
    wrong = form.errors or captions.total_error_count()
    return render(request, "campaigns/content_edit.html", context, status=422 if wrong else 200)


def _read(request, content):
    """What the page says that is being written about. Its picture only while there is no other."""
    data = request.POST
    brought = data.get("kept", "") not in {"", data.get("read-kept")}
    wants = not (request.FILES or brought or content.image)
    return read(data.get("url", "").strip(), by=request.user, content=content, wants_picture=wants)


def _forms(request, content, initial, reading=None):
    if request.method != "POST":
        form = ContentForm(instance=content, initial=initial)
        return form, CaptionFormSet(prefix="captions", initial=rows_of(content))
    data = request.POST
    if data.get("action") == "add":
        data = with_one_more(data, data.get("new-network", ""), data.get("new-language", ""))
    if reading:
        data = filled(data, reading.said, is_new=content.pk is None)
    form = ContentForm(data, request.FILES, instance=content)
    captions = CaptionFormSet(data, prefix="captions")
    captions.is_final = data.get("action") == "submit"
    captions.disclosures = disclosures(form)
    return form, captions


def _shown(form, captions):
    """What the page and the preview alone have in common."""
    captions.disclosures = disclosures(form)
    return {"form": form, "captions": captions, "rows": list(captions.rows())}


def disclosures(form):
    """The lines its texts open with, by language, from what is typed at this moment."""
    campaign = _campaign_of(form)
    lines = {}
    for language, _name in settings.LANGUAGES:
        own = form[f"disclosure_{language}"].value()
        lines[language] = own or (campaign.disclosure(language) if campaign else "")
    return lines


def _campaign_of(form):
    value = form["campaign"].value()
    if isinstance(value, Campaign):
        return value
    return Campaign.objects.filter(pk=value).first() if str(value or "").isdecimal() else None


def _last_request(content):
    """What a reviewer asked for, while it is still to be done."""
    if content.status != Content.Status.CHANGES_REQUESTED:
        return None
    return content.reviews.filter(caption=None).select_related("reviewer").first()


def _save(request, form, captions, action):
    try:
        with transaction.atomic():
            content = form.save(request.user)
            captions.save(content, request.user)
            if action == "submit":
                content.submit(request.user)
    except WrongState:
        messages.warning(request, _("Nothing was saved: somebody has moved it on meanwhile."))
        return redirect(form.instance)
    if action == "submit":
        messages.success(request, _("Submitted. It waits for somebody else’s look."))
        return redirect(content)
    messages.success(request, _("Saved as a draft."))
    return redirect("campaigns:content-edit", content.pk)


@require_POST
@permission_required("campaigns.write_content")
def content_preview(request):
    """The right-hand side alone, from what is typed so far. Writes nothing."""
    form = ContentForm(request.POST, instance=_saved(request))
    form.hush()
    captions = CaptionFormSet(request.POST, prefix="captions")
    return render(
        request, "campaigns/_content_preview.html", _shown(form, captions) | {"live": True}
    )


@require_POST
@permission_required("campaigns.write_content")
def content_read(request):
    """The page's card alone. What it says goes into the form by composer.js. Writes no item."""
    context = {"reading": _read(request, _saved(request)), "live": True}
    return render(request, "campaigns/_content_card.html", context)


def _saved(request):
    """The item being changed, for the picture it has; a new one has none yet."""
    pk = request.POST.get("pk", "")
    contents = Content.objects.visible_to(request.user)
    return (contents.filter(pk=pk).first() if pk.isdecimal() else None) or Content()
