"""What each figure means, in one place: for the page of definitions, the report and its files."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.reach.tables import CERTAINTIES, Certainty


@dataclass(frozen=True)
class Definition:
    """key: its anchor. text: what is counted. trap: what it is not."""

    key: str
    term: Any
    certainty: Certainty
    text: Any
    trap: Any = ""

    @property
    def badge(self) -> Any:
        return CERTAINTIES[self.certainty]


DEFINITIONS = {
    each.key: each
    for each in [
        Definition(
            "invited",
            _("People invited"),
            Certainty.PEOPLE,
            _(
                "Everybody who was ever asked to take part, whatever they answered, as counted on"
                " the last day of the period."
            ),
            _("Nobody is told who said no: those who have not answered are in it too."),
        ),
        Definition(
            "enrolled",
            _("People enrolled"),
            Certainty.PEOPLE,
            _("Who had said yes and had not left, as counted on the last day of the period."),
            _("Not today’s number: last year’s adoption stays what it was."),
        ),
        Definition(
            "active",
            _("Active people"),
            Certainty.PEOPLE,
            _("Enrolled people with at least one declared share in the days in question."),
            _("A person counts once, however much they share."),
        ),
        Definition(
            "rate",
            _("Part that is active"),
            Certainty.PEOPLE,
            _("Active people divided by people enrolled at the end of the period."),
            _("Both numbers stand beside it: a part of a small group moves a lot."),
        ),
        Definition(
            "shares",
            _("Declared shares"),
            Certainty.DECLARED,
            _("The person pressed “Yes, it’s live”."),
            _(
                "Nobody checks the networks. A window that was opened without an answer is not in"
                " it."
            ),
        ),
        Definition(
            "seen",
            _("Shares that were seen"),
            Certainty.MEASURED,
            _("Declared shares whose link at least one person has clicked."),
            _("A post without a click may have been read all the same."),
        ),
        Definition(
            "visits",
            _("Visits"),
            Certainty.MEASURED,
            _(
                "Clicks by people on tracked links. Robots, link previews, mail scanners, pages"
                " loaded in advance, the ambassador’s own clicks and repeats are set aside."
            ),
            _("Not different people: somebody may come back."),
        ),
        Definition(
            "daily-uniques",
            _("Daily unique visitors"),
            Certainty.MEASURED,
            _("Visits that were the first of their day on their link."),
            _(
                "Added up over days or links it is not a number of people. A shared connection"
                " counts too few, a changing one too many."
            ),
        ),
        Definition(
            "set-aside",
            _("Clicks set aside"),
            Certainty.MEASURED,
            _("Answered like any other, and counted apart, each with the reason."),
            _("Some robots look like people: what is left may hold a few."),
        ),
        Definition(
            "per-share",
            _("Visits per share"),
            Certainty.MEASURED,
            _(
                "Visits on ambassadors’ own links divided by declared shares of the same days."
                " Visits of the programme’s short addresses are left out of it."
            ),
            _("An older post may still bring visits: over a few days the two do not match."),
        ),
        Definition(
            "conversions",
            _("Conversions"),
            Certainty.MEASURED,
            _(
                "What a campaign’s own site reported as done after a visit: an application, a"
                " sign-up. It counts within the campaign’s window (7 days, 30 for recruiting,"
                " unless it says otherwise), once for each visitor, for the first visit of that"
                " day: first touch."
            ),
            _(
                "Fewer than there were: who asks not to be followed, or comes back another day by"
                " themselves, is not in it."
            ),
        ),
        Definition(
            "potential-reach",
            _("Potential reach"),
            Certainty.ESTIMATED,
            _(
                "From: the low ends of the ranges of audience given by active people, added up."
                " To: the high ends, where “over 1,000” counts 1,000. Rounded to two figures."
            ),
            _(
                "An order of magnitude, not a number of views. Audiences overlap and are counted"
                " several times; who gave no range counts for nothing."
            ),
        ),
        Definition(
            "wording",
            _("Text used most"),
            Certainty.DECLARED,
            _("The part of an item’s declared shares that carry one suggested text unchanged."),
            _("Above one in ten, posts begin to look alike."),
        ),
        Definition(
            "cost-comparison",
            _("Cost comparison, not value"),
            Certainty.ESTIMATED,
            _(
                "Visits multiplied by the cost per click your organisation has typed in. Off"
                " unless an administrator turns it on."
            ),
            _("What as many bought clicks might have cost. Nobody has earned or saved it."),
        ),
        Definition(
            "customers",
            _("Customers"),
            Certainty.PEOPLE,
            _(
                "Ambassadors who are customers and do not work for you. Every total counts them;"
                " the whole report also tells them beside all others."
            ),
            _(
                "Shares and visits go by who is a customer today: those of somebody hired or"
                " erased since stand with the others."
            ),
        ),
        Definition(
            "hidden",
            _("Hidden"),
            Certainty.PEOPLE,
            _(
                "A group of fewer people than the minimum, or one that would give such a group"
                " away by subtraction."
            ),
            _("Hidden in every view, file, mail and frozen report."),
        ),
    ]
}
# Which of them each question needs.
OF_QUESTION = {
    "three": ["visits", "daily-uniques", "set-aside", "shares", "seen", "potential-reach"],
    "alive": ["active", "enrolled", "rate"],
    "brings": ["invited", "enrolled", "active", "shares", "visits", "per-share", "conversions"],
    "where": ["visits", "shares", "rate", "customers", "hidden"],
    "what": ["shares", "visits", "per-share", "wording"],
}


def definitions_of(question: str) -> list[Definition]:
    return [DEFINITIONS[key] for key in OF_QUESTION[question]]
