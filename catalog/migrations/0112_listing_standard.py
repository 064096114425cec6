"""A listing lives by a review against the standard its category asks for (CAT-4.3-06)."""

from django.db import migrations

# As a standard is compared: width, case, blanks and points do not count; the dash before the year
# stays, for it is where the number ends.
KEY = r"""
CREATE FUNCTION catalog_standard_key(standard text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT lower(regexp_replace(translate(normalize(standard, NFKC), '–—', '--'),
                                '[\s/._]', '', 'g'))
$$;
"""
NO_KEY = "DROP FUNCTION catalog_standard_key(text);"
# Whole to its number: "GB 18401-2010 B" meets "GB 18401", and not "GB 1840".
MEETS = """
CREATE FUNCTION catalog_meets_standard(reviewed text, asked text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT k.place > 0 AND substr(k.there, k.place + length(k.wanted), 1) !~ '^[0-9]'
    FROM (SELECT catalog_standard_key(reviewed) AS there, catalog_standard_key(asked) AS wanted,
                 strpos(catalog_standard_key(reviewed), catalog_standard_key(asked)) AS place) k
$$;
"""
NO_MEETS = "DROP FUNCTION catalog_meets_standard(text, text);"
# The rule of the nearest category upwards, in the version that holds on the day.
ASKED = """
CREATE FUNCTION catalog_asked_standard(product bigint, day date) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT r.content ->> 'standard'
    FROM catalog_product p
    JOIN catalog_category c ON c.id = p.category_id
    JOIN catalog_category a ON starts_with(c.path || '.', a.path || '.')
    JOIN catalog_listingrule r ON r.category_id = a.id AND r.starts_on <= day
    WHERE p.id = product
    ORDER BY length(a.path) DESC, r.version DESC LIMIT 1
$$;
"""
NO_ASKED = "DROP FUNCTION catalog_asked_standard(bigint, date);"
_ACCEPTS = """
CREATE OR REPLACE FUNCTION catalog_listing_acceptable(content jsonb, listing bigint, at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN l.retired_at IS NOT NULL THEN 'the goods were retired'
        WHEN q.id IS NULL OR q.id <> (SELECT max(n.id) FROM catalog_qualityreview n
                                      WHERE n.product_id = l.product_id)
             OR q.result <> 'passed' THEN 'no passed quality review of these goods'
        WHEN q.expires_on <= (at AT TIME ZONE 'Asia/Shanghai')::date
             THEN 'the report of the quality review has expired'{standard}
        WHEN NOT EXISTS (
             SELECT 1 FROM catalog_truthcheck t
             WHERE t.listing_id = l.id AND t.pictures = content -> 'pictures'
               AND t.ticks @> '["clear", "real", "colour", "untouched", "rights"]')
             THEN 'nobody attested these pictures'
        END
    FROM catalog_listing l
    LEFT JOIN catalog_qualityreview q
           ON q.id = (content ->> 'quality')::bigint AND q.product_id = l.product_id
    WHERE l.id = listing
$$;
"""
_STANDARD = """
        WHEN NOT coalesce(catalog_meets_standard(q.standard, nullif(
                 catalog_asked_standard(l.product_id, (at AT TIME ZONE 'Asia/Shanghai')::date),
                 '')), true)
             THEN 'the review is against another standard than the category asks for'"""
ACCEPTS = _ACCEPTS.replace("{standard}", _STANDARD)
ACCEPTED = _ACCEPTS.replace("{standard}", "")


class Migration(migrations.Migration):
    """Compare the standard of the review with the one that was asked for."""

    dependencies = [("catalog", "0111_shown_stock_promises")]

    operations = [
        migrations.RunSQL(KEY, NO_KEY),
        migrations.RunSQL(MEETS, NO_MEETS),
        migrations.RunSQL(ASKED, NO_ASKED),
        migrations.RunSQL(ACCEPTS, ACCEPTED),
    ]
