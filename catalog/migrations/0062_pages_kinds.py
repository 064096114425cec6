"""The kinds of shop content, and the sets of the channels that are there."""

from django.db import migrations

from ops.engines.revisions.ddl import revised_kind

SETS = """
INSERT INTO catalog_shoppage (channel_id, kind)
SELECT c.id, k FROM catalog_channel c, unnest(ARRAY['home', 'detail', 'category']) AS k
ON CONFLICT DO NOTHING;
INSERT INTO catalog_tradestep (channel_id, step)
SELECT c.id, s FROM catalog_channel c,
    unnest(ARRAY['register', 'choose', 'order', 'pay', 'deliver', 'confirm']) AS s
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0061_pages_promises")]

    operations = [
        migrations.RunSQL(SETS, migrations.RunSQL.noop),
        revised_kind("catalog.shop_plan", flow="shop_plan"),
        revised_kind("catalog.page_module", flow="page_design"),
        revised_kind("catalog.page_design", flow="page_design", accepts="catalog_page_acceptable"),
        revised_kind(
            "catalog.trade_step", flow="page_design", accepts="catalog_guidance_acceptable"
        ),
    ]
