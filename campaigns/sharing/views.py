from functools import wraps

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from activity.models import Entry
from ambassadors.enrolment.access import ambassadors_only, charter_accepted
from campaigns.content.models import Content, Forbidden
from campaigns.networks.composer import full_text
from campaigns.planning.models import Campaign
from campaigns.sharing import qr
from campaigns.sharing.actions import TooLong, open_share, same_words
from campaigns.sharing.forms import PanelForm
from campaigns.sharing.models import Link, Plan, Recall, Share
from campaigns.sharing.panel import Panel
from campaigns.sharing.suggestions import suggestions_for


class Ended(Exception):
    """The item may not be shared any more, and the person may know why."""

    def __init__(self, content):
        super().__init__(content.pk)
        self.content = content


def shareable(view):
    """Gives the view a Content in place of its number; an ended one gets a page that says so."""

    @wraps(view)
    def with_content(request, pk, **asked):
        try:
            return view(request, _content_for(request.user, pk), **asked)
        except Ended as ended:
            return _ended(request, ended.content)

    return charter_accepted(with_content)


def _content_for(user, pk):
    contents = Content.objects.select_related("campaign")
    found = contents.shareable_by(user).filter(pk=pk).first()
    if found:
        return found
    raise Ended(get_object_or_404(contents.filter(_was_seen_by(user)), pk=pk))


def _was_seen_by(user):
    """What had been published for the person, or what they shared: its end is no secret to them."""
    status = Content.Status
    meant = Campaign.objects.started().meant_for(user).values("pk")
    published = Q(status__in=[status.PUBLISHED, status.EXPIRED, status.WITHDRAWN])
    shown = Q(embargo_until=None) | Q(embargo_until__lte=timezone.now())
    shared = Content.objects.filter(links__ambassador__user=user).values("pk")
    return published & shown & (Q(campaign__in=meant) | Q(pk__in=shared))


def _ended(request, content):
    withdrawn = content.status == Content.Status.WITHDRAWN
    context = {
        "content": content,
        "withdrawn": withdrawn,
        "paused": content.campaign.state == Campaign.State.PAUSED and not withdrawn,
        "entry": _withdrawal(content) if withdrawn else None,
        "recall": _recall(content, request.ambassador) if withdrawn else None,
        "instead": suggestions_for(request.ambassador, now=timezone.localtime(), most=1),
    }
    if request.htmx:
        response = render(request, "campaigns/_share_ended_dialog.html", context)
        return reswap(retarget(response, "#sheet"), "innerHTML")
    status = 451 if withdrawn else 410
    return render(request, "campaigns/share_ended.html", context, status=status)


def _recall(content, ambassador):
    return Recall.objects.of(ambassador).filter(content=content).first()


def _withdrawal(content):
    entries = Entry.objects.filter(verb="content.withdrawn", subject_id=str(content.pk))
    return entries.filter(subject_type=content._meta.label_lower).first()


@require_safe
@shareable
def share_panel(request, content):
    """The panel, as a page of its own, as a dialog over the feed, or as itself within either."""
    panel = panel_of(request.GET, content, request.ambassador)
    return render_panel(request, panel)


@require_safe
@shareable
def share_qr(request, content, kind):
    """The person's own link as a QR code, to print or to show."""
    if kind not in qr.KINDS:
        raise Http404
    # A link says nothing about anybody until it is clicked: it is made when first asked for.
    link = Link.objects.for_qr(content, request.ambassador)
    return qr.answer(link.url, said=link.said, name=f"qr-{content.pk}", kind=kind)


@require_POST
@shareable
def share_preview(request, content):
    """Another network, another wording, or a fresh count; what the person wrote stays."""
    return render_panel(request, panel_of(request.POST, content, request.ambassador))


def panel_of(data, content, ambassador):
    """The Panel that `data` asks for; from a reminder, as it was when that was asked for."""
    asked = PanelForm(data).asked()
    plan = _plan(asked.get("plan"), content, ambassador)
    panel = Panel(
        content=content,
        ambassador=ambassador,
        asked_network=asked.get("network") or (plan and plan.network),
        asked_language=asked.get("language") or (plan.language if plan else ""),
        asked_caption=asked.get("caption") or (plan and plan.caption_id),
        turn=asked.get("turn", 0),
        instance=asked.get("instance") or ambassador.instance,
    )
    panel.instance = panel.instance or panel.network.own_instance
    if "text" in data and not asked.get("use"):
        panel.words = _own_words(panel, asked.get("text", ""), asked.get("shown"))
    elif plan and plan.words and not asked.get("use"):
        panel.words = plan.words
    return panel


def _plan(pk, content, ambassador):
    mine = Plan.objects.filter(ambassador=ambassador, content=content)
    return mine.select_related("network").filter(pk=pk).first() if pk else None


def _own_words(panel, text, shown):
    """The text when the person changed it, None while it is still the wording they were shown."""
    begun = next((caption.text for caption in panel.captions if caption.pk == shown), "")
    return None if same_words(text, begun) else text


def render_panel(request, panel, status=200, **context):
    """The panel where it was asked for: as a page, as a dialog, or as itself within either."""
    context |= {"panel": panel, "content": panel.content, "share": panel.waiting}
    if request.htmx.target == "sheet":
        return render(request, "campaigns/_share_dialog.html", context, status=status)
    if request.htmx:
        response = render(request, "campaigns/_share_panel.html", context, status=status)
        return reswap(retarget(response, "#share-panel"), "outerHTML")
    return render(request, "campaigns/share_panel.html", context, status=status)


@require_POST
@shareable
def share_open(request, content):
    """Makes the person's link, and shows the way into the network's own composer."""
    panel = panel_of(request.POST, content, request.ambassador)
    if panel.network.needs_instance and not panel.instance:
        return render_panel(request, panel, status=422, instance_missing=True)
    try:
        share = open_share(
            content,
            by=request.ambassador,
            network=panel.network,
            language=panel.language,
            text=panel.text,
            caption=panel.caption,
        )
    except TooLong:
        return render_panel(request, panel, status=422, too_long=True)
    except Forbidden as refusal:
        return render_panel(request, panel, status=422, forbidden=refusal.reasons)
    if panel.network.needs_instance and panel.instance != request.ambassador.instance:
        request.ambassador.remember_instance(panel.instance)
    return _opened(request, panel, share)


def _opened(request, panel, share):
    network, link = panel.network, share.link
    context = {
        "share": share,
        "content": panel.content,
        "network": network,
        "composer": link.composer_url(panel.post, instance=panel.instance),
        "post": panel.post,
        "to_copy": full_text(network, panel.post, link.url) if network.copies_first else "",
        "just_opened": True,
    }
    if request.htmx:
        return render(request, "campaigns/_share_opened.html", context)
    return render(request, "campaigns/share_opened.html", context)


@require_POST
@ambassadors_only
def share_declare(request, pk):
    """The person says that it is live. Said twice, it is noted once."""
    share = _own_share(request, pk)
    is_first = not Share.objects.by(request.ambassador).declared().exists()
    share.declare(by=request.user)
    if share.link.content.status == Content.Status.WITHDRAWN:
        # Taken back between the composer and the answer: there is now a post to take down.
        Recall.objects.get_or_create(content=share.link.content, ambassador=request.ambassador)
    if is_first:
        said = _("You’re off! Your first share is noted. The clicks it brings will show here.")
    else:
        said = _("Thank you, it is noted. The clicks it brings will show under “My effect”.")
    return _answered(request, share, said if share.declared_at else _("That was answered before."))


@require_POST
@ambassadors_only
def share_dismiss(request, pk):
    """The person says “not this time”. Nothing is counted."""
    share = _own_share(request, pk)
    share.dismiss(by=request.user)
    said = _("That was answered before.") if share.declared_at else _("Fine. Nothing is counted.")
    return _answered(request, share, said)


def _own_share(request, pk):
    shares = Share.objects.by(request.ambassador).select_related("link__network", "link__content")
    return get_object_or_404(shares, pk=pk)


def _answered(request, share, said):
    if request.htmx:
        response = render(request, "campaigns/_share_answered.html", {"share": share, "said": said})
        # The feed behind the dialog listens, to show what was just posted.
        return trigger_client_event(response, "share-answered")
    messages.success(request, said)
    return redirect("campaigns:feed")
