import re
import unicodedata

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from activity.log import record
from campaigns.content.models import Content, WrongState
from campaigns.sharing.models.link import Link

# What the links host says by itself, or may one day.
RESERVED = {"admin", "api", "app", "conversion", "conversions", "favicon", "healthz", "join"}
RESERVED |= {"login", "logout", "media", "privacy", "robots", "security", "sitemap", "static"}
RESERVED |= {"status", "well-known", "www"}
SHORTEST, LONGEST = 3, 32
# As PostgreSQL and Python both read it. Eight letters and digits are a person's link.
SHAPE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PERSONAL = r"^[0-9A-Za-z]{8}$"
_PERSONAL, _SHAPE = re.compile(PERSONAL), re.compile(SHAPE)


class Taken(Exception):
    """The code is another item's, or was: an address on paper is never handed to somebody else."""

    def __init__(self, address):
        super().__init__(address.code)
        self.address = address


def plain_code(said: str) -> str:
    """A code as it is kept, from what somebody typed: small letters without accents.

    "Carrières" and "CARRIERES" are one code. What is no code comes out as something else that is
    none; "" where nothing is left.
    """
    apart = unicodedata.normalize("NFKD", said.strip())
    return "".join(char for char in apart if not unicodedata.combining(char)).lower()


def is_personal(code: str) -> bool:
    """Whether it looks like a person's link: those and short addresses are never the same."""
    return bool(_PERSONAL.fullmatch(code))


def is_short_address(code: str) -> bool:
    """Whether a plain code may be one."""
    fits = SHORTEST <= len(code) <= LONGEST and _SHAPE.fullmatch(code)
    return bool(fits) and not is_personal(code) and code not in RESERVED


class ShortAddressQuerySet(models.QuerySet):
    def elsewhere_in_campaign(self, content):
        """Those of the campaign's other items, which may be brought to this one."""
        return self.filter(content__campaign=content.campaign_id).exclude(content=content)


class ShortAddress(models.Model):
    """A readable code for print and speech, which leads to an item and is nobody's.

    What is clicked is counted on the programme's own links to that item. On a poster the code
    stays, so where it leads may change: to another item of the same campaign.
    """

    code = models.CharField(max_length=LONGEST, unique=True)
    content = models.ForeignKey(Content, models.CASCADE, related_name="addresses")
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ShortAddressQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=SHAPE) & ~Q(code__regex=PERSONAL),
                name="address_is_readable_and_nobodys",
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

    @property
    def qr_url(self):
        """What its QR code holds: the mark says that it was scanned, and changes nothing else."""
        return f"{self.url}?q"

    @classmethod
    @transaction.atomic
    def give(cls, content, code, *, by):
        """Gives `content` the short address `code` (a plain code).

        Raises Taken, and ValueError for what is no short address.
        """
        if not is_short_address(code):
            raise ValueError(code)
        address, is_new = cls.objects.select_related("content").get_or_create(
            code=code, defaults={"content": content}
        )
        if not is_new:
            raise Taken(address)
        address._lead_to(content)
        record("address.given", subject=address, actor=by, code=code, content=content.pk)
        return address

    @transaction.atomic
    def move(self, content, *, by):
        """Leads to another item of its campaign from now on. Raises WrongState."""
        if content.campaign_id != self.content.campaign_id:
            raise WrongState(f"{self} belongs to another campaign")
        before = self.content_id
        self._change({"content": before}, content=content)
        self.content = content
        self._lead_to(content)
        where = {"before": before, "after": content.pk}
        record("address.moved", subject=self, actor=by, code=self.code, **where)

    def turn_off(self, *, by):
        """Says that it has ended; the code stays taken. Raises WrongState."""
        self._turn(False, "address.off", by)

    def turn_on(self, *, by):
        self._turn(True, "address.on", by)

    @transaction.atomic
    def _turn(self, on, verb, by):
        self._change({"is_on": not on}, is_on=on)
        self.is_on = on
        record(verb, subject=self, actor=by, code=self.code, content=self.content_id)

    def _change(self, was, **fields):
        # The filter is the lock: of two at once, one changes nothing.
        if not type(self).objects.filter(pk=self.pk, **was).update(**fields):
            raise WrongState(f"{self} is not {was}")

    def _lead_to(self, content):
        # Made here and not at the edge, which writes nothing.
        Link.objects.for_programme(content)
        Link.objects.for_programme(content, scanned=True)
