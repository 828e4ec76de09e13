import hashlib
import itertools
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activity import origin
from activity.log import record
from ambassadors.accounts.roles import Belonging
from ambassadors.directory.models import TwoNames
from ambassadors.directory.ordering import put_elsewhere
from ambassadors.enrolment.charter_text import blocks


class InvitationExpired(Exception):
    """The link was good for 14 days, and they are over."""


class InvitationUsed(Exception):
    """Somebody has already joined, declined or been sent a newer link with this invitation."""


class WrongState(Exception):
    """The thing is not in the state this move starts from: somebody was faster."""


class Published(Exception):
    """A version that people have been asked to accept is never changed."""


class TopicInUse(Exception):
    """Items are about it: what was counted by topic would change its meaning."""


class IncompleteCharter(Exception):
    """Everybody reads the charter in their own language: both texts, or nothing is published."""


class CharterQuerySet(models.QuerySet):
    def meant_for(self, belonging):
        return self.filter(belonging=belonging)

    def published(self):
        return self.filter(published_at__lte=timezone.now())

    def current(self):
        """The charter employees are asked to accept today, or None before the first one."""
        return self.meant_for(Belonging.EMPLOYEE).published().order_by("-version").first()

    def current_for(self, user):
        """The same for `user`: customers have a charter of their own. A stranger reads ours."""
        belonging = getattr(user, "belonging", Belonging.EMPLOYEE)
        return self.meant_for(belonging).published().order_by("-version").first()


class Charter(models.Model):
    """The rules of the programme, in both languages. A version, once published, never changes."""

    WORDS = ("text_fr", "text_en", "working_time_fr", "working_time_en")

    belonging = models.CharField(
        _("for whom"), max_length=8, choices=Belonging, default=Belonging.EMPLOYEE
    )
    version = models.PositiveIntegerField()
    text_fr = models.TextField(_("text in French"), blank=True)
    text_en = models.TextField(_("text in English"), blank=True)
    working_time_fr = models.CharField(_("working time, in French"), max_length=400, blank=True)
    working_time_en = models.CharField(_("working time, in English"), max_length=400, blank=True)
    published_at = models.DateTimeField(null=True)

    objects = CharterQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["belonging", "version"], name="charter_version_once"),
            models.UniqueConstraint(
                fields=["belonging"],
                condition=Q(published_at=None),
                name="charter_one_draft_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | ~(Q(text_fr="") | Q(text_en="")),
                name="charter_published_in_both_languages",
            ),
        ]

    def __str__(self):
        return f"v{self.version}"

    @classmethod
    @transaction.atomic
    def draft(cls, belonging, by):
        """The next version, begun from the words of the last one; the one begun already."""
        mine = cls.objects.meant_for(belonging)
        last = mine.select_for_update().order_by("-version").first()
        if last and last.published_at is None:
            return last
        words = {name: getattr(last, name) for name in cls.WORDS} if last else {}
        version = last.version + 1 if last else 1
        draft = cls.objects.create(belonging=belonging, version=version, **words)
        record("charter.begun", subject=draft, actor=by, version=draft.version)
        return draft

    @transaction.atomic
    def write(self, by, **words):
        """Keeps other words, as long as nobody has been asked to accept them. Raises Published."""
        here = type(self).objects.filter(pk=self.pk, published_at=None)
        if not here.update(**{name: words[name].strip() for name in self.WORDS}):
            raise Published
        self.refresh_from_db()
        record("charter.written", subject=self, actor=by, version=self.version)

    @transaction.atomic
    def publish(self, by):
        """Asks everybody it is meant for, at their next visit. Raises Published, IncompleteCharter.

        Until they answer, what they had agreed to stands; sharing alone waits for their answer.
        """
        stored = type(self).objects.select_for_update().get(pk=self.pk)
        if stored.published_at:
            raise Published
        needed = self.WORDS if stored.belonging == Belonging.EMPLOYEE else self.WORDS[:2]
        if not all(getattr(stored, name).strip() for name in needed):
            raise IncompleteCharter
        self.published_at = timezone.now()
        type(self).objects.filter(pk=self.pk).update(published_at=self.published_at)
        record(
            "charter.published",
            subject=self,
            actor=by,
            version=self.version,
            belonging=self.belonging,
            fingerprint=stored.fingerprint,
        )

    @property
    def text(self):
        return self.text_en if get_language() == "en" else self.text_fr

    @property
    def blocks(self):
        """The text as headings, lists and paragraphs: see charter_text.py."""
        return blocks(self.text)

    @property
    def working_time(self):
        return self.working_time_en if get_language() == "en" else self.working_time_fr

    @property
    def fingerprint(self):
        """SHA-256 of all its words, hexadecimal: what a consent says it was given to."""
        words = [getattr(self, name) for name in self.WORDS]
        # Without what an early version did not have yet, so that its fingerprint stays what it was.
        return hashlib.sha256("\0".join(words).rstrip("\0").encode()).hexdigest()


class Topic(TwoNames):
    """A subject that content is about and that ambassadors follow."""

    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TwoNames.Meta):
        ordering = ["position", "name"]

    @transaction.atomic
    def add(self, *, by):
        """Puts a new one last. Its slug is of its French name, and stays when that changes."""
        last = Topic.objects.last()
        self.position = last.position + 1 if last else 0
        self.slug = self._free_slug()
        self.save(force_insert=True)
        record("topic.added", subject=self, actor=by, name=self.name)

    def _free_slug(self):
        # Room for a number: names may be written alike without being the same.
        wish = slugify(self.name)[:40] or "topic"
        taken = set(Topic.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
        numbered = (f"{wish}-{number}" for number in itertools.count(2))
        return next(slug for slug in itertools.chain([wish], numbered) if slug not in taken)

    @transaction.atomic
    def rename(self, *, by):
        """Saves the names that a form has put on it."""
        was = Topic.objects.select_for_update().get(pk=self.pk)
        before, after = ({"name": each.name, "name_en": each.name_en} for each in (was, self))
        if before != after:
            self.save(update_fields=["name", "name_en"])
            record("topic.renamed", subject=self, actor=by, before=before, after=after)

    @transaction.atomic
    def move(self, by_places: int, *, by):
        """Up (-1) or down (1) the order in which everybody reads them."""
        order = list(Topic.objects.select_for_update())
        if put_elsewhere(order, self, by_places):
            record("topic.moved", subject=self, actor=by, place=order.index(self) + 1)

    @transaction.atomic
    def remove(self, *, by):
        """Who followed it no longer does. Raises TopicInUse while an item is about it."""
        # Locked against whoever puts it on an item meanwhile.
        Topic.objects.select_for_update().get(pk=self.pk)
        if self.contents.exists():
            raise TopicInUse
        record("topic.removed", subject=self, actor=by, name=self.name)
        self.delete()


class AmbassadorQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Ambassador.State.ACTIVE, user__is_active=True)

    def enrolled(self):
        """Who said yes and has not left: joining, active or paused."""
        return self.filter(
            state__in=[Ambassador.State.JOINING, Ambassador.State.ACTIVE, Ambassador.State.PAUSED]
        )

    def invited(self):
        return self.filter(state=Ambassador.State.INVITED)


class Ambassador(models.Model):
    """A person's part in the programme: their own choice, from the first step to the last."""

    class State(models.TextChoices):
        INVITED = "invited", pgettext_lazy("ambassador", "Invited")
        JOINING = "joining", pgettext_lazy("ambassador", "Joining")
        ACTIVE = "active", pgettext_lazy("ambassador", "Active")
        PAUSED = "paused", pgettext_lazy("ambassador", "Paused")
        DECLINED = "declined", pgettext_lazy("ambassador", "Declined")
        LEFT = "left", pgettext_lazy("ambassador", "Left")

    class Step(models.TextChoices):
        """The four short steps of joining. The first cannot be put off; the others can."""

        CHARTER = "charter", _("Charter")
        TOPICS = "topics", _("What interests me")
        NETWORKS = "networks", _("Where I share")
        FIRST_SHARE = "first_share", _("A first share")

    class Band(models.TextChoices):
        """How many people one reaches, as a range one chose to give. Off unless given."""

        UNKNOWN = "", _("I’d rather not say")
        UP_TO_200 = "0-200", _("Up to 200")
        UP_TO_500 = "200-500", _("200 to 500")
        UP_TO_1000 = "500-1000", _("500 to 1,000")
        OVER_1000 = "1000+", _("Over 1,000")

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("Every working day")
        TWICE = "twice", _("Twice a week")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        NEVER = "never", _("Never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="ambassador", primary_key=True
    )
    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    next_step = models.CharField(max_length=12, choices=Step, default=Step.CHARTER, blank=True)
    topics = models.ManyToManyField(Topic, related_name="followers", blank=True)
    networks = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    audience_band = models.CharField(max_length=10, choices=Band, default=Band.UNKNOWN, blank=True)
    # Of those networks that are many servers, the one this person is on.
    instance = models.CharField(max_length=253, blank=True)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    rhythm_chosen = models.BooleanField(default=False)
    checklist_hidden = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    objects = AmbassadorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["invited", "declined"]) | Q(joined_at__isnull=False),
                name="ambassador_joined_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state="left", left_at__isnull=False) | ~Q(state="left"),
                name="ambassador_left_has_date",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="ambassador_by_state")]

    def __str__(self):
        return str(self.user)

    @property
    def is_enrolled(self):
        return self.state in {self.State.JOINING, self.State.ACTIVE, self.State.PAUSED}

    def has_accepted(self, charter):
        """Whether the person's last word on taking part is a yes to this very version."""
        last = Consent.objects.last_word(self.user, Consent.Purpose.PARTICIPATION)
        return bool(last and last.given and last.charter_id == charter.pk)

    def join(self):
        """The person says yes, from whichever side of the door they stand."""
        self._move(
            [self.State.INVITED, self.State.DECLINED, self.State.LEFT],
            self.State.JOINING,
            joined_at=timezone.now(),
            left_at=None,
            next_step=self.Step.CHARTER,
        )

    def decline(self):
        """The person says no. Nobody is told; no reason is asked."""
        self._move([self.State.INVITED], self.State.DECLINED)

    @transaction.atomic
    def leave(self, *, stop_links=False):
        """The person leaves: nudges stop at once, and what they did loses their name.

        stop_links: whether what they posted leads nowhere from now on, as they wish.
        """
        self._move(
            [self.State.JOINING, self.State.ACTIVE, self.State.PAUSED],
            self.State.LEFT,
            left_at=timezone.now(),
            networks=[],
            audience_band=self.Band.UNKNOWN,
            instance="",
        )
        # What was agreed to for taking part ends with it, all of it.
        for purpose in Consent.Purpose.values:
            self._take_back(purpose)
        self.topics.clear()
        self._let_go(stop_links)

    def _let_go(self, stop_links):
        """Leaving does to other rows what erasing would: those that can do without us do.

        So a link keeps leading where it led, and its clicks stay in the totals, nobody's. What was
        only theirs (a model that LEAVES_WITH_THEM) is deleted.
        """
        for relation in self._meta.related_objects:
            name = relation.field.name
            theirs = relation.related_model.objects.filter(**{name: self})
            if stop_links and hasattr(theirs, "stop"):
                theirs.stop()
            if relation.on_delete is models.SET_NULL:
                theirs.update(**{name: None})
            elif getattr(relation.related_model, "LEAVES_WITH_THEM", False):
                theirs.delete()

    def pause(self):
        self._move([self.State.ACTIVE], self.State.PAUSED)

    def resume(self):
        self._move([self.State.PAUSED], self.State.ACTIVE)

    @transaction.atomic
    def accept(self, charter, *, language):
        """Accepts a version of the charter; the date and the text's fingerprint are kept."""
        self._consent(
            Consent.Purpose.PARTICIPATION,
            charter=charter,
            fingerprint=charter.fingerprint,
            language=language,
        )
        if self.state == self.State.JOINING:
            self._move([self.State.JOINING], self.State.ACTIVE, next_step=self.Step.TOPICS)

    def follow(self, topics):
        self.topics.set(topics)
        self._step_after(self.Step.TOPICS)

    @transaction.atomic
    def share_on(self, networks, *, band, instance=""):
        """networks: slugs. band: an Ambassador.Band value; blank is an answer too."""
        if band and band != self.audience_band:
            self._consent(Consent.Purpose.AUDIENCE_BAND)
        elif not band:
            self._take_back(Consent.Purpose.AUDIENCE_BAND)
        self.networks, self.audience_band = list(networks), band
        self.instance = instance or self.instance
        self.save(update_fields=["networks", "audience_band", "instance"])
        self._step_after(self.Step.NETWORKS)

    def remember_instance(self, instance):
        """Keeps the server the person named, so that they are asked once."""
        self.instance = instance
        self.save(update_fields=["instance"])

    def choose_rhythm(self, rhythm):
        """How often the person wants to be written to: an Ambassador.Rhythm value."""
        self.rhythm, self.rhythm_chosen = rhythm, True
        self.save(update_fields=["rhythm", "rhythm_chosen"])

    @transaction.atomic
    def slow_down(self):
        """Once a month from now on: what came more often was not looked at. They may go back.

        False where it did not come more often.
        """
        often = [self.Rhythm.DAILY, self.Rhythm.TWICE, self.Rhythm.WEEKLY]
        mine = type(self).objects.filter(pk=self.pk, rhythm__in=often)
        if not mine.update(rhythm=self.Rhythm.MONTHLY):
            return False
        record("ambassador.slowed", subject=self)
        return True

    def hide_checklist(self):
        self.checklist_hidden = True
        self.save(update_fields=["checklist_hidden"])

    def _consent(self, purpose, **fields):
        return Consent.objects.give(self.user, purpose, **fields)

    def _take_back(self, purpose):
        Consent.objects.take_back(self.user, purpose)

    def skip(self, step):
        self._step_after(step)

    def _step_after(self, step):
        """Moves past `step` when that is where the person stands; going back changes nothing."""
        steps = [*self.Step.values, ""]
        following = steps[steps.index(step) + 1]
        moved = type(self).objects.filter(pk=self.pk, next_step=step).update(next_step=following)
        if moved:
            self.next_step = following

    @transaction.atomic
    def _move(self, sources, target, **fields):
        moved = (
            type(self).objects.filter(pk=self.pk, state__in=sources).update(state=target, **fields)
        )
        if not moved:
            raise WrongState(f"{self.pk} is not in {sources}")
        for name, value in (fields | {"state": target}).items():
            setattr(self, name, value)
        record(f"ambassador.{target}", subject=self, actor=self.user)


class ConsentQuerySet(models.QuerySet):
    def give(self, user, purpose, **fields):
        """Writes down a yes. fields: charter, fingerprint and language, where the form says them.

        Without a fingerprint it is that of the words the purpose is asked with.
        """
        fields = {"language": get_language(), "fingerprint": fingerprint_of(purpose)} | fields
        return self.create(user=user, purpose=purpose, given=True, **fields, **_from_where())

    def take_back(self, user, purpose):
        """Writes down the end of a yes, where there was one; from then on it counts for nothing."""
        last = self.last_word(user, purpose)
        if last and last.given:
            words = {"charter": last.charter, "fingerprint": last.fingerprint}
            fields = words | {"language": get_language(), "given": False}
            self.create(user=user, purpose=purpose, **fields, **_from_where())

    def last_word(self, user, purpose):
        return self.filter(user=user, purpose=purpose).first()

    def is_given(self, user, purpose) -> bool:
        """Whether `user` agrees now. Nothing said is a no."""
        last = self.last_word(user, purpose)
        return bool(last and last.given)

    def given_by(self, user) -> set[str]:
        """The purposes `user` agrees to now, in one query."""
        return set(self.filter(user=user).standing().values_list("purpose", flat=True))

    def standing(self):
        """The yeses that count now: the newest row of a person and purpose, where it is one."""
        newest = Consent.objects.filter(user=OuterRef("user"), purpose=OuterRef("purpose"))
        return self.filter(given=True, pk=Subquery(newest.values("pk")[:1]))


class Consent(models.Model):
    """What a person agreed to, or took back. The newest row of a purpose counts.

    Each purpose is asked by itself, and none is needed for another, but that taking part ends
    them all. The database refuses to change a row; it goes only with the person's own erasure.
    """

    class Purpose(models.TextChoices):
        PARTICIPATION = "participation", _("Taking part")
        AUDIENCE_BAND = "audience_band", _("Giving the size of one’s audience")
        LEADERBOARD = "leaderboard", _("Being named in a leaderboard")
        MANAGER_VIEW = "manager_view", _("Showing one’s own figures to one’s manager")
        CONVERSIONS = "conversions", _("Seeing which results came from one’s own links")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    charter = models.ForeignKey(Charter, models.PROTECT, null=True)
    fingerprint = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    given = models.BooleanField()
    # Where from, with the end of the address cut off: see activity/origin.py.
    network = models.CharField(max_length=43, blank=True, default="")
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "purpose", "-at"], name="consent_last_word")]

    def __str__(self):
        return f"{self.purpose} {self.given}"


def fingerprint_of(purpose: str) -> str:
    """SHA-256 of the words a purpose is asked with, in each language, hexadecimal."""
    said = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            said.append(str(Consent.Purpose(purpose).label))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _from_where():
    return {"network": origin.current().network}


def new_nonce():
    """32 characters, 192 bits from the system's random source."""
    return secrets.token_urlsafe(24)


class InvitationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(accepted_at=None, revoked_at=None)

    def good(self, now):
        return self.open().filter(expires_at__gt=now)

    def unanswered_by(self, email):
        """What was sent to a mailbox whose owner is not in the programme, newest first."""
        return self.filter(
            user__email=email.strip().lower(),
            user__is_active=True,
            user__ambassador__state__in=[Ambassador.State.INVITED, Ambassador.State.DECLINED],
            accepted_at=None,
        )


class Invitation(models.Model):
    """An open door for one mailbox, for 14 days.

    The link is signed with the server's key over the row's number and nonce; the database alone
    does not make one. Reading the link does nothing: only a POST goes through the door, because
    mail scanners follow every link they find.
    """

    SALT = "porte-voix.invitation"
    # A stranger who knows an address must not be able to fill its mailbox.
    PAUSE_BETWEEN_LINKS = timedelta(minutes=10)
    MOST_RENEWALS = 3

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    message = models.TextField(blank=True, max_length=1000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    send_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open_per_person",
            )
        ]

    def __str__(self):
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"

    @classmethod
    @transaction.atomic
    def send(cls, user, *, by=None, message="", send_at=None):
        """Invites `user`, or invites again: an older link stops working.

        by: who invites (their name is in the mail), None when the person asked for a new link.
        send_at: a later moment for the mail; the 14 days begin there.
        """
        Ambassador.objects.get_or_create(user=user)
        # Two at once would leave two open doors: the second waits here for the first.
        Ambassador.objects.select_for_update().get(user=user)
        cls.objects.open().filter(user=user).update(revoked_at=timezone.now())
        send_at = send_at or timezone.now()
        invitation = cls.objects.create(
            user=user,
            invited_by=by,
            message=message,
            send_at=send_at,
            expires_at=send_at + timedelta(days=settings.INVITATION_DAYS),
        )
        record("invitation.sent", subject=invitation, actor=by)
        return invitation

    @classmethod
    def open_many(cls, people, *, by):
        """Makes the invitations of people who were never invited, in three statements.

        people: (user, message, send_at or None) for each. Nobody is told and nothing is recorded
        here: the caller does both, once for all of them. Gives the new rows.
        """
        Ambassador.objects.bulk_create(
            [Ambassador(user=user) for user, _message, _at in people], ignore_conflicts=True
        )
        now, days = timezone.now(), timedelta(days=settings.INVITATION_DAYS)
        return cls.objects.bulk_create(
            cls(
                user=user,
                invited_by=by,
                message=message,
                send_at=at or now,
                expires_at=(at or now) + days,
            )
            for user, message, at in people
        )

    @classmethod
    def renew(cls, email):
        """Sends a new link to somebody who was invited and has not joined; else does nothing."""
        last = cls.objects.unanswered_by(email).select_related("user").first()
        now = timezone.now()
        if last is None or last.send_at > now:
            return
        with transaction.atomic():
            # Two at once wait for each other here, and the second sees what the first sent.
            Ambassador.objects.select_for_update().get(user=last.user)
            sent = cls.objects.filter(user=last.user)
            if sent.filter(created_at__gt=now - cls.PAUSE_BETWEEN_LINKS).exists():
                return
            lately = now - timedelta(days=settings.INVITATION_DAYS)
            asked_for = sent.filter(invited_by=None, created_at__gt=lately)
            if asked_for.count() < cls.MOST_RENEWALS:
                cls.send(last.user)

    @property
    def token(self):
        return signing.Signer(salt=self.SALT).sign_object([self.pk, self.nonce])

    @property
    def url(self):
        return settings.BASE_URL + reverse("ambassadors:invitation-open", args=[self.token])

    @classmethod
    def from_token(cls, token):
        """The invitation behind a link. Raises DoesNotExist for a link that was never ours."""
        try:
            pk, nonce = signing.Signer(salt=cls.SALT).unsign_object(token)
        except (signing.BadSignature, ValueError):
            raise cls.DoesNotExist from None
        invitations = cls.objects.select_related("user__ambassador", "invited_by")
        return invitations.get(pk=pk, nonce=nonce)

    def check_good(self):
        """Raises InvitationUsed or InvitationExpired unless the door is still open."""
        if self.accepted_at or self.revoked_at or not self.user.is_active:
            raise InvitationUsed
        if self.user.ambassador.is_enrolled:
            raise InvitationUsed
        if self.expires_at <= timezone.now():
            raise InvitationExpired

    @transaction.atomic
    def accept(self):
        """Goes through the door, once. Raises InvitationUsed or InvitationExpired."""
        self.check_good()
        now = timezone.now()
        if not type(self).objects.good(now).filter(pk=self.pk).update(accepted_at=now):
            raise InvitationUsed
        self.accepted_at = now
        self.user.ambassador.join()

    @transaction.atomic
    def decline(self):
        """Says no, once; the link stops working."""
        self.check_good()
        now = timezone.now()
        if not type(self).objects.good(now).filter(pk=self.pk).update(revoked_at=now):
            raise InvitationUsed
        self.revoked_at = now
        # Who left and was asked again has said no already.
        if self.user.ambassador.state == Ambassador.State.INVITED:
            self.user.ambassador.decline()
