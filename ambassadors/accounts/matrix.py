"""The policy in plain words: a sentence for each permission, and its answer to each standing.

The answers are asked of POLICY itself. A permission without a sentence fails a test.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.policy import POLICY, Answer, Bound, Standing

SENTENCES: dict[Any, dict[str, Any]] = {
    _("Taking part"): {
        "ambassadors.join_programme": _("Join the programme, and leave it"),
        "campaigns.share_content": _("Share what is offered to them"),
        "campaigns.propose_content": _("Propose an item"),
        "ambassadors.see_matrix": _("Read this page"),
    },
    _("People"): {
        "ambassadors.see_people": _("See the list of employees, and who takes part"),
        "ambassadors.see_departments": _("See the departments"),
        "ambassadors.change_departments": _("Add, rename, move and merge departments"),
        "ambassadors.invite_people": _("Invite employees"),
        "ambassadors.import_people": _("Import people from a file"),
        "ambassadors.see_every_import": _("See the imports of others"),
        # Translators: fr: Régler l’import quotidien
        "ambassadors.schedule_import": _("Set up the daily import"),
        "ambassadors.invite_customers": _("Invite customers, and see who takes part"),
        "ambassadors.answer_sign_ups": _("Answer requests to come in"),
        "ambassadors.open_the_door": _("Make a sign-up link that asks nobody for a yes"),
    },
    _("Campaigns and content"): {
        "campaigns.see_campaigns": _("See the desk and campaigns"),
        "campaigns.run_campaign": _("Plan, launch, pause and end campaigns"),
        "campaigns.ask_customers": _("Ask customers in a campaign"),
        "campaigns.approve_campaign": _("Approve a campaign"),
        "campaigns.change_goals": _("Set what counts on one’s site as a result"),
        "campaigns.see_library": _("See the library"),
        "campaigns.export_library": _("Download the library as a file"),
        "campaigns.write_content": _("Write items and texts"),
        "campaigns.submit_content": _("Submit an item for approval"),
        "campaigns.approve_content": _("Approve items and texts"),
        "campaigns.decide_overdue": _("Decide on what is overdue without the others named"),
        "campaigns.withdraw_content": _("Withdraw an item"),
        "campaigns.give_addresses": _("Give short addresses to items"),
        "campaigns.answer_proposals": _("Answer proposals, and what sources bring"),
        "campaigns.change_sources": _("Choose the feeds items come from"),
        "campaigns.change_phrases": _("Choose words to avoid"),
        "ambassadors.change_topics": _("Change the list of topics"),
    },
    _("Figures"): {
        "campaigns.see_reach": _("See reports: totals of five people or more, never one person"),
        "campaigns.export_reach": _("Download reports"),
        "campaigns.see_given_figures": _("See the figures of who lets them, and of nobody else"),
        "campaigns.see_whole_reach": _("See the whole company together, and keep and mail reports"),
        "campaigns.change_reach_view": _("Change a saved report"),
        "campaigns.change_reach_settings": _("Say what a click costs"),
        "campaigns.change_board": _("Turn the list of participants on or off"),
    },
    _("Administration"): {
        "ambassadors.change_role": _("Give and take roles"),
        "ambassadors.deactivate_user": _("Close an account"),
        "ambassadors.write_charter": _("Write and publish the charter, and see who accepted it"),
        "ambassadors.see_audit_trail": _("Read the audit trail"),
        "ambassadors.see_privacy": _("See how long data is kept"),
        "ambassadors.run_erasures": _("Run an erasure that is due"),
        "ambassadors.change_sign_on": _("Set up single sign-on"),
        "ambassadors.log_in_locally": _("Log in without it on the day it is down"),
        "ambassadors.run_provisioning": _("Set up provisioning"),
        # Translators: fr: Relier Slack, Teams et d’autres systèmes
        "ambassadors.run_channels": _("Connect Slack, Teams and other systems"),
        "ambassadors.issue_tokens": _("Make tokens for other systems"),
        "campaigns.change_networks": _("Choose the networks"),
        "activity.run_sending": _("See what did not arrive, send it again, and pause all sending"),
        "ambassadors.see_settings": _("See all that can be set, and where"),
        "ambassadors.choose_rights": _("Choose by which right personal data is held"),
        "ambassadors.see_styleguide": _("See the style guide"),
    },
}


@dataclass(frozen=True)
class Cell:
    standing: Standing
    answer: Answer

    @property
    def is_yes(self) -> bool:
        return self.answer is not None

    @property
    def bounds(self) -> list[str]:
        """What narrows the yes, in words."""
        return [bound.label for bound in Bound if self.answer and bound in self.answer]


@dataclass(frozen=True)
class Line:
    perm: str
    sentence: Any

    @property
    def cells(self) -> list[Cell]:
        return [Cell(each, POLICY[self.perm].says(each)) for each in Standing]


def table() -> list[tuple[Any, list[Line]]]:
    """Each group of permissions with its lines."""
    return [
        (group, [Line(perm, sentence) for perm, sentence in lines.items()])
        for group, lines in SENTENCES.items()
    ]


@dataclass(frozen=True)
class Promise:
    """Something about an employee, and whether those who run the programme see it."""

    what: Any
    is_seen: bool
    by: Any


def promises() -> list[Promise]:
    """“What can HR see about me?”, the short answers."""
    hr = _("HR managers, of their departments")
    admins, nobody = _("administrators"), _("nobody but you")
    return [
        Promise(_("Your name, address, department and place, as in the directory"), True, hr),
        Promise(_("Whether you take part, or have not answered yet"), True, hr),
        Promise(_("That you said no, or left: it looks like no answer"), False, nobody),
        Promise(_("Your shares, your clicks, what you skipped"), False, nobody),
        Promise(_("Totals of groups of five people or more"), True, hr),
        Promise(_("What you propose, and the words you send with it"), True, hr),
        Promise(_("Which charter you accepted, and when"), True, admins),
        Promise(_("What you chose to say about the size of your audience"), False, nobody),
    ]
