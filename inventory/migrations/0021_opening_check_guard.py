"""Goods come and go only after the signed opening check of the day (SCM-2.2-09)."""

from django.db import migrations

from ops.engines.sheets.ddl import guard_by_sheet

# A move needs the check of every warehouse under the rule that it touches. Counts, relocations,
# corrections and opening stock are neither receipts nor issues.
NEEDS = """
    SELECT DISTINCT l.warehouse_id AS scope_id, n.business_day::text AS period
    FROM changed n
    JOIN inventory_location l ON l.id IN (n.from_location_id, n.to_location_id)
    JOIN inventory_warehouse h ON h.id = l.warehouse_id AND h.checked_since <= n.business_day
    WHERE n.reason IN ('receipt', 'sale', 'return', 'supplier_return', 'transfer', 'giveaway',
                       'internal_use')
"""
SOMEWHERE = "EXISTS (SELECT FROM inventory_warehouse WHERE checked_since IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0020_safety_equipment"),
        ("sheets", "0002_promises"),
    ]

    operations = [
        guard_by_sheet(
            "inventory_move",
            name="move_after_opening_check",
            template="warehouse_opening",
            scope="warehouse",
            needs=NEEDS,
            when=SOMEWHERE,
        ),
    ]
