"""Files of the warehouse: suppliers, and the figures of a stock count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from inventory.choices import CountState
from inventory.errors import UnknownDocument
from inventory.models import StockCount
from inventory.services import counting, counts
from inventory.services.suppliers import LENGTHS, SupplierRow, load_suppliers
from ops.engines.identity.choices import Role
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.policy import may
from ops.engines.tables.bulk import copy_into
from ops.engines.tables.intake import Intake, Reject
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import register_profile
from ops.engines.tables.types import BatchInfo, LoadResult

_HEADERS = {
    "name": ("name", "supplier_name", "company", "companyname", "供应商名称", "供应商", "名称"),
    "contact": ("contact", "contact_name", "contactname", "联系人"),
    "phone": ("phone", "telephone", "电话", "联系电话"),
    "email": ("email", "e-mail", "邮箱", "电子邮件"),
    "city": ("city", "seller_city", "城市"),
    "region": ("region", "state", "seller_state", "province", "省份", "省"),
    "postcode": (
        "postcode",
        "zip",
        "postal_code",
        "postalcode",
        "seller_zip_code_prefix",
        "邮编",
    ),
}

SUPPLIERS = Profile(
    "suppliers",
    _("Suppliers, one a row"),
    columns=(
        Column(
            "code",
            headers=("code", "supplier_code", "seller_id", "supplier_id", "供应商编码", "编码"),
            parse=parse.code,
        ),
        *(
            Column(
                field,
                headers=_HEADERS[field],
                parse=partial(parse.text, most=most),
                required=False,
            )
            for field, most in LENGTHS.items()
        ),
    ),
    gz=True,
)


def load_supplier_file(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Load suppliers; one without a name is called by its city and code until somebody names it.

    A code that stands twice in the file counts once.
    """
    del options
    rows: dict[str, SupplierRow] = {}
    first: dict[str, int] = {}
    rejects: list[Reject] = []
    for row in intake.rows():
        values = {key: value or "" for key, value in row.values.items()}
        code = values.pop("code")
        if code in rows:
            text = _("The code stands in line %(line)s already.") % {"line": first[code]}
            rejects.append(
                Reject(row.line, "code", code, "inventory.supplier_twice", text, row.cells)
            )
            continue
        name = values.pop("name").strip() or f"{values['city']} {code[:12]}".strip()
        rows[code] = SupplierRow(code=code, name=name, **values)
        first[code] = row.line
    done = load_suppliers(rows=rows.values(), source=batch.number, actor=actor, at=at)
    return LoadResult(
        accepted=done.created + done.updated,
        duplicate=done.unchanged,
        rejects=rejects,
        totals={"created": done.created, "updated": done.updated, "unchanged": done.unchanged},
    )


STOCK_COUNT = Profile(
    "stock_count",
    _("Figures of a stock count, one place and SKU a row"),
    columns=(
        Column("location", headers=("location", "bin", "库位", "货位"), parse=parse.code),
        Column(
            "sku", headers=("sku", "sku_code", "code", "商品编码", "编码", "货号"), parse=parse.code
        ),
        Column(
            "quantity", headers=("quantity", "counted", "qty", "实盘", "数量"), parse=parse.quantity
        ),
        Column("lot", headers=("lot", "batch", "批次", "批号"), parse=parse.code, required=False),
    ),
    gz=True,
)

_STAGE = """
CREATE TEMP TABLE inventory_count_file (
    line bigint, location text, sku text, quantity bigint, lot text
) ON COMMIT DROP
"""
# Names become ids in one pass; what has no sheet, SKU or lot, stands twice, lies on a signed
# sheet or was counted by another person says so in `reason`.
_RESOLVE = """
CREATE TEMP TABLE inventory_count_entry ON COMMIT DROP AS
SELECT f.line, f.sku, f.location, p.location_id, k.id AS sku_id, t.id AS lot_id, f.quantity,
       CASE WHEN p.location_id IS NULL THEN 'inventory.sheet_unknown'
            WHEN p.keeper_id IS NOT NULL THEN 'inventory.sheet_signed'
            WHEN k.id IS NULL THEN 'inventory.sku_unknown'
            WHEN f.lot IS NOT NULL AND t.id IS NULL THEN 'inventory.lot_unknown'
            WHEN row_number() OVER (PARTITION BY f.location, f.sku, f.lot ORDER BY f.line) > 1
                THEN 'inventory.count_twice'
            WHEN c.counted_by IS DISTINCT FROM %(person)s AND c.counted IS NOT NULL
                THEN 'inventory.counted_by_another_line'
       END AS reason
FROM inventory_count_file f
LEFT JOIN (
    SELECT l.code, h.location_id, h.keeper_id
    FROM inventory_countsheet h JOIN inventory_location l ON l.id = h.location_id
    WHERE h.count_id = %(count)s) p ON p.code = f.location
LEFT JOIN catalog_sku k ON k.code = f.sku
LEFT JOIN inventory_lot t ON t.sku_id = k.id AND t.code = f.lot
LEFT JOIN inventory_countline c ON c.count_id = %(count)s AND c.location_id = p.location_id
    AND c.sku_id = k.id AND c.lot_id IS NOT DISTINCT FROM t.id
"""
_REASONS = {
    "inventory.sheet_unknown": _("This count has no sheet for this place."),
    "inventory.sheet_signed": _("This sheet is signed and stays as it is."),
    "inventory.sku_unknown": _("There is no such SKU."),
    "inventory.lot_unknown": _("There is no such lot of this SKU."),
    "inventory.count_twice": _("Each SKU and lot is named once."),
    "inventory.counted_by_another_line": _("Another person counted this line; it stays as it is."),
}


def load_count_file(
    batch: BatchInfo,
    intake: Intake,
    *,
    actor: Actor,
    at: dt.datetime,
    options: Mapping[str, Any],
) -> LoadResult:
    """Enter a file of figures into the count named by the option `count` (its number).

    Without the option there must be one count only that is being counted. Set-based: one COPY and
    a few statements, whatever the rows. Raises UnknownDocument, WrongState.
    """
    del batch
    count = counts.lock(_count_id(options), actor, CountState.COUNTING)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS inventory_count_file, inventory_count_entry")
        cursor.execute(_STAGE)
        copy_into(
            intake,
            table="inventory_count_file",
            columns=("line", "location", "sku", "quantity", "lot"),
        )
        cursor.execute("ANALYZE inventory_count_file")
        cursor.execute(_RESOLVE, {"count": count.pk, "person": actor.person_id})
        cursor.execute(
            "SELECT line, sku, location, reason FROM inventory_count_entry"
            " WHERE reason IS NOT NULL ORDER BY line"
        )
        rejects = [
            Reject(line, "sku", sku, reason, str(_REASONS[reason]), (place, sku))
            for line, sku, place, reason in cursor.fetchall()
        ]
        cursor.execute("DELETE FROM inventory_count_entry WHERE reason IS NOT NULL")
        cursor.execute("ANALYZE inventory_count_entry")
        # The lines of a fresh count have no statistics yet: whole files are joined by hashing.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SELECT count(*), coalesce(sum(quantity), 0) FROM inventory_count_entry")
        rows, pieces = cursor.fetchone()
    done = counting.write(
        count, stage="inventory_count_entry", parameters={}, rows=rows, actor=actor, at=at
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")
    counts.record("file_entered", count, actor=actor, at=at, rows=rows, pieces=int(pieces))
    return LoadResult(
        accepted=done.written,
        rejects=rejects,
        totals={"rows": rows, "pieces": int(pieces), "count": count.number},
    )


def _count_id(options: Mapping[str, Any]) -> int:
    number = options.get("count")
    rows = StockCount.objects.filter(
        **({"number": str(number)} if number else {"state": CountState.COUNTING})
    )
    ids = list(rows.values_list("pk", flat=True)[:2])
    if len(ids) != 1:
        raise UnknownDocument(
            "inventory.count_not_named", _("Name the count whose figures these are.")
        )
    return ids[0]


register_profile(
    SUPPLIERS,
    load=load_supplier_file,
    policy=may("inventory", "C", Role.PURCHASING_OFFICER),
)
register_profile(
    STOCK_COUNT,
    load=load_count_file,
    policy=may("inventory", "C", Role.WAREHOUSE_KEEPER),
)
