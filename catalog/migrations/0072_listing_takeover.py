"""What is for sale today was listed before anybody counted: it is taken over as it stands."""

from django.db import migrations

# One opening request a channel; the goods of every price in force, or to come, are on its shelf.
TAKE_OVER = """
WITH documents AS (
    SELECT c.id AS channel_id, c.code,
           '{"content":{"channel":' || c.id || ',"why":"taken over at go-live"},"figures":{}}'
               AS document
    FROM catalog_channel c
    WHERE EXISTS (SELECT 1 FROM catalog_pricerange r
                  WHERE r.channel_id = c.id AND coalesce(upper(r.valid), 'infinity') > now())
), requests AS (
    INSERT INTO approvals_request
        (flow, kind, subject_type, subject_id, number, title, document, content_hash, scope_ids,
         requester_name, submitted_at, steps, state, step, level, closed_at, barred_person_ids,
         counted_key)
    SELECT 'listing', 'opening', 'catalog.channel', channel_id, left('takeover-' || code, 64),
           'Listings taken over at go-live', document,
           encode(sha256(convert_to(document, 'UTF8')), 'hex'), '{}', 'migration', now(), '[]',
           'approved', 0, 0, now(), '[]', ''
    FROM documents RETURNING id, subject_id
), goods AS (
    SELECT DISTINCT s.product_id, r.channel_id
    FROM catalog_pricerange r JOIN catalog_sku s ON s.id = r.sku_id
    WHERE coalesce(upper(r.valid), 'infinity') > now() AND s.kind = 'goods'
), listings AS (
    INSERT INTO catalog_listing (number, product_id, channel_id, opened_at, missing)
    SELECT 'LST-' || product_id || '-' || channel_id, product_id, channel_id, now(), '[]'
    FROM goods RETURNING id, product_id, channel_id
)
INSERT INTO catalog_listingshelf (listing_id, product_id, channel_id, approval_id, how, during)
SELECT l.id, l.product_id, l.channel_id, q.id, 'opening', tstzrange(NULL, NULL)
FROM listings l JOIN requests q ON q.subject_id = l.channel_id
"""


class Migration(migrations.Migration):
    """Take over."""

    dependencies = [("catalog", "0071_listing_promises"), ("approvals", "0005_signed_decisions")]

    operations = [migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop)]
