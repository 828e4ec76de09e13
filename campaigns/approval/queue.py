"""The queue of what waits for a second pair of eyes, and the two answers to it."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ambassadors.accounts.policy import permission_required
from campaigns.approval.checks import checks_of, lengths_of
from campaigns.approval.differences import compare, place_of, since_last_review
from campaigns.approval.forms import DecisionForm
from campaigns.content.models import Caption, Content, NoteMissing, OwnApproval, Review, WrongState
from campaigns.planning.models import Campaign

LATE = timedelta(days=3)
DECIDED_SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A line of the queue: an item in review, or one changed text of an item that is live.

    may_decide: whether four eyes leave the decision to the person looking.
    """

    content: Content
    caption: Caption | None
    may_decide: bool
    is_own: bool

    @property
    def key(self):
        return f"caption-{self.caption.pk}" if self.caption else f"content-{self.content.pk}"

    @property
    def subject(self):
        return self.caption or self.content

    @property
    def since(self):
        return self.caption.changed_at if self.caption else self.content.submitted_at

    @property
    def version(self):
        """What an approval names, so that nothing is approved unread."""
        return self.since.isoformat()

    @property
    def writer(self):
        return self.caption.writer if self.caption else self.content.changed_by

    @property
    def is_late(self):
        return timezone.now() - self.since >= LATE

    @property
    def age(self):
        return age(timezone.now() - self.since)

    @property
    def approve_path(self):
        return reverse(f"campaigns:{self._kind}-approve", args=[self.subject.pk])

    @property
    def request_path(self):
        return reverse(f"campaigns:{self._kind}-request-changes", args=[self.subject.pk])

    @property
    def _kind(self):
        return "caption" if self.caption else "content"


def age(passed: timedelta) -> str:
    """How long somebody has been waiting, in one unit."""
    hours = int(passed.total_seconds() // 3600)
    if hours < 1:
        return _("under an hour")
    if hours < 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def queue_for(user) -> list[Waiting]:
    """All that waits, oldest first, whoever may decide on it."""
    contents = Content.objects.waiting().select_related("campaign", "author", "changed_by")
    captions = Caption.objects.waiting().select_related(
        "content__campaign", "content__author", "content__changed_by", "network", "writer"
    )
    lines = [_line(user, content, None) for content in contents.prefetch_related("captions")]
    lines += [_line(user, caption.content, caption) for caption in captions]
    return sorted(lines, key=lambda line: line.since)


def _line(user, content, caption):
    subject = caption or content
    return Waiting(
        content=content,
        caption=caption,
        may_decide=user.has_perm("campaigns.approve_content", subject),
        is_own=user.pk in subject.writer_ids,
    )


TABS = {
    "": lambda line: line.may_decide,
    "all": lambda line: True,
    "own": lambda line: line.is_own,
}


@require_GET
@permission_required("campaigns.approve_content")
def approval_queue(request):
    return _queue(request, request.GET.get("item"), DecisionForm())


def _queue(request, key, form, status=200):
    lines = queue_for(request.user)
    tab = request.GET.get("tab", "")
    shown = [line for line in lines if TABS.get(tab, TABS[""])(line)]
    # A link to one item opens it on whichever tab it is.
    current = next((line for line in lines if line.key == key), None) or next(iter(shown), None)
    context = {
        "tab": tab,
        "tabs": _tabs(lines),
        "lines": shown,
        "oldest": lines[0] if lines else None,
        "waiting": sum(line.may_decide for line in lines),
        "form": form,
        "decided": _decided() if tab == "decided" else None,
        "campaigns": Campaign.objects.waiting(),
        "drafts": Content.objects.filter(status=Content.Status.DRAFT).count(),
    } | _detail_of(current)
    return render(request, "campaigns/approval_queue.html", context, status=status)


def _tabs(lines):
    """(key, label, how many) of each."""
    labels = {"": _("For me"), "all": _("All"), "own": _("Written by me")}
    tabs = [(tab, name, sum(map(TABS[tab], lines))) for tab, name in labels.items()]
    return [*tabs, ("decided", _("Decided"), None)]


def _decided():
    reviews = Review.objects.select_related("content__campaign", "caption__network", "reviewer")
    return reviews[:DECIDED_SHOWN]


def _detail_of(line):
    """The right-hand side: only what has changed where something was decided on before."""
    if line is None:
        return {"line": None}
    context = {"line": line, "last_review": _last_review(line)}
    if line.caption:
        before, after = compare(line.caption.approved_text, line.caption.text)
        context |= {"before": before, "after": after, "place": place_of(line.caption)}
        return context | {"checks": lengths_of(line.caption)}
    captions = line.content.captions.select_related("network", "content__campaign")
    context |= {"captions": captions, "differences": since_last_review(line.content)}
    return context | {"checks": checks_of(line.content, captions)}


def _last_review(line):
    reviews = line.content.reviews.filter(caption=line.caption).select_related("reviewer")
    return reviews.filter(decision=Review.Decision.CHANGES_REQUESTED).first()


@require_POST
@permission_required("campaigns.approve_content")
def content_approve(request, pk):
    content = get_object_or_404(Content.objects.visible_to(request.user), pk=pk)
    return _decide(request, content, Content.approve, with_version=True)


@require_POST
@permission_required("campaigns.approve_content")
def content_request_changes(request, pk):
    content = get_object_or_404(Content.objects.visible_to(request.user), pk=pk)
    return _decide(request, content, Content.request_changes)


@require_POST
@permission_required("campaigns.approve_content")
def caption_approve(request, pk):
    caption = get_object_or_404(Caption.objects.visible_to(request.user), pk=pk)
    return _decide(request, caption, Caption.approve, with_version=True)


@require_POST
@permission_required("campaigns.approve_content")
def caption_request_changes(request, pk):
    caption = get_object_or_404(Caption.objects.visible_to(request.user), pk=pk)
    return _decide(request, caption, Caption.request_changes)


def _decide(request, subject, verb, *, with_version=False):
    """Does `verb`, or says why nothing was changed; then on to the next in the queue."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _queue(request, _key(subject), form, status=422)
    version = {"version": form.cleaned_data["version"]} if with_version else {}
    try:
        verb(subject, request.user, form.cleaned_data["note"], **version)
    except NoteMissing:
        form.add_error("note", _("Say what has to change: the author will see it."))
        return _queue(request, _key(subject), form, status=422)
    except OwnApproval:
        messages.warning(request, _("These are your words: somebody else approves them."))
    except WrongState:
        messages.warning(request, _why_not(subject))
    else:
        messages.success(request, _done(verb, subject))
    return redirect(reverse("campaigns:approval-queue") + "#decide-title")


def _key(subject):
    return f"{subject._meta.model_name}-{subject.pk}"


def _done(verb, subject):
    title = getattr(subject, "content", subject).title
    if verb in {Content.approve, Caption.approve}:
        return _("Approved: “%(title)s”.") % {"title": title}
    return _("Changes requested for “%(title)s”. The author has your note.") % {"title": title}


def _why_not(subject):
    """Nothing was changed; the latest decision usually says why."""
    subject.refresh_from_db()
    if subject.is_waiting:
        return _("Nothing was approved: it has changed since you opened it. Please read it again.")
    review = subject.reviews.select_related("reviewer").first()
    if review is None:
        return _("Nothing was changed: it no longer waits for a decision.")
    text = _("Nothing was changed: %(name)s has already decided (%(decision)s).")
    return text % {"name": review.reviewer, "decision": review.get_decision_display().lower()}
