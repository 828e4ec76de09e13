"""An item that comes first in the feed, until a day; a few at once, or none of them is first."""

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from activity.log import record
from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content, WrongState
from campaigns.planning.models import Campaign

AT_ONCE = 5


class TooManyFeatured(Exception):
    """Five items of the campaign come first already."""


@transaction.atomic
def feature(content: Content, *, by, until: datetime) -> None:
    """Puts `content` first in the feed until then; said again, until the new day.

    Raises WrongState for what is not live or has ended by then, TooManyFeatured from the sixth on.
    """
    # Locked, or two managers at once would both find the fifth place free.
    Campaign.objects.select_for_update().get(pk=content.campaign_id)
    now = timezone.now()
    others = Content.objects.filter(campaign=content.campaign_id).exclude(pk=content.pk)
    live = [Content.Status.APPROVED, Content.Status.PUBLISHED]
    if others.featured(now).filter(status__in=live).count() >= AT_ONCE:
        raise TooManyFeatured
    here = Content.objects.filter(pk=content.pk, status__in=live).exclude(expires_at__lte=now)
    if until <= now or not here.update(featured_until=until):
        raise WrongState(f"content {content.pk} cannot be featured until {until}")
    content.featured_until = until
    record("content.featured", subject=content, actor=by, until=until.isoformat())


@transaction.atomic
def unfeature(content: Content, *, by) -> None:
    """Back among the others. Twice is once."""
    featured = Content.objects.filter(pk=content.pk, featured_until__isnull=False)
    if featured.update(featured_until=None):
        content.featured_until = None
        record("content.unfeatured", subject=content, actor=by)


class FeatureForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("First in the feed until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_until(self):
        """The end of that day, by the clock of whoever says it."""
        day = self.cleaned_data["until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("That day is over: choose a later one."))
        return timezone.make_aware(datetime.combine(day, time.max.replace(microsecond=0)))


@require_POST
@permission_required("campaigns.write_content")
def content_feature(request, pk):
    content = _content(request, pk)
    form = FeatureForm(request.POST)
    if not form.is_valid():
        messages.warning(request, " ".join(form.errors.get("until", [])))
        return redirect(content)
    try:
        feature(content, by=request.user, until=form.cleaned_data["until"])
    except TooManyFeatured:
        text = _("Five items of this campaign come first already: take one of them back before.")
        messages.warning(request, text)
    except WrongState:
        messages.warning(request, _("Only what can be shared now comes first in the feed."))
    else:
        day = date_format(timezone.localtime(content.featured_until), "DATE_FORMAT")
        messages.success(request, _("First in the feed until %(day)s.") % {"day": day})
    return redirect(content)


@require_POST
@permission_required("campaigns.write_content")
def content_unfeature(request, pk):
    content = _content(request, pk)
    unfeature(content, by=request.user)
    messages.success(request, _("It is back among the others."))
    return redirect(content)


def _content(request, pk):
    return get_object_or_404(Content.objects.visible_to(request.user), pk=pk)
