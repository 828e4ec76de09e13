"""Every page where the programme is set up, in plain groups."""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ambassadors.accounts.policy import permission_required
from config.context import path_to


@dataclass(frozen=True)
class Line:
    """A page, whom it is for (as in POLICY), and in one sentence what one does there."""

    url_name: str
    label: str
    perm: str
    does: str

    @property
    def path(self):
        return path_to(self.url_name)


# In each group, what is needed first comes first.
GROUPS = (
    (
        _("Who comes in"),
        (
            Line(
                "ambassadors:sign-on-list",
                _("Single sign-on"),
                "ambassadors.change_sign_on",
                _("Let people log in where they log in for everything else."),
            ),
            Line(
                "ambassadors:provisioning-detail",
                _("Provisioning (SCIM)"),
                "ambassadors.run_provisioning",
                _("Let the company’s directory keep the list of people."),
            ),
            Line(
                "ambassadors:import-new",
                _("Import people"),
                "ambassadors.import_people",
                _("Bring people, departments and teams from a file."),
            ),
            Line(
                "ambassadors:import-schedule",
                _("Daily import"),
                "ambassadors.schedule_import",
                _("Take the list of people from a folder or an address every day."),
            ),
            Line(
                "ambassadors:sign-up-list",
                _("Coming in by oneself"),
                "ambassadors.answer_sign_ups",
                _("Give out a link, and answer who asks to come in."),
            ),
            Line(
                "ambassadors:customer-list",
                _("Customer ambassadors"),
                "ambassadors.invite_customers",
                _("Invite customers, who have a charter of their own."),
            ),
        ),
    ),
    (
        _("Who may do what"),
        (
            Line(
                "ambassadors:role-list",
                _("Roles"),
                "ambassadors.change_role",
                _("Name HR managers and administrators, and say how far they reach."),
            ),
            Line(
                "ambassadors:group-role-list",
                _("Roles by group"),
                "ambassadors.change_role",
                _("Let groups of the company’s directory give a role."),
            ),
            Line(
                "ambassadors:role-matrix",
                _("Who may do what"),
                "ambassadors.see_matrix",
                _("Read the whole table of permissions."),
            ),
            Line(
                "ambassadors:token-list",
                _("Access tokens"),
                "ambassadors.issue_tokens",
                _("Let other systems in, and take it back."),
            ),
            Line(
                "ambassadors:entry-list",
                _("Audit trail"),
                "ambassadors.see_audit_trail",
                _("See who did what and when, and check that nothing is missing."),
            ),
        ),
    ),
    (
        _("What is shared, and where"),
        (
            Line(
                "campaigns:network-list",
                _("Networks"),
                "campaigns.change_networks",
                _("Choose where people may share, in which order, and how long a text may be."),
            ),
            Line(
                "campaigns:topic-list",
                _("Topics"),
                "ambassadors.change_topics",
                _("Name what items are about and people follow."),
            ),
            Line(
                "campaigns:phrase-list",
                _("Words to avoid"),
                "campaigns.change_phrases",
                _("Rule out words that promise too much."),
            ),
            Line(
                "campaigns:source-list",
                _("Sources"),
                "campaigns.change_sources",
                _("Follow feeds and pages that bring items."),
            ),
        ),
    ),
    (
        _("What is sent"),
        (
            Line(
                "activity:sending-health",
                _("Sending"),
                "activity.run_sending",
                _("See whether mail goes out, what failed, and stop it all if need be."),
            ),
            Line(
                "ambassadors:channel-list",
                _("Channels and webhooks"),
                "ambassadors.run_channels",
                _("Tell your chat and your other systems that something happened."),
            ),
            Line(
                "activity:sending-mails",
                _("Mails as they read"),
                "activity.run_sending",
                _("Read each kind of mail before anybody gets it."),
            ),
            Line(
                "activity:suppression-list",
                _("Addresses held back"),
                "activity.run_sending",
                _("See which addresses sent mail back, and write there again."),
            ),
            Line(
                "activity:mail-domain",
                _("Sending domain"),
                "activity.run_sending",
                _("Check what the domain says of our mail: SPF, DKIM, DMARC."),
            ),
        ),
    ),
    (
        _("Reports"),
        (
            Line(
                "campaigns:reach-settings",
                _("Report settings"),
                "campaigns.change_reach_settings",
                _("Set what a click would cost elsewhere, and the currency."),
            ),
            Line(
                "campaigns:board-settings",
                _("List of participants"),
                "campaigns.change_board",
                _("Turn on or off a list of those who ask to be in it."),
            ),
            Line(
                "campaigns:reach-view-list",
                _("Saved views"),
                "campaigns.see_whole_reach",
                _("Keep reports, and have them mailed."),
            ),
        ),
    ),
    (
        _("Law and privacy"),
        (
            Line(
                "ambassadors:charter-list",
                _("Charter"),
                "ambassadors.write_charter",
                _("Write what people agree to, and see who has."),
            ),
            Line(
                "ambassadors:privacy-detail",
                _("Privacy and retention"),
                "ambassadors.see_privacy",
                _("See how long each kind of data is kept, and what went."),
            ),
            Line(
                "ambassadors:privacy-rights",
                _("By which right"),
                "ambassadors.choose_rights",
                _("Say on which legal basis each kind of data is held."),
            ),
            Line(
                "ambassadors:privacy-assessment",
                _("Facts for a privacy assessment"),
                "ambassadors.see_privacy",
                _("Take what an assessment asks for, drawn from what is set here."),
            ),
        ),
    ),
)


def groups_for(user):
    """(title, lines) of what `user` may open; a group with nothing in it is left out."""
    for title, lines in GROUPS:
        mine = [line for line in lines if user.has_perm(line.perm) and line.path]
        if mine:
            yield title, mine


@require_safe
@permission_required("ambassadors.see_settings")
def settings_list(request):
    return render(request, "settings_list.html", {"groups": list(groups_for(request.user))})
