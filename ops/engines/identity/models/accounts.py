"""Accounts, keys to them, and the tries to get in."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .organisation import Person


class Folded(Func):
    """Text as names are compared: NFKC, lower case."""

    template = "lower(normalize(%(expressions)s, NFKC))"
    output_field = models.CharField()


class UserManager(BaseUserManager["User"]):
    """Accounts, found by name whatever its case or width."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account of that name with its person.

        Raises User.DoesNotExist.
        """
        return self.named(username or "").get()

    def named(self, username: str) -> "models.QuerySet[User]":
        """Return the accounts (at most one) of that name."""
        return (
            self.get_queryset()
            .select_related("person")
            .alias(folded=Folded("username"))
            .filter(folded=Folded(Value(username)))
        )


class User(AbstractBaseUser, PermissionsMixin):
    """One account of one person; rights come from the person's positions, never from here."""

    uuid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(_("username"), max_length=64, unique=True)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="accounts", verbose_name=_("person")
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the record screens"), default=False)
    is_demo = models.BooleanField(_("demo account"), default=False)
    session_epoch = models.PositiveIntegerField(_("session epoch"), default=0)
    totp_secret = models.TextField(_("one-time code secret (sealed)"), blank=True)
    totp_confirmed_at = models.DateTimeField(_("one-time code since"), null=True, blank=True)
    totp_last_counter = models.BigIntegerField(_("last one-time code used"), default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(Folded("username"), name="user_name_once_whatever_its_case"),
            models.CheckConstraint(name="user_has_name", condition=~Q(username="")),
            # A superuser would pass every check of the framework: there is none.
            models.CheckConstraint(name="user_never_superuser", condition=Q(is_superuser=False)),
            models.CheckConstraint(
                name="user_code_has_secret",
                condition=Q(totp_confirmed_at__isnull=True) | ~Q(totp_secret=""),
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the backends alone; no flag of the account grants anything."""
        return super().has_perm(perm, obj) if self.is_active and not self.is_superuser else False

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the password and the epoch: raising the epoch ends them all."""
        return self._bound(self.session_epoch)

    def _bound(self, epoch: int) -> str:
        return salted_hmac(
            "ops.engines.identity.session", f"{self.password}:{epoch}", algorithm="sha256"
        ).hexdigest()


class ApiToken(models.Model):
    """A key for programs: only its hash is kept, it ends by itself."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="api_tokens", verbose_name=_("account")
    )
    label = models.CharField(_("label"), max_length=80)
    digest = models.BinaryField(_("hash"), max_length=32, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                name="apitoken_ends_after_start",
                condition=Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class SetupLink(models.Model):
    """The one-time link that makes the company and its first accounts."""

    digest = models.BinaryField(_("hash"), max_length=32, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")
        constraints = [
            # One company is set up once: a second used link cannot exist.
            models.UniqueConstraint(
                Value(1), name="setuplink_used_once", condition=Q(used_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"


class Assertion(models.Model):
    """Proof that a person was there: a fresh second factor for one purpose and one payload.

    Only the auth role writes it, and its time is the database's own. It is used by being cited
    once (ADR 14); after five minutes nothing may cite it any more. One of a passkey keeps the text
    that was signed and the signature, so that it can be checked for ever (ADR 19).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("account"))
    purpose = models.CharField(_("purpose"), max_length=32)
    payload_hash = models.CharField(_("payload hash"), max_length=64)
    method = models.CharField(_("method"), max_length=8)
    counter = models.BigIntegerField(_("one-time code number"), null=True, blank=True)
    passkey = models.ForeignKey(
        "identity.Passkey",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("passkey"),
    )
    signed = models.TextField(_("text signed"), blank=True, db_default="")
    client_data = models.TextField(_("client data"), blank=True, db_default="")
    authenticator_data = models.BinaryField(_("authenticator data"), null=True, blank=True)
    signature = models.BinaryField(_("signature"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"), db_default=Now())

    class Meta:
        verbose_name = _("step-up assertion")
        verbose_name_plural = _("step-up assertions")
        constraints = [
            models.UniqueConstraint(
                name="assertion_of_person_and_payload", fields=["id", "person", "payload_hash"]
            ),
            models.UniqueConstraint(name="assertion_code_once", fields=["user", "counter"]),
            models.UniqueConstraint(name="assertion_signature_once", fields=["signature"]),
            models.CheckConstraint(
                name="assertion_method_known",
                condition=Q(
                    method="totp",
                    counter__isnull=False,
                    passkey__isnull=True,
                    signature__isnull=True,
                )
                | Q(
                    method="passkey",
                    counter__isnull=True,
                    passkey__isnull=False,
                    authenticator_data__isnull=False,
                    signature__isnull=False,
                )
                & ~Q(signed="")
                & ~Q(client_data=""),
            ),
            models.CheckConstraint(
                name="assertion_names_payload", condition=Q(payload_hash__regex="^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.purpose}"


class SignInTry(models.Model):
    """One try to sign in, counted per account name and per address (both keyed hashes)."""

    account = models.CharField(_("account (hash)"), max_length=64)
    address = models.CharField(_("address (hash)"), max_length=64)
    at = models.DateTimeField(_("at"))
    succeeded = models.BooleanField(_("succeeded"), default=False)

    class Meta:
        verbose_name = _("sign-in try")
        verbose_name_plural = _("sign-in tries")
        indexes = [
            models.Index(name="signintry_by_account", fields=["account", "at"]),
            models.Index(name="signintry_by_address", fields=["address", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
