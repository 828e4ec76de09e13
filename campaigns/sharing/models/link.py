import secrets
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ambassadors.enrolment.models import Ambassador
from campaigns.content.models import Content
from campaigns.networks.composer import composer_url
from campaigns.networks.models import PROGRAMME, PROGRAMME_QR, QR, Network
from campaigns.sharing import stopping

# Base 58: nothing that is confused when read aloud or written by hand (no 0 O I l).
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 8


def new_code():
    """Eight base-58 characters from the system's random source: 1.3e14 codes, no order in them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


class LinkQuerySet(models.QuerySet):
    def of_programme(self):
        return self.filter(kind=Link.Kind.PROGRAMME)

    def for_programme(self, content, *, scanned=False):
        """The programme's own link to `content`; the one its QR codes count on, if `scanned`."""
        network = Network.objects.get(slug=PROGRAMME_QR if scanned else PROGRAMME)
        kind = Link.Kind.PROGRAMME
        return self.get_or_create(content=content, network=network, kind=kind)[0]

    def for_qr(self, content, ambassador):
        """The person's link that their QR code leads by."""
        network = Network.objects.get(slug=QR)
        return self.get_or_create(content=content, network=network, ambassador=ambassador)[0]

    def stop(self):
        """For good: each gets an address nobody has ever seen, so the one that was shared is
        unknown, as if it had never been. What was counted on it stays."""
        links = list(self)
        codes = [link.code for link in links]
        for link in links:
            link.code = new_code()
        self.model.objects.bulk_update(links, ["code"])
        transaction.on_commit(partial(stopping.tell, codes), robust=True)


class Link(models.Model):
    """One short link to one item on one network: what a click is counted on."""

    class Kind(models.TextChoices):
        PERSONAL = "personal"  # an ambassador's
        PROGRAMME = "programme"  # nobody's: behind a short address, on paper or said aloud

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    kind = models.CharField(
        max_length=10,
        choices=Kind,
        default=Kind.PERSONAL,
        db_default=Kind.PERSONAL.value,
        editable=False,
    )
    content = models.ForeignKey(Content, models.CASCADE, related_name="links")
    # Of a personal link, NULL is "a former ambassador": the totals stay, the person is gone.
    ambassador = models.ForeignKey(Ambassador, models.SET_NULL, null=True, related_name="links")
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ambassador", "content", "network"], name="link_one_per_person_and_place"
            ),
            models.UniqueConstraint(
                fields=["content", "network"],
                condition=Q(kind="programme"),
                name="link_one_of_the_programme_per_place",
            ),
            models.CheckConstraint(
                condition=Q(kind="personal") | Q(ambassador=None),
                name="link_of_the_programme_is_nobodys",
            ),
        ]
        # From one owner to the next: whether a network has a few people is asked on every report.
        indexes = [
            models.Index(
                fields=["network", "ambassador"],
                condition=Q(ambassador__isnull=False),
                name="link_by_network_and_owner",
            )
        ]

    def __str__(self):
        return self.code

    @property
    def url(self):
        return f"{settings.LINK_BASE_URL}/{self.code}"

    @property
    def said(self):
        """As it is printed and said."""
        return self.url.partition("://")[2]

    def composer_url(self, post, *, instance=""):
        """The address that opens the network's composer with `post`; "" where there is none."""
        return composer_url(
            self.network, text=post, url=self.url, title=self.content.title, instance=instance
        )

    @property
    def destination(self):
        """The content's address with UTM parameters. Raises ValueError for what is no address.

        What is stored in it wins, however it is spelled (UTM_Source, utm%5Fsource); everything
        else in it, fragment and all, keeps its own spelling, byte for byte.
        """
        parts = urlsplit(self.content.url)
        present = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        utm = {
            "utm_source": self.network.slug,
            "utm_medium": "ambassadeur" if self.kind == self.Kind.PERSONAL else "programme",
            "utm_campaign": self.content.campaign.slug,
            "utm_content": str(self.content_id),
        }
        added = urlencode({name: value for name, value in utm.items() if name not in present})
        return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, added]))))
