"""One form for each step of the wizard, and one for the filters of the list."""

from django import forms
from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from activity.preferences import zone_name
from ambassadors.accounts.holders import who_may
from ambassadors.accounts.models import User
from ambassadors.accounts.roles import Role
from ambassadors.directory.models import Department, Location, Person
from campaigns.planning.kinds import LENGTH, PATTERNS, next_start
from campaigns.planning.models import Campaign
from campaigns.planning.selection import Selection, Who


class LocalDateTime(forms.DateTimeInput):
    """The browser's own picker, in the time zone the page says it is in."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


def web_first(field, **kwargs):
    """Django's own choice of form field; an address typed without its scheme is https."""
    if isinstance(field, models.URLField):
        kwargs["assume_scheme"] = "https"
    return field.formfield(**kwargs)


class PurposeForm(forms.ModelForm):
    """Step 1: why, for what result, and who answers for it."""

    class Meta:
        model = Campaign
        fields = (
            "kind",
            "name_fr",
            "name_en",
            "objective_fr",
            "objective_en",
            "indicator",
            "target",
            "owner",
            "approvers",
            "needs_all",
        )
        labels = {
            "owner": _("Owner"),
            "approvers": _("Who approves its content"),
            "needs_all": _("All of them have to agree"),
        }
        widgets = {
            "approvers": forms.CheckboxSelectMultiple,
            "objective_fr": forms.Textarea({"rows": 2}),
            "objective_en": forms.Textarea({"rows": 2}),
        }
        help_texts = {
            "objective_fr": _("One sentence: what will be different afterwards?"),
            "name_en": _("Without it, people who read English see the French name."),
            "indicator": _("The one figure this campaign is judged by."),
            "target": _("How many by the end."),
            "owner": _("Answers for the campaign, and hears how it goes."),
            "approvers": _("Nobody ticked: whoever may approve. Otherwise these people alone."),
            "needs_all": _("Otherwise the first of them to answer decides."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.active().with_role(Role.MANAGER, Role.ADMIN)
        people = people.order_by("last_name", "first_name")
        self.fields["owner"].queryset = people
        self.fields["approvers"].queryset = people.filter(
            pk__in=who_may("campaigns.approve_content")
        )

    def clean(self):
        data = super().clean()
        if data.get("needs_all") and not data.get("approvers"):
            self.add_error("needs_all", _("Tick first who has to agree."))
        return data

    @transaction.atomic
    def save(self, by):
        """Creates the campaign, or changes it where something differs. Raises WrongState."""
        campaign = self.instance
        if campaign.pk is None:
            self._complete(campaign, by)
            campaign.create(by)
        elif self.changed_data:
            campaign.change(by, self.changed_data)
        campaign.approvers.set(self.cleaned_data["approvers"])
        return campaign

    def _complete(self, campaign, by):
        campaign.time_zone = by.time_zone
        campaign.starts_at = next_start(campaign.zone)
        campaign.ends_at = campaign.starts_at + LENGTH
        for field, line in PATTERNS[campaign.kind].disclosures().items():
            setattr(campaign, field, line)


def department_choices():
    """Every department under its full name, so that two teams of one name can be told apart."""
    return Department.objects.by_full_name()


def tag_choices():
    tags = Person.objects.exclude(tags=[]).values_list("tags", flat=True)
    return [(tag, tag) for tag in sorted({tag for some in tags for tag in some})]


class Keys(forms.TypedMultipleChoiceField):
    """Ticked boxes, as a frozenset of primary keys."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(coerce=int, required=False, **kwargs)

    def clean(self, value):
        return frozenset(super().clean(value))


class Words(forms.MultipleChoiceField):
    """Ticked boxes, as a frozenset of strings."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        return frozenset(super().clean(value))


class People(forms.CharField):
    """E-mail addresses, one to a line, as a frozenset of the users' primary keys."""

    widget = forms.Textarea({"rows": 3})

    def clean(self, value):
        addresses = {User.objects.normalize_email(word) for word in super().clean(value).split()}
        found = dict(User.objects.filter(email__in=addresses).values_list("email", "pk"))
        if unknown := sorted(addresses - found.keys()):
            text = _("Nobody here has this address: %(addresses)s")
            raise forms.ValidationError(text, params={"addresses": ", ".join(unknown)})
        return frozenset(found.values())


class AudienceForm(forms.Form):
    """Step 2: who is asked. What is left empty means everybody."""

    who = forms.ChoiceField(
        # Translators: fr: Qui est sollicité
        label=_("Who is asked"),
        choices=Who,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Customers have no department, place or tag: these choose among employees."),
    )
    departments = Keys(label=_("Departments and teams"))
    locations = Keys(label=_("Places"))
    languages = Words(label=_("Languages"), choices=settings.LANGUAGE_CHOICES, required=False)
    tags = Words(label=_("Tags"), required=False)
    excluded_departments = Keys(label=_("Departments and teams to leave out"))
    excluded_people = People(
        label=_("People to leave out"),
        help_text=_("Their e-mail addresses, one to a line. They are not told."),
        required=False,
        max_length=20_000,
    )

    def __init__(self, *args, audience, user, **kwargs):
        """user: who plans, and so for whom they may."""
        self.audience, self.user = audience, user
        super().__init__(*args, initial=self._initial(audience), **kwargs)
        departments = department_choices()
        if user.is_limited:
            # What is chosen already stays to be seen, so that it can be taken out.
            offered = user.overseen_ids | audience.selection.departments
            departments = [choice for choice in departments if choice[0] in offered]
        if not user.has_perm("campaigns.ask_customers"):
            del self.fields["who"]
        self.fields["departments"].choices = departments
        self.fields["excluded_departments"].choices = departments
        self.fields["locations"].choices = [(p.pk, str(p)) for p in Location.objects.all()]
        self.fields["tags"].choices = tag_choices()
        self.fields["languages"].choices = settings.LANGUAGE_CHOICES

    def _initial(self, audience):
        selection = audience.selection
        addresses = audience.excluded_people.order_by("email").values_list("email", flat=True)
        return vars(selection) | {"excluded_people": "\n".join(addresses)}

    @property
    def selection(self):
        """What the boxes say, saved or not; call after is_valid()."""
        who = self.cleaned_data.get("who") or Who.EMPLOYEES
        return Selection(**self.cleaned_data | {"who": who})

    def clean(self):
        chosen = self.cleaned_data.get("departments", frozenset())
        if self.user.is_limited and not (chosen and chosen <= self.user.overseen_ids):
            self.add_error("departments", _("Choose among your departments, at least one."))

    def save(self, by):
        """Raises WrongState."""
        self.audience.choose(self.selection, by)
        return self.audience.campaign


def zone_choices(*own):
    """The time zones of the company's places, and whichever is in use."""
    zones = {*Location.objects.values_list("time_zone", flat=True), settings.TIME_ZONE, *own}
    return [(zone, zone_name(zone)) for zone in sorted(zones)]


class RhythmForm(forms.ModelForm):
    """Step 4: from when to when, and what every post opens with.

    Its times are read and shown in the campaign's time zone: see views.in_zone_of().
    """

    class Meta:
        model = Campaign
        formfield_callback = web_first
        fields = (
            "starts_at",
            "ends_at",
            "time_zone",
            "disclosure_fr",
            "disclosure_en",
            "fallback_url",
            "four_eyes",
        )
        widgets = {
            "starts_at": LocalDateTime(),
            "ends_at": LocalDateTime(),
            "time_zone": forms.Select(),
        }
        help_texts = {
            "starts_at": _("The mail leaves then, and the content appears in people’s feed."),
            "ends_at": _("From then on nothing of it is offered in the feed."),
            "disclosure_fr": _("The first line of every post, which nobody can take out."),
            "fallback_url": _("Where a link leads once what it led to is over."),
            "four_eyes": _("Whoever wrote something, or changed it last, cannot approve it."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget.choices = zone_choices(self.instance.time_zone)
        # A list has no length, though the column behind it has.
        del self.fields["time_zone"].widget.attrs["maxlength"]

    def clean(self):
        data = super().clean()
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("The end comes before the start."))
        return data

    def save(self, by):
        """Raises WrongState."""
        if self.changed_data:
            self.instance.change(by, self.changed_data)
        return self.instance


class NoteForm(forms.Form):
    """What must be changed, in words: asked for wherever something is sent back or withdrawn."""

    note = forms.CharField(
        label=_("What has to change"), widget=forms.Textarea({"rows": 3}), max_length=2000
    )


class CampaignFilter(forms.Form):
    """The list's address is its state: every view of it is a link."""

    TABS = {
        "": [state for state in Campaign.State if state != Campaign.State.ARCHIVED],
        "preparing": [Campaign.State.DRAFT, Campaign.State.IN_REVIEW, Campaign.State.APPROVED],
        "scheduled": [Campaign.State.SCHEDULED],
        "running": [Campaign.State.RUNNING, Campaign.State.PAUSED],
        "ended": [Campaign.State.ENDED],
        "archived": [Campaign.State.ARCHIVED],
    }

    state = forms.ChoiceField(choices=[(tab, tab) for tab in TABS], required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("All kinds")), *Campaign.Kind.choices], required=False
    )
    q = forms.CharField(label=_("Name"), max_length=100, required=False)

    def campaigns(self, everything):
        """`everything` narrowed down to what kind and text say; tabs come on top."""
        if kind := self.value("kind"):
            everything = everything.filter(kind=kind)
        if q := self.value("q"):
            everything = everything.named_like(q)
        return everything

    def value(self, name):
        """A filter that makes no sense is no filter."""
        return self.cleaned_data.get(name, "") if self.is_valid() or self.cleaned_data else ""
