from django.core.validators import RegexValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.directory.models import TwoNames
from ambassadors.directory.ordering import put_elsewhere

# Where a click may lead: somewhere on the web, or to the person's own mail. Never "javascript:".
SHARE_URL = RegexValidator(
    r"^(https://(\{instance\}|[a-z0-9.-]+)/|mailto:\?)",
    _("Start with “https://” and a host, or with “mailto:?”."),
)
# A host of the public web: letters, at least one dot, no port, no path.
INSTANCE = RegexValidator(
    r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
    _("Only the name of the server, such as “mastodon.example”."),
)

# Places that are no network of anybody's choosing, so never offered. A person's QR code is counted
# apart from what they posted; the programme's own links, printed and said, apart from people's.
QR, PROGRAMME, PROGRAMME_QR = "qr", "programme", "programme-qr"
# What an administrator changes, and the audit trail tells of.
SETTINGS = ("name", "name_en", "text_limit", "fold", "hashtags", "own_instance")


class LastNetwork(Exception):
    """Nobody could share anywhere: one network at least stays offered."""


class NetworkQuerySet(models.QuerySet):
    def available(self):
        return self.filter(is_active=True)

    def of_people(self):
        """Where a link is somebody's: without the places of the programme's own."""
        return self.exclude(slug__in=[PROGRAMME, PROGRAMME_QR])

    def choosable(self):
        """What people may be offered at all, offered or not."""
        return self.exclude(slug__in=[QR, PROGRAMME, PROGRAMME_QR])

    def known_to(self, ambassador):
        """The person's own first, in the order everybody knows."""
        mine = models.Q(slug__in=ambassador.networks)
        return self.available().order_by(models.Case(models.When(mine, 0), default=1), "position")


class Network(TwoNames):
    """Somewhere to share, as data: an admin can add or mend one without a release."""

    class Counting(models.TextChoices):
        """How the network counts a text; the rules are in networks/counting.py."""

        PLAIN = "plain", _("Characters")
        X = "x", _("X’s weighted characters")
        MASTODON = "mastodon", _("Characters, links at a fixed cost")
        BLUESKY = "bluesky", _("Graphemes and bytes")

    class Prefill(models.TextChoices):
        """What the network's own composer accepts from a link."""

        TEXT = "text", _("Text and link")
        LINK = "link", _("Link only: the text is copied first")
        COPY = "copy", _("Nothing: text and link are copied")

    slug = models.SlugField(max_length=30, unique=True)
    # {text}, {url}, {title} are filled in percent-encoded; {instance} is a host the person gives.
    share_url = models.CharField(
        _("share address"), max_length=300, blank=True, validators=[SHARE_URL]
    )
    prefill = models.CharField(max_length=5, choices=Prefill)
    text_limit = models.PositiveIntegerField(_("limit"), null=True, blank=True)
    counting = models.CharField(max_length=10, choices=Counting, default=Counting.PLAIN)
    url_cost = models.PositiveSmallIntegerField(null=True, blank=True)
    # How much of a text is shown before "see more", where the network folds it.
    fold = models.PositiveSmallIntegerField(_("folded after"), null=True, blank=True)
    hashtags = models.PositiveSmallIntegerField(_("hashtags, at most"), default=0)
    is_exact = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("offered"), default=True)
    # Where the network is many servers: the company's own, for who has not named theirs.
    own_instance = models.CharField(
        # Translators: fr: serveur de l’entreprise
        _("your company’s server"),
        max_length=253,
        blank=True,
        validators=[INSTANCE],
    )

    objects = NetworkQuerySet.as_manager()

    class Meta(TwoNames.Meta):
        ordering = ["position", "name"]

    @property
    def needs_instance(self):
        """Whether the network is many servers, of which the person names theirs."""
        return "{instance}" in self.share_url

    @property
    def copies_first(self):
        """Whether the text has to be pasted by hand."""
        return self.prefill != self.Prefill.TEXT

    def get_absolute_url(self):
        return reverse("campaigns:network-edit", args=[self.pk])

    def settings(self):
        """As the audit trail has it, before and after a change."""
        return {name: getattr(self, name) for name in SETTINGS}

    @transaction.atomic
    def change(self, *, by):
        """Saves what a form has put on it; records what differs from before, if anything."""
        was = type(self).objects.select_for_update().get(pk=self.pk).settings()
        self.save(update_fields=SETTINGS)
        now = self.settings()
        changed = [name for name in SETTINGS if was[name] != now[name]]
        if changed:
            before, after = ({name: facts[name] for name in changed} for facts in (was, now))
            record("network.changed", subject=self, actor=by, before=before, after=after)

    def offer(self, *, by):
        self._set_active(True, "network.offered", by)

    @transaction.atomic
    def withhold(self, *, by):
        """No share begins there any more; links that exist keep working. Raises LastNetwork."""
        offered = type(self).objects.choosable().available().select_for_update()
        if {network.pk for network in offered} <= {self.pk}:
            raise LastNetwork
        self._set_active(False, "network.withheld", by)

    @transaction.atomic
    def _set_active(self, active, verb, by):
        # The filter is the lock: said twice, it happens and is recorded once.
        same = type(self).objects.filter(pk=self.pk, is_active=not active)
        if same.update(is_active=active):
            self.is_active = active
            record(verb, subject=self, actor=by)

    @transaction.atomic
    def move(self, by_places: int, *, by):
        """Up (-1) or down (1) the order in which people are offered networks."""
        order = list(type(self).objects.choosable().select_for_update())
        if put_elsewhere(order, self, by_places):
            record("network.moved", subject=self, actor=by, place=order.index(self) + 1)
