"""What the company's directory calls our people and its groups, and what it asked of us lately."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ambassadors.accounts.groups import GroupRole
from ambassadors.accounts.models import User
from ambassadors.accounts.tokens import ApiToken
from ambassadors.directory.models import Department


class Identity(models.Model):
    """A person as the company's directory knows them. Who came by a file has none until it asks."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity", primary_key=True
    )
    user_name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    organization = models.CharField(max_length=150, blank=True)
    # Whether the directory calls the one address the primary one: said back as it was said.
    primary = models.BooleanField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    # For the directory the person is gone; their figures, and the account they had, are not.
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("user_name"),
                condition=Q(deleted_at=None),
                name="identity_user_name_once",
            )
        ]
        indexes = [models.Index(fields=["external_id"], name="identity_by_external_id")]

    def __str__(self):
        return self.user_name


def provisioned() -> models.QuerySet[User]:
    """Whom the company's directory may see: those who work here and have not been deleted."""
    people = User.objects.filter(person__isnull=False, identity__deleted_at=None)
    return people.select_related("person__department", "identity")


class DirectoryGroupQuerySet(models.QuerySet):
    def of(self, user):
        return self.filter(members=user)

    def names(self):
        """Names and identifiers of these groups, as a mapping may have either."""
        pairs = self.values_list("display_name", "external_id")
        return {name for pair in pairs for name in pair if name}

    def with_size(self):
        return self.annotate(size=models.Count("members"))


class DirectoryGroup(models.Model):
    """A group of the company's directory: a team here, or a role, or nothing yet."""

    display_name = models.CharField(_("name"), max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="directory_groups", blank=True
    )
    team = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = DirectoryGroupQuerySet.as_manager()

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(Lower("display_name"), name="directory_group_name_once")
        ]
        indexes = [models.Index(fields=["external_id"], name="group_by_external_id")]

    def __str__(self):
        return self.display_name

    @property
    def names(self):
        return {name for name in (self.display_name, self.external_id) if name}

    @property
    def gives_role(self):
        return GroupRole.objects.naming(self.names).exists()


class CallQuerySet(models.QuerySet):
    def failed(self):
        return self.filter(status__gte=400)


class Call(models.Model):
    """A change the company's directory asked for, or a question it was refused. Nothing personal:
    an address with a number in it, never a name."""

    KEPT = 500

    at = models.DateTimeField(default=timezone.now, editable=False)
    token = models.ForeignKey(ApiToken, models.SET_NULL, null=True, related_name="+")
    method = models.CharField(max_length=7)
    path = models.CharField(max_length=120)
    status = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=30, blank=True)
    attribute = models.CharField(max_length=80, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "-id"], name="scim_call_by_status")]

    def __str__(self):
        return f"{self.method} {self.path} {self.status}"

    @classmethod
    def note(cls, **fields):
        """Keeps one more, and forgets the oldest of them now and then."""
        call = cls.objects.create(**fields)
        if call.pk % 50 == 0:
            cls.objects.filter(pk__lte=call.pk - cls.KEPT).delete()
