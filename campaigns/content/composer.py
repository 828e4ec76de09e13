"""Writing an item: the form on the left, what it will look like on the right."""

import re

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content import keeping
from campaigns.content.captions import (
    CaptionFormSet,
    NewCaptionForm,
    adapted,
    rows_of,
    with_one_more,
)
from campaigns.content.evidence import ClaimFormSet, claims_of, with_one_more_claim
from campaigns.content.forms import ContentForm
from campaigns.content.models import ChangedMeanwhile, Content, Forbidden, OutOfDate, WrongState
from campaigns.content.reading import filled, read
from campaigns.content.views import out_of_date
from campaigns.planning.models import Campaign

# Buttons that change what is shown, and save nothing.
LOOKS = re.compile(r"add|add-claim|preview|read|adapt-\d{1,3}")


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_new(request):
    campaigns = Campaign.objects.visible_to(request.user).open()
    campaign = campaigns.at(request.GET.get("campaign", ""))
    return _compose(request, Content(), {"campaign": campaign})


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.write_content")
def content_edit(request, pk):
    contents = Content.objects.visible_to(request.user).select_related("changed_by", "campaign")
    content = get_object_or_404(contents, pk=pk)
    if not content.is_editable:
        messages.info(request, _("It is no longer being written: see below what may be changed."))
        return redirect(content)
    return _compose(request, content, {})


def _compose(request, content, initial):
    is_post = request.method == "POST"
    opening = (
        keeping.posted(request)
        if is_post
        else keeping.opened(request, content, initial.get("campaign"))
    )
    action = request.POST.get("action", "")
    looks = bool(LOOKS.fullmatch(action))
    reading = _read(request, content) if action == "read" else None
    forms = _forms(request, content, initial, opening.data, reading)
    if looks or opening.restored:
        _hush(forms)
    elif is_post and _are_valid(forms):
        return _save(request, content, forms, opening)
    return _answer(request, content, forms, opening, reading=reading)


def _are_valid(forms):
    """Asks each of them: what is wrong in all of them is said at once."""
    return all([each.is_valid() for each in forms])  # noqa: C419


def _answer(request, content, forms, opening, status=200, **context):
    form, captions, claims = forms
    action = request.POST.get("action", "")
    context |= _shown(form, captions) | {
        "content": content if content.pk else None,
        "claims": claims,
        "opening": opening,
        "new_caption": NewCaptionForm(prefix="new"),
        "added": action == "add" or action.startswith("adapt-"),
        "added_claim": action == "add-claim",
        "last_request": _last_request(content),
    }
    if form.errors or captions.total_error_count() or claims.total_error_count():
        status = 422
    return render(request, "campaigns/content_edit.html", context, status=status)


def _read(request, content):
    """What the page says that is being written about. Its picture only while there is no other."""
    data = request.POST
    brought = data.get("kept", "") not in {"", data.get("read-kept")}
    wants = not (request.FILES or brought or content.image)
    return read(data.get("url", "").strip(), by=request.user, content=content, wants_picture=wants)


def _forms(request, content, initial, data, reading=None):
    """The form of the item, its texts, its claims. data: what was kept of an earlier time."""
    by = request.user
    if request.method == "POST":
        data = _changed(request, content, reading)
    if data is None:
        return (
            ContentForm(instance=content, initial=initial, user=request.user),
            CaptionFormSet(prefix="captions", initial=rows_of(content)),
            ClaimFormSet(prefix="claims", initial=claims_of(content, by), by=by),
        )
    data = _counted(data)
    form = ContentForm(data, request.FILES, instance=content, user=request.user)
    captions = CaptionFormSet(data, prefix="captions")
    claims = ClaimFormSet(data, prefix="claims", by=by)
    form.is_final = captions.is_final = claims.is_final = data.get("action") == "submit"
    captions.disclosures, captions.url = disclosures(form), data.get("url", "")
    return form, captions, claims


def _changed(request, content, reading):
    """What was posted, with what the pressed button changes in it."""
    data, action = request.POST, request.POST.get("action", "")
    if action == "add":
        return with_one_more(data, data.get("new-network", ""), data.get("new-language", ""))
    if action == "add-claim":
        return with_one_more_claim(_counted(data), request.user)
    if action.startswith("adapt-") and LOOKS.fullmatch(action):
        more = adapted(data, action.removeprefix("adapt-"))
        if more is None:
            messages.warning(request, _("There are five texts for it in this language already."))
        return more or data
    return filled(data, reading.said, is_new=content.pk is None) if reading else data


def _counted(data):
    """A form that was sent, or kept, without a word on texts or claims has none to change."""
    data = data.copy()
    for rows in ("captions", "claims"):
        data.setdefault(f"{rows}-TOTAL_FORMS", "0")
        data.setdefault(f"{rows}-INITIAL_FORMS", "0")
    return data


def _hush(forms):
    """Shows what was typed without judging it: nobody has asked to save yet."""
    form, *sets = forms
    form.hush()
    for formset in sets:
        formset.hush()


def _shown(form, captions):
    """What the page and the preview alone have in common."""
    captions.disclosures, captions.url = disclosures(form), form["url"].value() or ""
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
    offered = form.fields["campaign"].queryset
    return offered.filter(pk=value).first() if str(value or "").isdecimal() else None


def _last_request(content):
    """What a reviewer asked for, while it is still to be done."""
    if content.status != Content.Status.CHANGES_REQUESTED:
        return None
    return content.reviews.filter(caption=None).select_related("reviewer").first()


def _save(request, content, forms, opening):
    """Saves all of it, or nothing; what somebody else has saved meanwhile is not written over."""
    form, captions, claims = forms
    submits, is_known = request.POST.get("action") == "submit", content.pk is not None
    try:
        with transaction.atomic():
            form.save(request.user, keeping.base_of(request.POST))
            captions.save(content, request.user)
            claims.save(content)
            if submits:
                content.submit(request.user)
    except ChangedMeanwhile as change:
        return _answer(request, content, forms, opening, status=409, theirs=change.content)
    except (Forbidden, OutOfDate) as refusal:
        # Nothing was written: a new item is new again.
        content.pk = content.pk if is_known else None
        for reason in getattr(refusal, "reasons", [out_of_date()]):
            form.add_error(None, reason)
        return _answer(request, content, forms, opening)
    except WrongState:
        messages.warning(request, _("Nothing was saved: somebody has moved it on meanwhile."))
        return redirect(content)
    keeping.finish(request)
    if submits:
        messages.success(request, _("Submitted. It waits for somebody else’s look."))
        return redirect(content)
    messages.success(request, _("Saved as a draft."))
    return redirect("campaigns:content-edit", content.pk)


@require_POST
@permission_required("campaigns.write_content")
def content_preview(request):
    """The right-hand side alone, from what is typed so far. Writes nothing."""
    form = ContentForm(request.POST, instance=_saved(request), user=request.user)
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
