"""Pages one is led to by name: places of the rail, things to do, one's account, help."""

import re
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.context import Shell, path_to

PAGE = pgettext_lazy("search result", "Page")
ACTION = pgettext_lazy("search result", "Action")
ACCOUNT = pgettext_lazy("search result", "My account")
HELP = pgettext_lazy("search result", "Help")


@dataclass(frozen=True)
class Direction:
    """A page with the words it is looked for by.

    also: words beside its label, never shown. perm: as in POLICY; empty is everybody.
    member: True is for those who take part, False for those who do not, None for both.
    """

    url_name: str
    label: str
    icon: str
    kind: str
    also: str = ""
    perm: str = ""
    member: bool | None = None
    args: tuple = ()
    key: str = ""

    def is_for(self, user, *, member):
        wanted = self.member is None or self.member == member
        return wanted and (not self.perm or user.has_perm(self.perm))


DIRECTIONS = (
    Direction(
        "campaigns:campaign-new",
        _("New campaign"),
        "add",
        ACTION,
        _("create write prepare launch"),
        "campaigns.run_campaign",
    ),
    Direction(
        "campaigns:content-new",
        _("Write an item"),
        "edit",
        ACTION,
        _("create new content post"),
        "campaigns.write_content",
    ),
    Direction(
        "campaigns:content-calendar",
        _("Calendar"),
        "calendar",
        PAGE,
        _("month dates planned published expires library"),
        "campaigns.see_library",
    ),
    Direction(
        "campaigns:content-import",
        # Translators: fr: Importer des contenus
        _("Import items"),
        "upload",
        ACTION,
        _("library spreadsheet file list pages drafts"),
        "campaigns.write_content",
    ),
    Direction(
        "campaigns:source-list",
        _("Sources"),
        "link",
        PAGE,
        _("feeds RSS Atom articles library"),
        "campaigns.change_sources",
    ),
    Direction(
        "campaigns:phrase-list",
        _("Words to avoid"),
        "warning",
        PAGE,
        _("forbidden blocked phrases library"),
        "campaigns.change_phrases",
    ),
    Direction(
        "campaigns:topic-list",
        _("Topics"),
        "tag",
        PAGE,
        _("subjects themes add rename order"),
        "ambassadors.change_topics",
    ),
    Direction(
        "campaigns:network-list",
        _("Networks"),
        "link",
        PAGE,
        _("LinkedIn Mastodon server limit order switch off"),
        "campaigns.change_networks",
    ),
    Direction(
        "campaigns:proposal-new",
        _("Propose an item"),
        "idea",
        ACTION,
        _("suggest send page link"),
        "campaigns.propose_content",
    ),
    Direction(
        "campaigns:proposal-list",
        _("My proposals"),
        "idea",
        PAGE,
        _("suggested sent answers"),
        "campaigns.propose_content",
    ),
    Direction(
        "campaigns:reach-view-list",
        _("Saved views"),
        "effect",
        PAGE,
        _("reach report mailed frozen schedule"),
        "campaigns.see_whole_reach",
    ),
    Direction(
        "campaigns:reach-efforts",
        _("Who carries it"),
        "chart",
        PAGE,
        _("reach distribution newcomers stay effort"),
        "campaigns.see_whole_reach",
    ),
    Direction(
        "campaigns:given-figures",
        _("Figures you may see"),
        "eye",
        PAGE,
        _("manager team individual opted in"),
        "campaigns.see_given_figures",
    ),
    Direction(
        "campaigns:board",
        _("List of participants"),
        "thanks",
        PAGE,
        _("leaderboard ranking place month"),
        member=True,
    ),
    Direction(
        "campaigns:board-settings",
        _("Turn the list of participants on or off"),
        "settings",
        PAGE,
        _("leaderboard ranking settings"),
        "campaigns.change_board",
    ),
    Direction(
        "campaigns:reach-definitions",
        _("What the figures mean"),
        "help",
        HELP,
        _("definitions reach visits shares"),
        "campaigns.see_reach",
    ),
    Direction(
        "campaigns:reach-settings",
        _("Report settings"),
        "settings",
        PAGE,
        _("cost per click currency reach"),
        "campaigns.change_reach_settings",
    ),
    Direction(
        "ambassadors:import-new",
        _("Import people"),
        "upload",
        ACTION,
        _("add invite spreadsheet file list"),
        "ambassadors.import_people",
    ),
    Direction(
        "ambassadors:import-schedule",
        # Translators: fr: Import quotidien
        _("Daily import"),
        "clock",
        PAGE,
        _("scheduled automatic folder address HR system every day people list"),
        "ambassadors.schedule_import",
    ),
    Direction(
        "ambassadors:provisioning-detail",
        _("Provisioning (SCIM)"),
        "people",
        PAGE,
        _("SCIM Entra Okta directory groups teams employees automatic"),
        "ambassadors.run_provisioning",
    ),
    Direction(
        "ambassadors:token-list",
        # Translators: fr: Jetons d’accès
        _("Access tokens"),
        "key",
        PAGE,
        _("API secret SCIM conversions integration revoke"),
        "ambassadors.issue_tokens",
    ),
    Direction(
        "activity:sending-health",
        _("Health of what is sent"),
        "health",
        PAGE,
        _("queues workers mail broker clicks all well wrong"),
        "activity.run_sending",
    ),
    Direction(
        "activity:sending-list",
        _("Messages that did not arrive"),
        "mail",
        PAGE,
        _("failed unknown bounced send again deliveries"),
        "activity.run_sending",
    ),
    Direction(
        "activity:sending-mails",
        _("How each mail looks"),
        "eye",
        PAGE,
        _("preview templates messages both languages"),
        "activity.run_sending",
    ),
    Direction(
        "activity:suppression-list",
        _("Addresses held back"),
        "mail",
        PAGE,
        _("suppression bounces complaints spam not written to"),
        "activity.run_sending",
    ),
    Direction(
        "activity:mail-domain",
        _("Sending domain"),
        "globe",
        PAGE,
        _("SPF DKIM DMARC DNS records spam"),
        "activity.run_sending",
    ),
    Direction(
        "activity:sending-test",
        _("Send a test message"),
        "send",
        ACTION,
        _("try mail push channel"),
        "activity.run_sending",
    ),
    Direction(
        "activity:sending-pause",
        _("Pause everything that is sent"),
        "pause",
        ACTION,
        _("stop resume switch"),
        "activity.run_sending",
    ),
    Direction(
        "ambassadors:entry-list",
        _("Audit trail"),
        "log",
        PAGE,
        _("audit journal who changed what when export check security"),
        "ambassadors.see_audit_trail",
    ),
    Direction(
        "ambassadors:department-list",
        _("Departments"),
        "people",
        PAGE,
        _("department team tree rename move merge reorganisation managers places"),
        "ambassadors.see_departments",
    ),
    Direction(
        "ambassadors:customer-list",
        _("Customer ambassadors"),
        "people",
        PAGE,
        _("customers clients invite outside"),
        "ambassadors.invite_customers",
    ),
    Direction(
        "ambassadors:sign-up-list",
        _("Coming in by oneself"),
        "link",
        PAGE,
        _("sign up link register requests approve people"),
        "ambassadors.answer_sign_ups",
    ),
    Direction(
        "ambassadors:sign-on-list",
        _("Single sign-on"),
        "key",
        PAGE,
        _("SSO OpenID SAML log in provider Entra Okta Keycloak Google"),
        "ambassadors.change_sign_on",
    ),
    Direction(
        "ambassadors:programme-join",
        _("Take part"),
        "add",
        ACTION,
        _("join the programme become an ambassador"),
        "ambassadors.join_programme",
        member=False,
    ),
    Direction(
        "activity:notification-list",
        _("Notifications"),
        "bell",
        PAGE,
        _("messages news unread"),
    ),
    Direction(
        "activity:preferences",
        _("Preferences"),
        "settings",
        ACCOUNT,
        _("language time zone digest mail settings"),
    ),
    Direction(
        "campaigns:welcome-step",
        _("What interests me"),
        "tag",
        ACCOUNT,
        _("topics subjects follow"),
        member=True,
        args=("topics",),
    ),
    Direction(
        "campaigns:welcome-step",
        _("Where I share"),
        "share",
        ACCOUNT,
        _("networks LinkedIn Facebook"),
        member=True,
        args=("networks",),
    ),
    Direction(
        "account_change_password",
        _("Password and security"),
        "lock",
        ACCOUNT,
        _("account log in change"),
    ),
    Direction("account_email", _("E-mail address"), "mail", ACCOUNT, _("account")),
    Direction(
        "mfa_index",
        pgettext_lazy("of an account", "Security"),
        "key",
        ACCOUNT,
        _("account passkey second step code application recovery two-factor"),
    ),
    Direction(
        "usersessions_list", _("Open sessions"), "system", ACCOUNT, _("account devices log out")
    ),
    Direction(
        "ambassadors:programme-leave",
        _("Leave the programme"),
        "exit",
        ACCOUNT,
        _("stop quit unsubscribe"),
        member=True,
    ),
    Direction(
        "ambassadors:my-data",
        _("My data"),
        "shield",
        ACCOUNT,
        _("privacy export download erase delete leave choices who looked"),
    ),
    Direction(
        "ambassadors:channel-list",
        # Translators: fr: Slack, Teams et webhooks
        _("Slack, Teams and webhooks"),
        "message",
        PAGE,
        _("channels connect integration post notify other systems signature"),
        "ambassadors.run_channels",
    ),
    Direction(
        "activity:push-browsers",
        # Translators: fr: Notifications du navigateur
        _("Messages in this browser"),
        "bell",
        ACCOUNT,
        _("push notifications phone telephone"),
    ),
    Direction(
        "ambassadors:privacy-detail",
        _("Privacy and retention"),
        "shield",
        PAGE,
        _("how long data is kept erasure retention personal data"),
        "ambassadors.see_privacy",
    ),
    Direction(
        "ambassadors:privacy-rights",
        _("By which right"),
        "shield",
        PAGE,
        _("legal basis consent legitimate interest contract GDPR Law 25"),
        "ambassadors.choose_rights",
    ),
    Direction(
        "ambassadors:privacy-assessment",
        _("Facts for a privacy assessment"),
        "shield",
        PAGE,
        _("impact assessment EFVP AIPD DPIA GDPR Law 25 processors"),
        "ambassadors.see_privacy",
    ),
    Direction(
        "ambassadors:role-matrix",
        # Translators: fr: Qui peut faire quoi
        _("Who may do what"),
        "shield",
        HELP,
        _("roles permissions rights what HR can see about me privacy"),
        "ambassadors.see_matrix",
    ),
    Direction(
        "ambassadors:charter-detail",
        _("Charter and privacy"),
        "shield",
        HELP,
        _("rules law personal data voluntary consent"),
    ),
    Direction(
        "keyboard", _("Keyboard"), "help", HELP, _("shortcuts keys letters accessibility"), key="?"
    ),
    Direction(
        "styleguide",
        _("Style guide"),
        "image",
        HELP,
        _("components design"),
        "ambassadors.see_styleguide",
    ),
)


@dataclass(frozen=True)
class Found:
    """A line of the results. lang: of the title, where it may not be the page's own."""

    path: str
    title: str
    kind: str
    icon: str
    note: str = ""
    lang: str = ""
    key: str = ""


def words_of(text):
    """`text` as bare words: no accent, no capital, no apostrophe."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def named_by(text, *labels):
    """Whether each word of `text` begins a word of the labels, in either language."""
    asked = words_of(text)
    return bool(asked) and all(
        any(word.startswith(each) for word in _in_every_language(labels)) for each in asked
    )


def _in_every_language(labels):
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found += words_of(" ".join(str(label) for label in labels))
    return found


def directions_for(request, text, *, member):
    """What `text` names among the pages this person may open; all of them when it is empty."""
    found = {each.path: each for each in _places(request, text)}
    for each in _directions(request.user, text, member=member):
        # The rail and the account have pages in common.
        found.setdefault(each.path, each)
    return list(found.values())


def _places(request, text):
    shell = Shell(request)
    for space in [shell.space, *shell.other_spaces]:
        for place in space["places"]:
            if not text or named_by(text, place["label"], space["label"]):
                yield Found(place["path"], place["label"], PAGE, place["icon"], space["label"])


def _directions(user, text, *, member):
    for each in DIRECTIONS:
        path = path_to(each.url_name, *each.args)
        if not path or not each.is_for(user, member=member):
            continue
        if not text or named_by(text, each.label, each.also):
            key = each.key if user.letter_keys else ""
            yield Found(path, each.label, each.kind, each.icon, key=key)
