"""The charter as an administrator keeps it: its versions, the next one, and who accepted which."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from activity.log import record
from activity.spreadsheet import Sheet, csv_response
from ambassadors.accounts.looks import Look, note_look
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.roles import Belonging
from ambassadors.accounts.stepup import fresh_login_required
from ambassadors.enrolment.models import (
    Ambassador,
    Charter,
    Consent,
    IncompleteCharter,
    Published,
)

PAGE = 50
MARKS = gettext_lazy("A line beginning with ## is a heading; 1. a rule; - a point.")


class CharterTextForm(forms.ModelForm):
    class Meta:
        model = Charter
        fields = Charter.WORDS
        widgets = {
            "text_fr": forms.Textarea({"rows": 18, "lang": "fr"}),
            "text_en": forms.Textarea({"rows": 18, "lang": "en"}),
            "working_time_fr": forms.Textarea({"rows": 2, "lang": "fr"}),
            "working_time_en": forms.Textarea({"rows": 2, "lang": "en"}),
        }
        help_texts = {"text_fr": MARKS, "text_en": MARKS}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.belonging == Belonging.CUSTOMER:
            del self.fields["working_time_fr"], self.fields["working_time_en"]

    @property
    def words(self):
        return dict.fromkeys(Charter.WORDS, "") | self.cleaned_data


def _accepted():
    """By charter: how many people's agreement to it counts today."""
    standing = Consent.objects.standing().filter(purpose=Consent.Purpose.PARTICIPATION)
    return dict(standing.order_by().values_list("charter").annotate(Count("pk")))


@require_GET
@permission_required("ambassadors.write_charter")
def charter_list(request):
    accepted, enrolled = _accepted(), Ambassador.objects.enrolled()
    kinds = []
    for belonging in Belonging:
        versions = list(Charter.objects.meant_for(belonging))
        for charter in versions:
            charter.accepted = accepted.get(charter.pk, 0)
        current = next((each for each in versions if each.published_at), None)
        members = enrolled.filter(user__belonging=belonging, user__is_active=True).count()
        kinds.append((belonging, versions, current, members))
    return render(request, "ambassadors/charter_list.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.write_charter")
def charter_write(request, belonging):
    """The next version: kept as a draft until it is published, and then never changed again."""
    if belonging not in Belonging.values:
        raise Http404
    if request.method != "POST":
        return _write(request, _draft_or_last(belonging), None)
    draft = Charter.draft(belonging, by=request.user)
    form = CharterTextForm(request.POST, instance=draft)
    if not form.is_valid():
        return _write(request, draft, form, status=422)
    return _keep(request, draft, form)


def _draft_or_last(belonging):
    """What there is to start from: reading the page writes nothing."""
    last = Charter.objects.meant_for(belonging).order_by("-version").first()
    return last or Charter(belonging=belonging, version=0)


def _keep(request, draft, form):
    try:
        draft.write(request.user, **form.words)
        if request.POST.get("action") != "publish":
            messages.success(request, _("Saved as a draft."))
            return redirect("ambassadors:charter-write", draft.belonging)
        draft.publish(request.user)
    except IncompleteCharter:
        form.add_error(None, _("Every text is needed in French and in English to publish it."))
        return _write(request, draft, form, status=422)
    except Published:
        messages.warning(request, _("Nothing was changed: somebody has just published it."))
    else:
        said = _("Published as version %(n)s. Everybody is asked at their next visit.")
        messages.success(request, said % {"n": draft.version})
    return redirect("ambassadors:charter-list")


def _write(request, charter, form, status=200):
    form = form or CharterTextForm(instance=charter)
    context = {
        "form": form,
        "charter": charter,
        "version": charter.version + 1 if charter.published_at else max(charter.version, 1),
        "for_whom": Belonging(charter.belonging),
    }
    return render(request, "ambassadors/charter_write.html", context, status=status)


def _acceptances(charter):
    """Every yes and every end of one, newest first."""
    said = Consent.objects.filter(charter=charter, purpose=Consent.Purpose.PARTICIPATION)
    return said.select_related("user")


@require_GET
@permission_required("ambassadors.write_charter")
def charter_acceptances(request, pk):
    """Who accepted this version, when and in which language."""
    charter = get_object_or_404(Charter.objects.published(), pk=pk)
    page = Paginator(_acceptances(charter), PAGE).get_page(request.GET.get("page"))
    note_look(request.user, [each.user_id for each in page], Look.What.PEOPLE)
    context = {"charter": charter, "page": page}
    return render(request, "ambassadors/charter_acceptances.html", context)


@require_GET
@permission_required("ambassadors.write_charter")
@fresh_login_required
def charter_export(request, pk):
    charter = get_object_or_404(Charter.objects.published(), pk=pk)
    record("charter.exported", subject=charter, actor=request.user, version=charter.version)
    people = _acceptances(charter).values_list("user", flat=True).distinct()
    note_look(request.user, people.order_by(), Look.What.EXPORT)
    header = [
        _("Name"),
        _("E-mail address"),
        _("Answer"),
        _("On"),
        _("Language"),
        _("Version"),
        _("Fingerprint of the text"),
    ]
    lines = (
        [
            str(each.user),
            each.user.email,
            _("Accepted") if each.given else _("Taken back"),
            each.at,
            each.language,
            charter.version,
            each.fingerprint,
        ]
        for each in _acceptances(charter).iterator()
    )
    return csv_response(Sheet(_("Charter"), header, lines), f"charter-v{charter.version}")
