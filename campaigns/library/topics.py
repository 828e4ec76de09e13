"""The subjects items are about and people follow: one page to see, add, rename and order them."""

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ambassadors.accounts.policy import permission_required
from ambassadors.enrolment.models import Topic, TopicInUse

UP, DOWN = -1, 1


class TopicForm(forms.ModelForm):
    class Meta:
        model = Topic
        fields = ("name", "name_en")
        labels = {"name": gettext_lazy("Name in French")}
        help_texts = {"name_en": gettext_lazy("Without one, the French name is shown.")}

    def clean_name(self):
        name = self.cleaned_data["name"]
        if Topic.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a topic of this name already."))
        return name


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.change_topics")
def topic_list(request):
    """All of them; posting here adds one."""
    form = TopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.add(by=request.user)
        messages.success(request, _("“%(topic)s” can be put on items now.") % _named(form))
        return redirect("campaigns:topic-list")
    status = 422 if form.errors else 200
    context = {"form": form, "topics": _with_figures()}
    return render(request, "campaigns/topic_list.html", context, status=status)


def _named(form):
    return {"topic": form.instance}


def _with_figures():
    """Each with how many items are about it: `items`. Who follows it is told of nobody."""
    return Topic.objects.annotate(items=Count("contents", distinct=True))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.change_topics")
def topic_edit(request, pk):
    topic = get_object_or_404(Topic, pk=pk)
    form = TopicForm(request.POST or None, instance=topic)
    if request.method == "POST" and form.is_valid():
        form.instance.rename(by=request.user)
        messages.success(request, _("Saved."))
        return redirect("campaigns:topic-list")
    status = 422 if form.errors else 200
    context = {"form": form, "topic": get_object_or_404(_with_figures(), pk=pk)}
    return render(request, "campaigns/topic_edit.html", context, status=status)


@require_POST
@permission_required("ambassadors.change_topics")
def topic_remove(request, pk):
    topic = get_object_or_404(Topic, pk=pk)
    try:
        topic.remove(by=request.user)
    except TopicInUse:
        refusal = _("“%(topic)s” stays: items are about it. Take it from them first.")
        messages.warning(request, refusal % {"topic": topic})
    else:
        messages.success(request, _("“%(topic)s” is removed.") % {"topic": topic})
    return redirect("campaigns:topic-list")


def mover(by_places):
    """The view that moves a topic by so many places."""

    @require_POST
    @permission_required("ambassadors.change_topics")
    def topic_move(request, pk):
        get_object_or_404(Topic, pk=pk).move(by_places, by=request.user)
        return redirect("campaigns:topic-list")

    return topic_move


topic_up, topic_down = mover(UP), mover(DOWN)
