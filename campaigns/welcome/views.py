"""The four short steps of joining. Each saves; only the first is asked of everyone.

Afterwards the same pages are where one changes one's mind: no steps, no "Later".
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ambassadors.enrolment.forms import CharterForm
from ambassadors.enrolment.models import Ambassador, Charter
from campaigns.content.models import Content
from campaigns.sharing.suggestions import suggestions_for
from campaigns.welcome.forms import NetworksForm, TopicsForm

Step = Ambassador.Step


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_step(request, step):
    if step not in Step.values:
        raise Http404
    ambassador = Ambassador.objects.enrolled().filter(user=request.user).first()
    if ambassador is None:
        return redirect("ambassadors:programme-join")
    ambassador.user = request.user
    request.is_joining = bool(ambassador.next_step)
    if ambassador.state == Ambassador.State.JOINING and step != Step.CHARTER:
        return redirect("campaigns:welcome-step", Step.CHARTER)
    if request.method == "POST" and "later" in request.POST and step != Step.CHARTER:
        ambassador.skip(step)
        return _go_on(request, step)
    return STEPS[step](request, ambassador)


def _sent(request):
    """What was sent, which may be empty: nothing ticked is an answer too."""
    return request.POST if request.method == "POST" else None


def _charter(request, ambassador):
    charter = Charter.objects.current_for(request.user)
    if charter is None or ambassador.has_accepted(charter):
        return _already_agreed(request, ambassador, charter)
    form = CharterForm(_sent(request), charter=charter)
    if form.is_valid():
        ambassador.accept(charter, language=get_language())
        return _go_on(request, Step.CHARTER)
    if form.is_bound and form.data.get("version") != str(charter.version):
        messages.warning(request, _("The charter has just changed. Please read it again."))
        form = CharterForm(charter=charter)
    return _page(request, Step.CHARTER, form=form, charter=charter)


def _already_agreed(request, ambassador, charter):
    if request.method == "POST" or ambassador.state == Ambassador.State.JOINING:
        return _go_on(request, Step.CHARTER)
    return _page(request, Step.CHARTER, charter=charter)


def _topics(request, ambassador):
    form = TopicsForm(_sent(request), ambassador=ambassador)
    if form.is_valid():
        ambassador.follow(form.cleaned_data["topics"])
        return _go_on(request, Step.TOPICS)
    return _page(request, Step.TOPICS, form=form)


def _networks(request, ambassador):
    form = NetworksForm(_sent(request), ambassador=ambassador)
    if form.is_valid():
        form.save(ambassador)
        return _go_on(request, Step.NETWORKS)
    return _page(request, Step.NETWORKS, form=form)


def _first_share(request, ambassador):
    """What does not expire first: it is what anybody can stand behind on their first day."""
    mine = Content.objects.shareable_by(request.user)
    now = timezone.localtime()
    lasting = suggestions_for(ambassador, now=now, among=mine.filter(expires_at=None))
    others = suggestions_for(ambassador, now=now, among=mine.exclude(expires_at=None))
    contents = [*lasting, *others][:3]
    return _page(request, Step.FIRST_SHARE, contents=contents, lasts=contents == lasting)


STEPS = {
    Step.CHARTER: _charter,
    Step.TOPICS: _topics,
    Step.NETWORKS: _networks,
    Step.FIRST_SHARE: _first_share,
}


def _page(request, step, **context):
    number = Step.values.index(step) + 1
    steps = [
        {"key": key, "label": label, "done": n < number, "current": n == number}
        for n, (key, label) in enumerate(Step.choices, 1)
    ]
    context |= {"step": step, "number": number, "steps": steps, "of": len(steps)}
    context["is_joining"] = request.is_joining
    form = context.get("form")
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "campaigns/welcome_step.html", context, status=status)


def _go_on(request, step):
    following = Step.values.index(step) + 1
    if not request.is_joining:
        messages.success(request, _("Saved."))
    if not request.is_joining or following == len(Step.values):
        return redirect("campaigns:feed")
    return redirect("campaigns:welcome-step", Step.values[following])
