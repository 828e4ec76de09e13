import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import models
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.composer import composer_url
from campaigns.networks.models import Network

# Base 58: nothing that is confused when read aloud or written by hand (no 0 O I l).
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 8


def new_code():
    """Eight base-58 characters from the system's random source: 1.3e14 codes, no order in them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


class Link(models.Model):
    """One ambassador's short link to one item on one network: what a click is counted on."""

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    content = models.ForeignKey(Content, models.CASCADE, related_name="links")
    # NULL is "a former ambassador": the totals stay, the person is gone.
    ambassador = models.ForeignKey(Ambassador, models.SET_NULL, null=True, related_name="links")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ambassador", "content", "network"], name="link_one_per_person_and_place"
            )
        ]

    def __str__(self):
        return self.code

    @property
    def url(self):
        return f"{settings.LINK_BASE_URL}/{self.code}"

    def composer_url(self, post, *, instance=""):
        """The address that opens the network's composer with `post`; "" where there is none."""
        return composer_url(
            self.network, text=post, url=self.url, title=self.content.title, instance=instance
        )

    @property
    def destination(self):
        """The content's address with UTM parameters. What is stored in it wins; the rest stays."""
        parts = urlsplit(self.content.url)
        present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        utm = {
            "utm_source": self.network.slug,
            "utm_medium": "ambassadeur",
            "utm_campaign": self.content.campaign.slug,
            "utm_content": str(self.content_id),
        }
        # Appended as text: what is there already keeps its own spelling, byte for byte.
        added = urlencode({name: value for name, value in utm.items() if name not in present})
        return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, added]))))
