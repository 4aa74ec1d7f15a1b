"""Teams, the people who log in, and the base of everything that belongs to one team."""

import uuid
import zoneinfo
from typing import Any, ClassVar, Final, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from tformance.accounts.tenancy import current_team_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who signs in with `email`; without a password only other ways in work."""
        if not email:
            raise ValueError("an e-mail address is needed")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in; the e-mail address is the login."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)  # asked for by allauth; the Django admin is not installed
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email


def check_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone")


LEAST_PEOPLE: Final = 5  # of a group whose numbers may be told; a team may ask for more, never for less
MOST_PEOPLE: Final = 50


class SeenBy(models.TextChoices):
    """Who but themselves sees numbers of single people: leads those of their groups, admins those of everybody."""

    LEADS = "leads", "Leads and admins"
    ADMINS = "admins", "Admins only"
    NOBODY = "nobody", "Nobody else"


class Team(models.Model):
    """The tenant: a company or department whose rows nobody else sees.

    `removal` says what is being deleted in the background. Pull requests closed before so many years are not kept
    (None: all are), nor entries of the log of looks at people after so many months. What it decided about privacy stands
    here too, as it is to be known before the team's door is entered.
    """

    class Removal(models.TextChoices):
        TEAM = "team"  # all of it: nobody enters any more
        DATA = "data"  # whatever was read

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC", validators=[check_zone])
    is_demo = models.BooleanField(default=False)
    removal = models.CharField(max_length=4, choices=Removal.choices, blank=True, default="", db_default="")
    keep_years = models.PositiveSmallIntegerField(null=True)
    keep_looks_months = models.PositiveSmallIntegerField(default=24, db_default=24)
    definition_version = models.PositiveIntegerField(default=1)
    least_people = models.PositiveSmallIntegerField(default=LEAST_PEOPLE, db_default=LEAST_PEOPLE)
    people_seen_by = models.CharField(
        max_length=10, choices=SeenBy.choices, default=SeenBy.LEADS, db_default=SeenBy.LEADS
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(least_people__range=(LEAST_PEOPLE, MOST_PEOPLE)), name="team_least_people"
            ),
            models.CheckConstraint(condition=models.Q(people_seen_by__in=SeenBy.values), name="team_people_seen_by"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMIN = "admin"
    LEAD = "lead"
    DEVELOPER = "developer"


class Membership(models.Model):
    """A user's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role"),
        ]


class OldSlug(models.Model):
    """What a team was called in addresses before: it leads to the team for good, and no other team may take it.

    Of a team that was deleted it leads nowhere: old links must not show somebody else's team.
    """

    slug = models.SlugField(max_length=60, unique=True)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Invitation(models.Model):
    """Lets whoever has `email` join the team once, until `expires_at`; of the token only the digest is kept.

    It is open as long as it is neither accepted nor revoked nor too old; an address has one open invitation at most.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role"),
        ]

    def __str__(self) -> str:
        return self.email


class ApiToken(models.Model):
    """Lets a program read one team's files as its owner would, until `expires_at`; only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=20, default="read")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(scope="read"), name="api_token_scope")]
        indexes = [models.Index(fields=["team", "user"], name="api_token_owner")]

    def __str__(self) -> str:
        return self.name


class Tries(models.Model):
    """How often something was tried of late, such as signing in; written by Django's cache in the database."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class OneTimeKey(models.Model):
    """Signs the operator in once; only the digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class TenantQuerySet(models.QuerySet[Any]):
    def of_team(self) -> Self:
        return self.filter(team_id=current_team_id())


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Fails closed: raises NoTenant outside `tenant()`, sees one team inside."""

    def get_queryset(self) -> TenantQuerySet:
        rows: TenantQuerySet = super().get_queryset()
        return rows.of_team()


class TenantModel(models.Model):
    """A row that belongs to one team; its table has a row-level security policy."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)

    objects: ClassVar[Any] = TenantManager()

    class Meta:
        abstract = True


class SavedView(TenantModel):
    """A list as its owner wants to see it again: a name, and the query string of the address. Nobody else sees it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class AuditEntry(TenantModel):
    """What somebody did that others may want to know: who, what, about whom or what, and when. It is only added to.

    `who` is the e-mail address at that time, for when the user is gone; `about` is for people to read, `subject` names
    the same thing for good, such as "member 12". No secret is ever part of it.
    """

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=254)
    what = models.CharField(max_length=40)
    about = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="audit_newest"),
            models.Index(fields=["team", "subject", "-at"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.what} {self.about}".rstrip()


class Group(TenantModel):
    """A part of a team, such as a squad."""

    name = models.CharField(max_length=200)
    lead = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="group_name_unique")]

    def __str__(self) -> str:
        return self.name
