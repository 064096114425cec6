"""Goods of cases that were confirmed before bans existed are banned by their newest case."""

from django.db import migrations

BAN = """
INSERT INTO catalog_goodsban (product_id, source, reason, banned_by, banned_at, lifted_why)
SELECT DISTINCT ON (product_id) product_id, number, facts, confirmed_by, confirmed_at, ''
FROM customers_forbiddensale ORDER BY product_id, id DESC
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Ban what earlier cases found."""

    dependencies = [
        ("customers", "0016_forbidden_promises"),
        ("catalog", "0128_goods_ban_promises"),
    ]

    operations = [migrations.RunSQL(BAN, migrations.RunSQL.noop)]
