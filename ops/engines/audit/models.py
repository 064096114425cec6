"""The audit trail: what was done, by whom, and which field was what before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ops.engines.kernel.actor import ActorKind

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionIdField(models.Field[Any, Any]):
    """PostgreSQL's 64-bit transaction id (xid8), read as an int."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column type."""
        return "xid8"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Read the text the driver gives for a type it does not know."""
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Write it as text: the database casts no number to it."""
        return None if value is None else str(value)


class ActorKindChoices(models.TextChoices):
    """Sort of actor, as shown."""

    PERSON = ActorKind.PERSON, _("person")
    SYSTEM = ActorKind.SYSTEM, _("system")
    IMPORT = ActorKind.IMPORT, _("import")


class Fact(models.Model):
    """One thing somebody did. Written by `audit_append` alone; never changed, never deleted.

    The table is partitioned by ranges of `id`; table, checks and indexes are SQL in 0001.
    """

    id = models.BigAutoField(_("number"), primary_key=True)
    at = models.DateTimeField(_("decided at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    txid = TransactionIdField(_("transaction"))
    actor_kind = models.TextField(_("actor kind"), choices=ActorKindChoices)
    person_id = models.BigIntegerField(_("person"), null=True)
    user_id = models.BigIntegerField(_("account"), null=True)
    actor_name = models.TextField(_("actor"))
    session = models.TextField(_("session"))
    request_id = models.TextField(_("request id"))
    action = models.TextField(_("action"))
    object_type = models.TextField(_("object type"))
    object_id = models.TextField(_("object"))
    body = models.TextField(_("content"))
    leaf = models.BinaryField(_("leaf hash"))

    class Meta:
        db_table = "audit_fact"
        verbose_name = _("audit fact")
        verbose_name_plural = _("audit facts")

    def __str__(self) -> str:
        return f"{self.id} {self.action}"


class FieldChange(models.Model):
    """One column of one row that changed. Written by a trigger alone."""

    id = models.BigAutoField(_("number"), primary_key=True)
    table_name = models.TextField(_("table"))
    row_id = models.TextField(_("row"))
    field = models.TextField(_("field"))
    old = models.TextField(_("before"), null=True)  # noqa: DJ001 - null is not the empty text
    new = models.TextField(_("after"), null=True)  # noqa: DJ001 - null is not the empty text
    at = models.DateTimeField(_("changed at"))
    person_id = models.BigIntegerField(_("person"), null=True)
    actor_name = models.TextField(_("actor"))
    db_user = models.TextField(_("database role"))

    class Meta:
        db_table = "audit_fieldchange"
        verbose_name = _("field change")
        verbose_name_plural = _("field changes")

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id} {self.field}"


class Leaf(models.Model):
    """The place of one fact in the sealed sequence; `id` is the place, counted from nought.

    Written by the sealer alone, gapless, never changed.
    """

    id = models.BigIntegerField(_("place"), primary_key=True)
    fact_id = models.BigIntegerField(_("audit fact"), unique=True)
    leaf = models.BinaryField(_("leaf hash"))

    class Meta:
        db_table = "audit_leaf"
        verbose_name = _("sealed leaf")
        verbose_name_plural = _("sealed leaves")

    def __str__(self) -> str:
        return str(self.id)


class Anchor(models.Model):
    """One seal over all leaves so far; `id` is its number, counted from one, gapless.

    Signed are all columns but the signatures and the peaks, which the root follows from.
    """

    id = models.BigIntegerField(_("number"), primary_key=True)
    first_leaf = models.BigIntegerField(_("first leaf"))
    tree_size = models.BigIntegerField(_("leaves"))
    root = models.BinaryField(_("root"))
    previous = models.BinaryField(_("hash of the anchor before"))
    sealed_at = models.DateTimeField(_("sealed at"))
    horizon = TransactionIdField(_("transactions before"))
    key_id = models.TextField(_("key"))
    next_key = models.BinaryField(_("key that follows"), null=True)
    signature = models.BinaryField(_("signature"))
    next_signature = models.BinaryField(_("signature of the key that follows"), null=True)
    peaks = models.BinaryField(_("peaks"))

    class Meta:
        db_table = "audit_anchor"
        verbose_name = _("audit anchor")
        verbose_name_plural = _("audit anchors")

    def __str__(self) -> str:
        return str(self.id)
