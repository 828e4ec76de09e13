"""The page of a recall: what was taken back, what to do about it, and what one has done."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from activity.models import Entry
from ambassadors.enrolment.access import ambassadors_only
from campaigns.sharing.forms import RecallForm
from campaigns.sharing.models import Recall
from campaigns.sharing.recalls import places_of


@require_http_methods(["GET", "HEAD", "POST"])
@ambassadors_only
def recall_answer(request, pk):
    """The person's own recall of an item; nobody else's exists."""
    mine = Recall.objects.of(request.ambassador).select_related("content__campaign")
    recall = get_object_or_404(mine, content=pk)
    sent = request.POST if request.method == "POST" else None
    form = RecallForm(sent, initial={"answer": recall.answer})
    if form.is_valid():
        recall.reply(form.cleaned_data["answer"])
        messages.success(request, _("Thank you, it is noted. Nothing more is asked of you."))
        return redirect("campaigns:recall-answer", pk)
    context = {
        "recall": recall,
        "content": recall.content,
        "entry": _withdrawal(recall.content),
        "places": places_of(recall),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "campaigns/recall_answer.html", context, status=status)


def _withdrawal(content):
    entries = Entry.objects.filter(verb="content.withdrawn", subject_id=str(content.pk))
    return entries.filter(subject_type=content._meta.label_lower).first()
