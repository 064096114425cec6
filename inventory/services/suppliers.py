"""Suppliers: made, changed, suspended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import SupplierState
from inventory.errors import UnknownDocument
from inventory.models import Supplier
from ops.engines.audit import services as audit
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import Conflict

SUBJECT = "inventory.supplier"
LENGTHS = {
    "name": 200,
    "contact": 80,
    "phone": 40,
    "email": 120,
    "city": 80,
    "region": 80,
    "postcode": 16,
}
FIELDS = tuple(LENGTHS)

_STAGE = """
CREATE TEMP TABLE inventory_supplier_stage (
    code text, name text, contact text, phone text, email text, city text, region text,
    postcode text
) ON COMMIT DROP
"""
_COPY = """
COPY inventory_supplier_stage FROM STDIN WITH (FORMAT csv,
    FORCE_NOT_NULL (code, name, contact, phone, email, city, region, postcode))
"""
# A file says nothing new about what it leaves empty.
_LOAD = """
INSERT INTO inventory_supplier AS s
    (code, name, state, contact, phone, email, city, region, postcode, created_at)
SELECT code, name, 'active', contact, phone, email, city, region, postcode, %s
FROM inventory_supplier_stage ORDER BY code
ON CONFLICT (code) DO UPDATE
SET name = excluded.name,
    contact = coalesce(nullif(excluded.contact, ''), s.contact),
    phone = coalesce(nullif(excluded.phone, ''), s.phone),
    email = coalesce(nullif(excluded.email, ''), s.email),
    city = coalesce(nullif(excluded.city, ''), s.city),
    region = coalesce(nullif(excluded.region, ''), s.region),
    postcode = coalesce(nullif(excluded.postcode, ''), s.postcode)
WHERE (s.name, s.city, s.region, s.postcode, s.contact, s.phone, s.email) IS DISTINCT FROM
      (excluded.name, excluded.city, excluded.region, excluded.postcode, excluded.contact,
       excluded.phone, excluded.email)
RETURNING (xmax = 0)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRow:
    """One supplier of a file."""

    code: str
    name: str
    contact: str = ""
    phone: str = ""
    email: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class SuppliersLoaded:
    """What a file of suppliers did."""

    created: int
    updated: int
    unchanged: int


def create_supplier(*, code: str, name: str, actor: Actor, at: datetime, **contact: str) -> int:
    """Make a supplier and return its id; `contact` holds any of the contact fields.

    Raises Conflict when the code is taken, BadInput for texts that cannot be read.
    """
    values = _read({"name": name} | contact)
    try:
        with transaction.atomic():
            audit.acting(actor)
            made = Supplier.objects.create(code=parse.code(code), created_at=at, **values)
            _record("created", made, actor=actor, at=at)
    except IntegrityError as error:
        raise Conflict(
            "inventory.supplier_code_taken", _("This supplier code is taken.")
        ) from error
    return made.pk


def edit_supplier(*, supplier_id: int, actor: Actor, at: datetime, **changes: str) -> None:
    """Change name or contact fields of a supplier. Raises UnknownDocument, BadInput."""
    values = _read(changes)
    with transaction.atomic():
        audit.acting(actor)
        found = _lock(supplier_id)
        for field, value in values.items():
            setattr(found, field, value)
        found.save(update_fields=list(values))
        _record("edited", found, actor=actor, at=at)


def suspend_supplier(*, supplier_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Order nothing more from a supplier. Raises UnknownDocument, BadInput without a reason."""
    _set_state(supplier_id, SupplierState.SUSPENDED, reason, actor=actor, at=at)


def resume_supplier(*, supplier_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Let orders go to a supplier again. Raises UnknownDocument, BadInput without a reason."""
    _set_state(supplier_id, SupplierState.ACTIVE, reason, actor=actor, at=at)


def load_suppliers(
    *, rows: Iterable[SupplierRow], source: str, actor: Actor, at: datetime
) -> SuppliersLoaded:
    """Create or update suppliers by code; the same rows again change nothing. One statement."""
    buffer, total = io.StringIO(), 0
    writer = csv.writer(buffer)
    for row in rows:
        total += 1
        writer.writerow([row.code, *(getattr(row, field) for field in FIELDS)])
    buffer.seek(0)
    with transaction.atomic():
        audit.acting(actor)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS inventory_supplier_stage")
            cursor.execute(_STAGE)
            cursor.copy_expert(_COPY, buffer)
            cursor.execute(_LOAD, [at])
            fresh = [bool(row[0]) for row in cursor.fetchall()]
        done = SuppliersLoaded(sum(fresh), len(fresh) - sum(fresh), total - len(fresh))
        audit.record(
            actor=actor,
            at=at,
            action="inventory.suppliers_loaded",
            body={"source": source, "created": done.created, "updated": done.updated},
        )
    return done


def _read(values: dict[str, str]) -> dict[str, Any]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"a supplier has no {', '.join(sorted(unknown))}")
    return {
        field: parse.text(value, most=LENGTHS[field], least=1 if field == "name" else 0)
        for field, value in values.items()
    }


def _set_state(
    supplier_id: int, state: SupplierState, reason: str, *, actor: Actor, at: datetime
) -> None:
    why = parse.text(reason, least=1)
    with transaction.atomic():
        audit.acting(actor)
        found = _lock(supplier_id)
        found.state = state
        found.save(update_fields=["state"])
        _record(str(state), found, actor=actor, at=at, reason=why)


def _lock(supplier_id: int) -> Supplier:
    found = (
        Supplier.objects.select_for_update(of=("self",), no_key=True).filter(pk=supplier_id).first()
    )
    if found is None:
        raise UnknownDocument("inventory.supplier_unknown", _("There is no such supplier."))
    return found


def _record(
    action: str, supplier: Supplier, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        actor=actor,
        at=at,
        action=f"inventory.supplier_{action}",
        obj=(SUBJECT, supplier.pk),
        body={"code": supplier.code, "name": supplier.name, "reason": reason},
    )
