"""What a SKU is found by, made and kept by the database; how a typed text is read (ADR 28).

Chinese has no blanks between words, and most of its words have two characters, one too few for a
trigram. So every pair of neighbouring characters is a token, and the last character of a run stands
alone; a typed text becomes the pairs in it, and a single character the beginning of a pair.
"""

from django.db import migrations

from ops.engines.kernel.ddl import revoke

# Compared as people see it: width and case do not count.
TEXT = """
CREATE FUNCTION catalog_search_text(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(normalize(given, NFKC));
"""
NO_TEXT = "DROP FUNCTION catalog_search_text(text);"

# Runs of Chinese and Japanese characters give pairs; everything else gives words, with the stem of
# English ones. No token holds a sign, so none can be read as an operator.
TOKENS = r"""
CREATE FUNCTION catalog_search_tokens(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    WITH words AS (
        SELECT left(w, 60) AS w FROM regexp_split_to_table(
            regexp_replace(given, '[々-鿿豈-﫿]+', ' ', 'g'), '[\W_]+') w
        WHERE w <> ''
    )
    SELECT coalesce(array_agg(t), '{}') FROM (
        SELECT substr(run[1], place, 2) AS t
        FROM regexp_matches(given, '[々-鿿豈-﫿]+', 'g') run,
             generate_series(1, length(run[1])) place
        UNION ALL
        SELECT w FROM words
        UNION ALL
        SELECT unnest(ts_lexize('english_stem', w)) FROM words WHERE w ~ '^[a-z]{4,}$'
    ) found WHERE t <> ''
$$;
"""
NO_TOKENS = "DROP FUNCTION catalog_search_tokens(text);"

# Code, barcode, names, brand, shelf and what is above it, values of attributes, names by others.
REFRESH = r"""
CREATE FUNCTION catalog_search_refresh(ids bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO catalog_searchdocument AS d (sku_id, document, code_key, barcode, title)
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT DISTINCT id FROM unnest(ids) AS a(id)
    ), above AS (
        SELECT c.id AS leaf, c.id, c.parent_id FROM catalog_category c
        WHERE c.id IN (SELECT p.category_id FROM catalog_product p
                       JOIN catalog_sku s ON s.product_id = p.id JOIN asked a ON a.id = s.id)
        UNION ALL
        SELECT b.leaf, c.id, c.parent_id FROM above b JOIN catalog_category c ON c.id = b.parent_id
    ), shelves AS MATERIALIZED (
        SELECT b.leaf, catalog_search_tokens(catalog_search_text(
                   string_agg(c.name || ' ' || c.name_en, ' '))) AS tokens
        FROM above b JOIN catalog_category c ON c.id = b.id GROUP BY b.leaf
    ), aliases AS MATERIALIZED (
        SELECT x.sku_id, string_agg(x.code, ' ') AS words
        FROM catalog_skualias x JOIN asked a ON a.id = x.sku_id GROUP BY x.sku_id
    )
    SELECT s.id,
           array_to_tsvector(h.tokens || catalog_search_tokens(catalog_search_text(concat_ws(' ',
               s.code, regexp_replace(s.code, '[\W_]+', '', 'g'), s.barcode, s.name,
               nullif(p.name, s.name), p.name_en, p.brand, x.words, v.words)))),
           s.code_key, s.barcode, catalog_search_text(s.name)
    FROM asked a
    JOIN catalog_sku s ON s.id = a.id
    JOIN catalog_product p ON p.id = s.product_id
    JOIN shelves h ON h.leaf = p.category_id
    LEFT JOIN aliases x ON x.sku_id = s.id
    LEFT JOIN LATERAL (
        SELECT string_agg(value, ' ') AS words
        FROM jsonb_each_text(p.attributes || s.attributes) WHERE value NOT IN ('yes', 'no')
    ) v ON p.attributes <> '{}' OR s.attributes <> '{}'
    ORDER BY s.id
    ON CONFLICT (sku_id) DO UPDATE
    SET document = excluded.document, code_key = excluded.code_key, barcode = excluded.barcode,
        title = excluded.title
    WHERE (d.document, d.code_key, d.barcode, d.title)
          IS DISTINCT FROM (excluded.document, excluded.code_key, excluded.barcode, excluded.title);
END $$;
"""
NO_REFRESH = "DROP FUNCTION catalog_search_refresh(bigint[]);"

# What a statement changed is refreshed once, however many rows it changed.
KEEP = """
CREATE FUNCTION catalog_search_keep() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    IF TG_TABLE_NAME = 'catalog_sku' AND TG_OP = 'INSERT' THEN
        SELECT array_agg(n.id) INTO ids FROM fresh n;
    ELSIF TG_TABLE_NAME = 'catalog_sku' THEN
        SELECT array_agg(n.id) INTO ids FROM fresh n JOIN former o ON o.id = n.id
        WHERE (n.code, n.code_key, n.name, n.barcode, n.product_id, n.attributes)
              IS DISTINCT FROM (o.code, o.code_key, o.name, o.barcode, o.product_id, o.attributes);
    ELSIF TG_TABLE_NAME = 'catalog_product' THEN
        SELECT array_agg(s.id) INTO ids FROM fresh n JOIN former o ON o.id = n.id
        JOIN catalog_sku s ON s.product_id = n.id
        WHERE (n.name, n.name_en, n.brand, n.category_id, n.attributes)
              IS DISTINCT FROM (o.name, o.name_en, o.brand, o.category_id, o.attributes);
    ELSIF TG_TABLE_NAME = 'catalog_category' THEN
        WITH RECURSIVE below AS (
            SELECT n.id FROM fresh n JOIN former o ON o.id = n.id
            WHERE (n.name, n.name_en, n.parent_id) IS DISTINCT FROM (o.name, o.name_en, o.parent_id)
            UNION
            SELECT c.id FROM below b JOIN catalog_category c ON c.parent_id = b.id
        )
        SELECT array_agg(s.id) INTO ids FROM below b
        JOIN catalog_product p ON p.category_id = b.id JOIN catalog_sku s ON s.product_id = p.id;
    ELSE
        SELECT array_agg(n.sku_id) INTO ids FROM fresh n;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM catalog_search_refresh(ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_sku_found AFTER INSERT ON catalog_sku
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_sku_found_anew AFTER UPDATE ON catalog_sku
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_product_found_anew AFTER UPDATE ON catalog_product
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_category_found_anew AFTER UPDATE ON catalog_category
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_skualias_found AFTER INSERT ON catalog_skualias
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_skualias_found_anew AFTER UPDATE ON catalog_skualias
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
CREATE TRIGGER catalog_skualias_not_found AFTER DELETE ON catalog_skualias
    REFERENCING OLD TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_search_keep();
"""
NO_KEEP = """
DROP TRIGGER catalog_skualias_not_found ON catalog_skualias;
DROP TRIGGER catalog_skualias_found_anew ON catalog_skualias;
DROP TRIGGER catalog_skualias_found ON catalog_skualias;
DROP TRIGGER catalog_category_found_anew ON catalog_category;
DROP TRIGGER catalog_product_found_anew ON catalog_product;
DROP TRIGGER catalog_sku_found_anew ON catalog_sku;
DROP TRIGGER catalog_sku_found ON catalog_sku;
DROP FUNCTION catalog_search_keep();
"""

# A pair of characters stands for itself; a word, or a character alone, for what begins with it.
ALL_OF = r"""
CREATE FUNCTION catalog_search_all_of(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    WITH words AS (
        SELECT left(w, 60) AS w FROM regexp_split_to_table(
            regexp_replace(given, '[々-鿿豈-﫿]+', ' ', 'g'), '[\W_]+') w
        WHERE w <> ''
    )
    SELECT string_agg(DISTINCT t, ' & ') FROM (
        SELECT CASE WHEN length(run[1]) = 1 THEN '''' || run[1] || ''':*'
                    ELSE '''' || substr(run[1], place, 2) || '''' END AS t
        FROM regexp_matches(given, '[々-鿿豈-﫿]+', 'g') run,
             generate_series(1, greatest(length(run[1]) - 1, 1)) place
        UNION ALL
        SELECT '(''' || w || ''':*' || coalesce(' | ''' || stem || '''', '') || ')'
        FROM words LEFT JOIN LATERAL unnest(ts_lexize('english_stem', w)) stem
                          ON w ~ '^[a-z]{4,}$'
    ) found
$$;
"""
NO_ALL_OF = "DROP FUNCTION catalog_search_all_of(text);"

# Chinese words are found inside the text, others only as whole words. What stands beside a word
# that is heard as others is asked once for all of them.
QUERY = r"""
CREATE FUNCTION catalog_search_query(given text) RETURNS tsquery LANGUAGE sql STABLE AS $$
    WITH asked AS (
        SELECT left(catalog_search_text(btrim(given)), 80) AS t
    ), heard AS (
        SELECT w, s.words FROM asked, catalog_searchsynonym s, unnest(s.words) w
        WHERE s.is_active AND strpos(asked.t, w) > 0
          AND (w ~ '[々-鿿豈-﫿]'
               OR strpos(' ' || regexp_replace(asked.t, '[\W_]+', ' ', 'g') || ' ',
                         ' ' || w || ' ') > 0)
        LIMIT 8
    ), readings AS (
        SELECT catalog_search_all_of(asked.t) AS r FROM asked
        UNION
        SELECT concat_ws(' & ', catalog_search_all_of(replace(asked.t, h.w, ' ')),
                         '(' || o.any_of || ')')
        FROM asked, heard h, LATERAL (
            SELECT string_agg('(' || catalog_search_all_of(other) || ')', ' | ') AS any_of
            FROM unnest(h.words) other WHERE other <> h.w
        ) o
    )
    SELECT coalesce(string_agg('(' || r || ')', ' | '), '')::tsquery FROM readings
    WHERE r IS NOT NULL
$$;
"""
NO_QUERY = "DROP FUNCTION catalog_search_query(text);"


class Migration(migrations.Migration):
    """Read texts, keep documents, read questions; documents are written by the database alone."""

    dependencies = [("catalog", "0080_search")]

    operations = [
        migrations.RunSQL(TEXT, NO_TEXT),
        migrations.RunSQL(TOKENS, NO_TOKENS),
        migrations.RunSQL(REFRESH, NO_REFRESH),
        migrations.RunSQL(KEEP, NO_KEEP),
        migrations.RunSQL(ALL_OF, NO_ALL_OF),
        migrations.RunSQL(QUERY, NO_QUERY),
        revoke("catalog_searchdocument", "INSERT, UPDATE, DELETE"),
        revoke("catalog_searchmiss", "DELETE"),
        revoke("catalog_searchsynonym", "DELETE"),
    ]
