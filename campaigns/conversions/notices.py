"""What follows a change of goals, and a person's own wish among the preferences."""

from django import forms
from django.utils.translation import gettext_lazy as _

from activity.hearing import when
from activity.models import Entry
from activity.preferences import Section, add_section
from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content

# Makes its address known to the edge, and follows what is judged otherwise.
from campaigns.conversions import landing, revising  # noqa: F401
from campaigns.conversions.models import Credit
from campaigns.tracking.cache import forget


@when("goal.created", "goal.ended")
def links_carry_otherwise(entry: Entry) -> None:
    contents = Content.objects.filter(campaign=entry.data["campaign"])
    forget(*contents.values_list("pk", flat=True))


@when("ambassador.left")
def nobody_left_is_credited(entry: Entry) -> None:
    for ambassador in Ambassador.objects.filter(pk=int(entry.subject_id)):
        Credit.withdraw(ambassador)


@add_section
class CreditForm(Section):
    """Whether one is shown what came of one's shares. Off until somebody says so."""

    title = _("What came of your shares")
    note = _(
        "Only numbers, only for you, and only from five on: nobody can tell who applied or signed"
        " up. Without your yes, nothing ties a result to you."
    )

    credit = forms.BooleanField(
        # Translators: fr: Me montrer ce que mes partages ont donné
        label=_("Show me what came of my shares"),
        required=False,
        help_text=_("Applications, sign-ups and the like. If you say no again, the tie is erased."),
    )

    @classmethod
    def for_person(cls, person, data=None):
        ambassador = Ambassador.objects.enrolled().filter(user=person).first()
        if ambassador is None:
            return None
        asked = Credit.objects.filter(ambassador=ambassador).exists()
        form = cls(data, initial={"credit": asked})
        form.ambassador = ambassador
        return form

    def save(self):
        if "credit" not in self.changed_data:
            return
        if self.cleaned_data["credit"]:
            Credit.ask(self.ambassador)
        else:
            Credit.withdraw(self.ambassador)
