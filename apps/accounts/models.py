"""Tables of accounts."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.terms import Availability, KeyChoice, KeyMode, PartyKind, TeamFunction, choices
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.ids import new_id
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class UserAccounts(BaseUserManager["User"]):
    """Creates users; addresses are compared in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who may sign in once seated in an organization."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the user by address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do is a matter of their membership, not of this row."""

    global_because: ClassVar[str] = "sign-in happens before the tenant is known; one person may sit in several"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    #: How single keys work for this person, in whichever browser.
    key_mode = models.CharField(max_length=7, choices=choices(KeyChoice), default=KeyChoice.LETTERS)
    #: Keys that this person gave to commands, by the key that each has for everybody else.
    own_keys = models.JSONField(default=dict, blank=True)

    objects: ClassVar[UserAccounts] = UserAccounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Return the name shown to colleagues."""
        return self.name


class Seat(models.Model):
    """Which organizations a user may enter; the narrow half of a membership."""

    global_because: ClassVar[str] = "read at sign-in before the tenant is known; ids only"

    user = models.ForeignKey(User, models.CASCADE, related_name="seats")
    organization_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organization_id"], name="seat_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"


class Party(TenantModel):
    """An organisation around the tenant: agency, partner clinic, payer, employer, vendor."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, choices=choices(PartyKind))
    is_active = models.BooleanField(default=True)
    agreement = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "parties"
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="party_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class Team(TenantModel):
    """A team that can own leads. Its group carries the object grants."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    function = models.CharField(max_length=30, choices=choices(TeamFunction))
    group = models.OneToOneField(Group, models.PROTECT, editable=False, related_name="team")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="team_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class Role(TenantModel):
    """A job's rights: permissions, the field groups it does not see, and those that it sees and does not edit."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    permissions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    hidden_field_groups = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    read_only_field_groups = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="role_key")]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """A user's place in the organization: role, availability and how many leads they can carry.

    One with a party is a person of that agency: they see its own deliveries and nothing of the organization.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = TenantForeignKey(Role, related_name="memberships")
    party = TenantForeignKey(Party, null=True, blank=True, related_name="people")
    is_active = models.BooleanField(default=True)
    availability = models.CharField(max_length=12, choices=choices(Availability), default=Availability.AVAILABLE)
    open_lead_cap = models.PositiveIntegerField(default=50)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="membership_once")]

    def __str__(self) -> str:
        return self.user.name


class TeamMembership(TenantModel):
    """A person's place in a team."""

    team = TenantForeignKey(Team, models.CASCADE, related_name="members")
    membership = TenantForeignKey(Membership, models.CASCADE, related_name="teams")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "team", "membership"], name="team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.team_id}"


class ApiKey(TenantModel):
    """A credential of a program. The key itself is shown once and stored as a digest only."""

    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=24)
    digest = models.CharField(max_length=64)
    mode = models.CharField(max_length=4, choices=choices(KeyMode), default=KeyMode.LIVE)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    party = TenantForeignKey(Party, null=True, blank=True, related_name="keys")
    membership = TenantForeignKey(Membership, null=True, blank=True, related_name="keys")
    per_minute = models.PositiveIntegerField(default=600)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaced_by = TenantForeignKey("self", null=True, blank=True, related_name="replaces")

    class Meta:
        verbose_name = "API key"
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="api_key_digest")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class KeyUsage(TenantModel):
    """How often a key was used in a minute; the rate limit reads and adds in one statement."""

    key = TenantForeignKey(ApiKey, models.CASCADE, related_name="+", indexed=False)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key", "minute"], name="key_minute")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.count}"


class Notice(TenantModel):
    """Something a colleague has to hear of that hangs on no lead: a rule that broke, a limit that was passed.

    `dedup_key` names the matter: of one matter a person hears once. `url` is an address within the site.
    """

    member = TenantForeignKey(Membership, models.CASCADE, related_name="notices", indexed=False)
    kind = models.CharField(max_length=30)
    sentence = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    dedup_key = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "member", "dedup_key"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "member", "made_at"], name="notice_unseen", condition=models.Q(seen_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
