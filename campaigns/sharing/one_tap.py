"""One tap from a mail to the share panel, without a password, and to nothing else.

The link names one person, one item and the message it stands in, signed, for thirty days. It logs
nobody in: there is no session, and no other page takes it. Opening it changes nothing, because mail
scanners open every link; what it may do, share that item and say what became of that, is posted.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activity.models import Notification
from activity.rendering import in_the_words_of
from ambassadors.enrolment.models import Ambassador, Charter
from campaigns.content.models import Content, Forbidden
from campaigns.networks.composer import full_text
from campaigns.sharing.actions import TooLong, open_share
from campaigns.sharing.forms import PanelForm
from campaigns.sharing.models import Share
from campaigns.sharing.panel import Panel

# Of this purpose only: a token of any other salt is no token here, nor this one elsewhere.
SALT = "porte-voix.one-tap"
LIFE = timedelta(days=30)


class Over(Exception):
    """It was good once: the month is over, the item is, or the person may not share any more."""


@dataclass(frozen=True)
class Tap:
    """What a link is about."""

    ambassador: Ambassador
    content: Content
    message: str


def url_for(person: int, content: int, message: object) -> str:
    """The link to write to `person` about `content`; both primary keys, as that of the message."""
    token = signing.dumps([person, content, str(message)], salt=SALT)
    return settings.BASE_URL + reverse("campaigns:share-one-tap", args=[token])


def read(token: str) -> Tap:
    """Raises Http404 for what is not ours, Over for what is not good any more."""
    try:
        person, content, message = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.SignatureExpired:
        raise Over from None
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    active = Ambassador.objects.active().select_related("user__person")
    ambassador = active.filter(pk=person).first()
    if ambassador is None or not _has_agreed(ambassador):
        raise Over
    found = Content.objects.select_related("campaign").shareable_by(ambassador.user)
    content = found.filter(pk=content).first()
    if content is None:
        raise Over
    return Tap(ambassador, content, message)


def _has_agreed(ambassador):
    charter = Charter.objects.current_for(ambassador.user)
    return charter is None or ambassador.has_accepted(charter)


# No login, and no session either: the link is the key, to this one thing. A form's token is asked
# for all the same.
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_one_tap(request, token):
    """The panel of one item for one person; posting opens their share, or answers for it."""
    try:
        tap = read(token)
    except Over:
        return _kept_to_itself(render(request, "campaigns/share_one_tap_over.html", status=410))
    if request.user.is_authenticated:
        return _as_logged_in(request, tap)
    with in_the_words_of(tap.ambassador.user):
        if request.method == "POST":
            mark_answered(tap)
            return _kept_to_itself(_act(request, tap))
        return _kept_to_itself(_panel(request, tap, _panel_of(request.GET, tap)))


def _as_logged_in(request, tap):
    """Whoever is logged in goes to their own panel, as themselves; the link gives them nothing."""
    if request.user.pk == tap.ambassador.pk:
        mark_answered(tap)
    return redirect("campaigns:share-panel", tap.content.pk)


def mark_answered(tap: Tap) -> None:
    """The person has used the message: it was not written in vain."""
    mine = Notification.objects.filter(recipient=tap.ambassador.pk, pk=tap.message)
    mine.mark_read()


def _act(request, tap):
    share = _waiting(tap)
    if share and request.POST.get("answer") == "posted":
        share.declare(by=tap.ambassador.user)
        return _said(request, tap, posted=True)
    if share and request.POST.get("answer") == "not":
        share.dismiss(by=tap.ambassador.user)
        return _said(request, tap, posted=False)
    return _open(request, tap)


def _open(request, tap):
    panel = _panel_of(request.POST, tap)
    if "go" not in request.POST:
        return _panel(request, tap, panel)
    if panel.network.needs_instance and not panel.instance:
        return _panel(request, tap, panel, status=422, instance_missing=True)
    try:
        share = open_share(
            tap.content,
            by=tap.ambassador,
            network=panel.network,
            language=panel.language,
            text=panel.text,
            caption=panel.caption,
        )
    except TooLong:
        return _panel(request, tap, panel, status=422, too_long=True)
    except Forbidden as refusal:
        return _panel(request, tap, panel, status=422, forbidden=refusal.reasons)
    link, network = share.link, panel.network
    copied = full_text(network, panel.post, link.url) if network.copies_first else ""
    context = {
        "content": tap.content,
        "network": network,
        "composer": link.composer_url(panel.post, instance=panel.instance),
        "to_copy": copied,
        "share": share,
    }
    return render(request, "campaigns/share_one_tap_opened.html", context)


def _panel_of(data, tap):
    asked = PanelForm(data).asked()
    panel = Panel(
        content=tap.content,
        ambassador=tap.ambassador,
        asked_network=asked.get("network"),
        asked_language=asked.get("language") or "",
        asked_caption=asked.get("caption"),
        instance=asked.get("instance") or tap.ambassador.instance,
    )
    if "text" in data and not asked.get("use"):
        panel.words = asked.get("text", "")
    return panel


def _panel(request, tap, panel, status=200, **context):
    context |= {"panel": panel, "content": tap.content, "share": _waiting(tap)}
    return render(request, "campaigns/share_one_tap.html", context, status=status)


def _said(request, tap, *, posted):
    context = {"content": tap.content, "posted": posted}
    return render(request, "campaigns/share_one_tap_said.html", context)


def _waiting(tap):
    mine = Share.objects.by(tap.ambassador).unanswered().filter(link__content=tap.content)
    return mine.select_related("link__network", "link__content").first()


def _kept_to_itself(response):
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
