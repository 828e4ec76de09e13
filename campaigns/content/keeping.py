"""What is typed into the composer keeps itself: it is there again when its writer comes back."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.content.forms import keep
from campaigns.content.images import UnusableImage, make_cover
from campaigns.content.models import ComposerDraft, Content

# Sixty texts of 3,000 characters, and what goes with them.
MOST = 300_000
# What belongs to one opening of the page, not to what was typed.
PASSING = {"csrfmiddlewaretoken", "draft", "base", "over", "action", "pk"}
TYPED = ("url", "title", "why", "note", "-text", "-source")


@dataclass
class Opening:
    """One opening of the composer.

    key: under which what is typed in it is kept. base: the item's `changed_at` it begins with, or
    "". restored: what was kept and is shown again. passed: what was kept of a version that somebody
    has changed since: it is not shown unasked. others: what else of new items is kept.
    """

    key: str
    base: str = ""
    restored: ComposerDraft | None = None
    passed: ComposerDraft | None = None
    others: list[ComposerDraft] = field(default_factory=list)

    @property
    def data(self):
        """What to show in the form instead of what is saved, or None."""
        if self.restored is None:
            return None
        data = QueryDict(mutable=True)
        for name, values in self.restored.data.items():
            data.setlist(name, values)
        return data


def posted(request) -> Opening:
    """The opening that a form was sent from."""
    return Opening(str(key_of(request.POST) or uuid4()), request.POST.get("base", ""))


def opened(request, content: Content, campaign=None) -> Opening:
    """A new opening; with what its person had typed before and not saved.

    campaign: the one a new item was asked for, if any; what was typed for another is not in its
    way.
    """
    base = content.changed_at.isoformat() if content.pk else ""
    fresh = Opening(str(uuid4()), base)
    drafts = list(ComposerDraft.objects.of(request.user).filter(content=content.pk))
    if not drafts:
        return fresh
    asked = request.GET.get("draft", "")
    draft = next((one for one in drafts if str(one.key) == asked), None)
    if draft is None and content.pk and drafts[0].base != content.changed_at:
        fresh.passed = drafts[0]
        return fresh
    fitting = [] if "fresh" in request.GET else [d for d in drafts if _is_for(d, campaign)]
    draft = draft or next(iter(fitting), None)
    if draft is None:
        fresh.others = drafts
        return fresh
    others = [one for one in drafts if one != draft]
    base = draft.base.isoformat() if draft.base else ""
    return Opening(str(draft.key), base, restored=draft, others=others)


def _is_for(draft, campaign):
    return campaign is None or draft.first("campaign") in {"", str(campaign.pk)}


def key_of(data) -> UUID | None:
    try:
        return UUID(data.get("draft", ""))
    except ValueError:
        return None


def base_of(data) -> datetime | None:
    """The version the form began with, or the one its person has agreed to write over."""
    for said in (data.get("over", ""), data.get("base", "")):
        try:
            moment = parse_datetime(said)
        except ValueError:
            continue
        if moment and timezone.is_aware(moment):
            return moment
    return None


def finish(request) -> None:
    """It is saved: nothing is left to be kept."""
    if key := key_of(request.POST):
        ComposerDraft.finish(key, by=request.user)


@require_POST
@permission_required("campaigns.write_content")
def content_keep(request):
    """Keeps what is typed so far, valid or not. Answers with when, for the composer to say."""
    key, data = key_of(request.POST), _typed(request.POST)
    if key is None or len(json.dumps(data)) > MOST:
        return HttpResponse(status=400)
    picture = _picture(request.FILES.get("picture"))
    if picture:
        data["kept"] = [picture]
    content = _content(request)
    base = base_of(request.POST)
    if not _says_something(data):
        return HttpResponse(status=204)
    if not ComposerDraft.keep(key, by=request.user, content=content, base=base, data=data):
        return HttpResponse(status=204)
    time = date_format(timezone.localtime(), "TIME_FORMAT")
    answer = {"said": _("Saved at %(time)s") % {"time": time}, "kept": picture}
    if content and base and content.changed_at != base:
        answer["newer"] = newer(content)
    return JsonResponse(answer)


def newer(content: Content) -> str:
    """That somebody was faster, for whoever still writes."""
    time = date_format(timezone.localtime(content.changed_at), "TIME_FORMAT")
    text = _("%(name)s saved this item at %(time)s, after you had opened it.")
    return text % {"name": content.changed_by, "time": time}


def _typed(data):
    typed = {name: values for name, values in data.lists() if name not in PASSING}
    # PostgreSQL's JSON holds no NUL.
    return {name: [text.replace("\0", "") for text in values] for name, values in typed.items()}


def _says_something(data):
    """A composer that was only opened is not worth coming back to."""
    return any(
        any(value.strip() for value in values)
        for name, values in data.items()
        if name.endswith(TYPED) and not name.startswith("read-")
    )


def _content(request):
    pk = request.POST.get("pk", "")
    contents = Content.objects.visible_to(request.user).select_related("changed_by")
    return contents.filter(pk=pk).first() if pk.isdecimal() else None


def _picture(upload):
    """The picture as the form will hold it; "" for none, or for one that saving will refuse."""
    if upload is None:
        return ""
    try:
        cover = make_cover(upload)
    except UnusableImage:
        return ""
    return keep(default_storage.save(f"content/{cover.name}", cover))


@require_POST
@permission_required("campaigns.write_content")
def content_discard(request):
    """Throws away what was typed and not saved."""
    mine = ComposerDraft.objects.of(request.user)
    draft = get_object_or_404(mine, key=key_of(request.POST) or uuid4())
    ComposerDraft.finish(draft.key, by=request.user)
    messages.success(request, _("Your unsaved changes are gone."))
    if draft.content_id:
        return redirect("campaigns:content-edit", draft.content_id)
    return redirect("campaigns:content-new")
