"""What the shell around every page needs: where one may go, in which language, in which theme."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity.bell import COUNTED, unread_count
from activity.models import Pause
from config.worker import worker_path

THEME_COOKIE = "theme"
THEMES = {
    "light": pgettext_lazy("theme", "Light"),
    "dark": pgettext_lazy("theme", "Dark"),
    "system": pgettext_lazy("theme", "Device"),
}
BOTTOM_BAR = 4  # and "More", which holds the rest


def path_to(url_name, *args):
    """The path of a page, or "" while that page does not exist."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Place:
    """A line of the rail, for whoever holds `perm` (everybody, when it is empty)."""

    url_name: str
    label: str
    icon: str
    perm: str = ""
    also: tuple[str, ...] = ()

    def holds(self, view_name):
        """`campaigns:campaign-list` also stands for `campaigns:campaign-detail` and the like."""
        families = (self.url_name.rsplit("-", 1)[0], *self.also)
        return view_name.startswith(tuple(f"{family}-" for family in families))


@dataclass(frozen=True)
class Space:
    """One way of being here: seven places at most, or nobody reads the rail."""

    key: str
    label: str
    icon: str
    places: tuple[Place, ...]


SPACES = (
    Space(
        "mine",
        _("My space"),
        "person",
        (
            Place(
                "campaigns:feed",
                pgettext_lazy("page", "Home"),
                "home",
                also=("campaigns:share", "campaigns:welcome", "campaigns:proposal"),
            ),
            Place("campaigns:impact", _("My effect"), "effect"),
            Place("activity:preferences", _("Preferences"), "settings"),
            Place("ambassadors:my-data", _("My data"), "shield"),
        ),
    ),
    Space(
        "hr",
        _("Human resources"),
        "people",
        (
            Place("campaigns:desk", _("Desk"), "desk", "campaigns.see_campaigns"),
            Place("campaigns:campaign-list", _("Campaigns"), "campaign", "campaigns.see_campaigns"),
            Place(
                "campaigns:content-list",
                _("Library"),
                "library",
                "campaigns.see_library",
                also=(
                    "campaigns:caption",
                    "campaigns:phrase",
                    "campaigns:source",
                    "campaigns:topic",
                ),
            ),
            Place(
                "campaigns:approval-queue",
                pgettext_lazy("place", "Approvals"),
                "approve",
                "campaigns.approve_content",
            ),
            Place(
                "ambassadors:person-list",
                _("People"),
                "people",
                "ambassadors.see_people",
                also=("ambassadors:import", "ambassadors:department"),
            ),
            Place("campaigns:reach-report", _("Reach"), "effect", "campaigns.see_reach"),
        ),
    ),
    Space(
        "admin",
        _("Administration"),
        "settings",
        (
            Place(
                "ambassadors:role-list",
                _("Roles"),
                "key",
                "ambassadors.change_role",
                also=("ambassadors:group-role",),
            ),
            Place("ambassadors:charter-list", _("Charter"), "shield", "ambassadors.write_charter"),
            Place(
                "ambassadors:provisioning-detail",
                _("Provisioning (SCIM)"),
                "people",
                "ambassadors.run_provisioning",
                also=("ambassadors:token",),
            ),
            Place("ambassadors:entry-list", _("Audit trail"), "log", "ambassadors.see_audit_trail"),
            # Translators: fr: Envois
            Place(
                "activity:sending-health",
                _("Sending"),
                "send",
                "activity.run_sending",
                also=("ambassadors:channel",),
            ),
            Place("ambassadors:privacy-detail", _("Privacy"), "lock", "ambassadors.see_privacy"),
            Place(
                "settings-list",
                _("All settings"),
                "settings",
                "ambassadors.see_settings",
                also=("ambassadors:sign-on", "campaigns:network"),
            ),
        ),
    ),
)
# On a page that belongs to no space, whoever runs the programme keeps the rail they work with.
HOME_SPACES = ("hr", "admin", "mine")


class Shell:
    """Read by the layouts. Everything is worked out on first use: an error page asks for little,
    and must not need the database."""

    organisation = settings.ORGANISATION
    help_email = settings.HELP_EMAIL
    base_url = settings.BASE_URL

    def __init__(self, request):
        self._request = request

    @property
    def html_lang(self):
        return settings.HTML_LANG.get(get_language(), get_language())

    @property
    def other_language(self):
        """Code of the language one can switch to."""
        return next(code for code, _name in settings.LANGUAGES if code != get_language())

    @property
    def person(self):
        """An opaque mark of who is logged in: tells a page whether it is still the same person."""
        user = self._request.user
        return salted_hmac("config.context", str(user.pk)).hexdigest() if user.pk else ""

    @property
    def theme(self):
        """`light` or `dark` when the person chose, "" when the device decides."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in {"light", "dark"} else ""

    @property
    def themes(self):
        icons = {"light": "sun", "dark": "moon", "system": "system"}
        now = self.theme or "system"
        return [(key, label, icons[key], key == now) for key, label in THEMES.items()]

    @property
    def here(self):
        """Where to come back to after a switch of language or theme: forms are posted to the page
        that shows them, so the address is a page even after an error."""
        return self._request.get_full_path()

    @cached_property
    def paths(self):
        """Pages the shell links to, each "" until it exists."""
        names = {
            "search": "search",
            "keyboard": "keyboard",
            "bell": "activity:notification-list",
            "charter": "ambassadors:charter-detail",
            "preferences": "activity:preferences",
            "theme": "appearance-set",
            "manifest": "manifest",
            "styleguide": "styleguide",
        }
        return {key: path_to(name) for key, name in names.items()}

    @property
    def worker(self):
        """The address of the service worker that answers in this language, "" without one."""
        return worker_path()

    @cached_property
    def unread(self):
        """How many messages wait behind the bell; it stops counting at COUNTED."""
        return unread_count(self._request.user)

    @property
    def many_unread(self):
        return self.unread >= COUNTED

    @cached_property
    def pause(self):
        """The pause that holds back all sending, shown to who can end it; None for the others."""
        if not self._request.user.has_perm("activity.run_sending"):
            return None
        return Pause.objects.open().first()

    @cached_property
    def spaces(self):
        """The spaces this person may enter, each with the places they may open."""
        spaces = [self._furnish(space) for space in SPACES]
        return [space for space in spaces if space["places"]]

    @cached_property
    def space(self):
        """The space this page belongs to."""
        for space in self.spaces:
            if any(place["current"] for place in space["places"]):
                return space
        by_key = {space["key"]: space for space in self.spaces}
        return next((by_key[key] for key in HOME_SPACES if key in by_key), None)

    @property
    def other_spaces(self):
        return [space for space in self.spaces if space is not self.space]

    @property
    def bottom(self):
        """The places a phone keeps in its bar."""
        return self.space["places"][:BOTTOM_BAR] if self.space else []

    @property
    def beyond(self):
        """The places a phone keeps under "More"."""
        return self.space["places"][BOTTOM_BAR:] if self.space else []

    def _furnish(self, space):
        may = self._request.user.has_perm
        places = [
            {
                "path": path_to(place.url_name),
                "label": place.label,
                "icon": place.icon,
                "current": place is self._current_place,
            }
            for place in space.places
            if not place.perm or may(place.perm)
        ]
        return {
            "key": space.key,
            "label": space.label,
            "icon": space.icon,
            "places": [place for place in places if place["path"]],
        }

    @cached_property
    def _current_place(self):
        match = self._request.resolver_match
        name = match.view_name if match else ""
        places = [place for space in SPACES for place in space.places]
        exact = (place for place in places if place.url_name == name)
        related = (place for place in places if place.holds(name))
        return next(exact, None) or next(related, None)


def shell(request):
    return {"shell": Shell(request)}
