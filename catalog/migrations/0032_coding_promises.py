"""Codes follow their rule, stay with their SKU and are never given again; barcodes are GTINs."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke

# The app may not write this table itself: a code is issued by the SKU that bears it.
ISSUE = """
CREATE FUNCTION catalog_sku_issue() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh n JOIN catalog_coderule r ON r.id = n.code_rule_id
                WHERE n.code !~ r.shape) THEN
        PERFORM catalog_refuse('sku_code_follows_rule', 'not a code of its coding rule');
    END IF;
    INSERT INTO catalog_issuedcode (code_key, code, sku_id, rule_id, issued_at)
    SELECT code_key, code, id, code_rule_id, now() FROM fresh ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_sku_issue AFTER INSERT ON catalog_sku
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_sku_issue();

CREATE FUNCTION catalog_sku_same_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse('sku_code_stays', 'a SKU keeps the code it was given');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_sku_same_code BEFORE UPDATE ON catalog_sku FOR EACH ROW
    WHEN ((OLD.code, OLD.code_key, OLD.code_rule_id)
          IS DISTINCT FROM (NEW.code, NEW.code_key, NEW.code_rule_id))
    EXECUTE FUNCTION catalog_sku_same_code();
"""
NO_ISSUE = """
DROP TRIGGER catalog_sku_same_code ON catalog_sku;
DROP FUNCTION catalog_sku_same_code();
DROP TRIGGER catalog_sku_issue ON catalog_sku;
DROP FUNCTION catalog_sku_issue();
"""
# What is as long as a GTIN is one; shorter marks of a house of its own come by import only.
GTIN = """
CREATE FUNCTION catalog_is_gtin(code text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN code !~ '^([0-9]{8}|[0-9]{12,14})$' THEN NULL ELSE (
        SELECT sum(digit::int * CASE WHEN place % 2 = 0 THEN 3 ELSE 1 END) % 10 = 0
          FROM regexp_split_to_table(reverse(code), '') WITH ORDINALITY AS d(digit, place)) END
$$;
CREATE FUNCTION catalog_sku_gtin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF catalog_is_gtin(NEW.barcode) IS FALSE THEN
        PERFORM catalog_refuse('sku_barcode_is_gtin', 'a barcode is a GTIN with its check digit');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_sku_gtin BEFORE INSERT OR UPDATE OF barcode ON catalog_sku FOR EACH ROW
    WHEN (NEW.barcode <> '') EXECUTE FUNCTION catalog_sku_gtin();
"""
NO_GTIN = """
DROP TRIGGER catalog_sku_gtin ON catalog_sku;
DROP FUNCTION catalog_sku_gtin();
DROP FUNCTION catalog_is_gtin(text);
"""


class Migration(migrations.Migration):
    """Keep codes in the database."""

    dependencies = [("catalog", "0031_coding_issued")]

    operations = [
        append_only("catalog_coderule"),
        append_only("catalog_issuedcode"),
        append_only("catalog_skualias"),
        revoke("catalog_issuedcode", "INSERT"),
        revoke("catalog_codesequence", "DELETE"),
        migrations.RunSQL(ISSUE, NO_ISSUE),
        migrations.RunSQL(GTIN, NO_GTIN),
    ]
