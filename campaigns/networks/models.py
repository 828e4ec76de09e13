from django.db import models
from django.utils.translation import gettext_lazy as _


class NetworkQuerySet(models.QuerySet):
    def available(self):
        return self.filter(is_active=True)


class Network(models.Model):
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
    name = models.CharField(_("name"), max_length=60)
    # {text}, {url}, {title} are filled in percent-encoded; {instance} is a host the person gives.
    share_url = models.CharField(_("share address"), max_length=300, blank=True)
    prefill = models.CharField(max_length=5, choices=Prefill)
    text_limit = models.PositiveIntegerField(_("limit"), null=True, blank=True)
    counting = models.CharField(max_length=10, choices=Counting, default=Counting.PLAIN)
    url_cost = models.PositiveSmallIntegerField(null=True, blank=True)
    hashtags = models.PositiveSmallIntegerField(_("hashtags, at most"), default=0)
    is_exact = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name
