from functools import cached_property
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from activity.log import record
from ambassadors.accounts.erased import ERASED_DOMAIN
from ambassadors.accounts.policy import allows
from ambassadors.accounts.roles import Belonging, Role


def validate_time_zone(name):
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


class LastAdmin(Exception):
    """Somebody must keep the keys: the last admin cannot be demoted or deactivated."""


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, role=Role.ADMIN, **fields)

    def normalize_email(self, email):
        """One mailbox, one spelling: lower case throughout."""
        return email.strip().lower()

    def get_by_natural_key(self, email):
        return self.get(email=self.normalize_email(email))


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def admins(self):
        return self.filter(role=Role.ADMIN)

    def with_role(self, *roles):
        return self.filter(role__in=roles)

    def named_like(self, words):
        """Each of `words` in the name or the address; accents and capitals are forgiven."""
        people = self
        for word in words:
            found = Q()
            for field in ("first_name", "preferred_name", "last_name"):
                found |= Q(**{f"{field}__unaccent__icontains": word})
            people = people.filter(found | Q(email__icontains=word))
        return people.order_by("last_name", "first_name", "pk")

    def employees(self):
        return self.filter(belonging=Belonging.EMPLOYEE)

    def hire(self):
        """Of these, whoever was a customer and is in the directory now works here."""
        listed = self.customers().filter(person__isnull=False)
        return listed.update(belonging=Belonging.EMPLOYEE)

    def customers(self):
        return self.filter(belonging=Belonging.CUSTOMER)

    def overseen_by(self, user):
        """Those in the departments of a limited manager; everybody, for who is not limited."""
        if not user.is_limited:
            return self
        within = user.overseen_ids
        return self.filter(Q(person__department__in=within) | Q(person__team__in=within))


class User(AbstractBaseUser):
    """A person who can log in, by e-mail. Where they work is in directory.Person."""

    # Unique and, by a constraint, in lower case: one mailbox is one person, whatever its spelling.
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    preferred_name = models.CharField(_("preferred name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default=settings.TIME_ZONE,
        validators=[validate_time_zone],
    )
    letter_keys = models.BooleanField(_("shortcuts of one letter"), default=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.AMBASSADOR)
    # A manager of some departments, each with all beneath it. Kept beside the list itself: where
    # a department is deleted, its manager then sees less, and never the whole company.
    is_limited = models.BooleanField(_("limited to departments"), default=False)
    oversees = models.ManyToManyField(
        "ambassadors.Department",
        blank=True,
        related_name="overseers",
        verbose_name=_("departments"),
    )
    belonging = models.CharField(max_length=8, choices=Belonging, default=Belonging.EMPLOYEE)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=Q(is_limited=False) | Q(role=Role.MANAGER), name="user_limited_is_manager"
            ),
            models.CheckConstraint(
                condition=Q(belonging__in=Belonging.values), name="user_belonging_known"
            ),
            models.CheckConstraint(
                condition=Q(belonging=Belonging.EMPLOYEE) | Q(role=Role.AMBASSADOR),
                name="user_customer_runs_nothing",
            ),
        ]
        indexes = [models.Index(fields=["last_name", "first_name"], name="user_by_name")]

    def __str__(self):
        return self.get_full_name()

    def get_full_name(self):
        return f"{self.get_short_name()} {self.last_name}".strip() or self.email

    def get_short_name(self):
        if self.email.endswith(ERASED_DOMAIN):
            # Translators: fr: Ancien membre de l’équipe
            return str(_("Former colleague"))
        return self.preferred_name or self.first_name

    @property
    def initials(self):
        return (self.get_short_name()[:1] + self.last_name[:1]).upper() or self.email[:1].upper()

    def has_perm(self, perm, obj=None):
        return allows(self, perm, obj)

    def has_perms(self, perms, obj=None):
        return all(self.has_perm(perm, obj) for perm in perms)

    def _get_session_auth_hash(self, secret=None):
        # With the role in it: whoever gets another one logs in anew, on every device.
        return salted_hmac(
            f"{__name__}.session", f"{self.password}:{self.role}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def is_customer(self):
        return self.belonging == Belonging.CUSTOMER

    @cached_property
    def overseen_ids(self) -> frozenset[int]:
        """The departments a limited manager answers for, with all beneath them."""
        departments = self.oversees.model.objects
        return frozenset(departments.beneath(self.oversees.values_list("pk", flat=True)))

    @property
    def overseen_names(self):
        return ", ".join(map(str, self.oversees.all()))

    @transaction.atomic
    def change_role(self, role, by, departments=None):
        """Gives another role, or other limits. Open sessions end where the role is another.

        departments: what a manager is limited to; None is the whole company, and an empty list is
        nothing but their own. Raises LastAdmin when nobody would be left to administer.
        """
        was = self._keep_an_admin(role == Role.ADMIN)
        is_limited = departments is not None and role == Role.MANAGER
        after = sorted(each.pk for each in departments) if is_limited else None
        before = sorted(self.oversees.values_list("pk", flat=True)) if self.is_limited else None
        if (was, before) == (role, after):
            return
        fields = {"role": role, "is_limited": is_limited}
        if role != Role.AMBASSADOR:
            fields["belonging"] = Belonging.EMPLOYEE
        type(self).objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)
        self.oversees.set(departments if is_limited else [])
        self.__dict__.pop("overseen_ids", None)
        limits = {"departments_before": before, "departments_after": after}
        data = {} if before == after else limits
        record("user.role_changed", subject=self, actor=by, before=was, after=role, **data)

    @transaction.atomic
    def deactivate(self, by):
        """Closes the account at once: the next request of any open session is refused."""
        self._keep_an_admin(False)
        if not type(self).objects.filter(pk=self.pk, is_active=True).update(is_active=False):
            return
        self.is_active = False
        record("user.deactivated", subject=self, actor=by)

    @transaction.atomic
    def reactivate(self, by):
        """Opens a closed account again; what the person may do is what they could before."""
        if not type(self).objects.filter(pk=self.pk, is_active=False).update(is_active=True):
            return
        self.is_active = True
        record("user.reactivated", subject=self, actor=by)

    def _keep_an_admin(self, stays_admin):
        # All admins are locked, so that two demotions at once cannot both see the other one left.
        admins = dict(User.objects.active().admins().select_for_update().values_list("pk", "role"))
        if not stays_admin and set(admins) == {self.pk}:
            raise LastAdmin
        # As it is now, and not as it was when this row was read.
        return User.objects.filter(pk=self.pk).values_list("role", flat=True).first() or self.role
