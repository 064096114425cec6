"""No selling price without an approval, and no history rewritten: kept by the database itself."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.audit.ddl import track_history
from ops.engines.kernel.ddl import revoke

REFUSE = """
CREATE FUNCTION catalog_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;
"""
NO_REFUSE = "DROP FUNCTION catalog_refuse(text, text);"

# Beyond SKU and price (the guard's lines): channel and window are those approved, and a revert
# returns to exactly what its change displaced.
# The queries are EXECUTEd so that each is planned for the rows at hand, and count so that none is
# planned to stop at its first row.
WINDOW = """
CREATE FUNCTION catalog_pricerange_in_window() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        WITH asked AS MATERIALIZED (
            SELECT r.id, r.subject_id, (r.content ->> 'channel')::bigint AS channel_id,
                   (r.content ->> 'starts_at')::timestamptz AS starts_at,
                   (r.content ->> 'ends_at')::timestamptz AS ends_at
            FROM approvals_request r
            WHERE r.subject_type = 'catalog.pricechange'
              AND r.id IN (SELECT approval_id FROM fresh WHERE kind <> 'opening')
        )
        SELECT 1 FROM fresh n LEFT JOIN asked a ON a.id = n.approval_id
        WHERE n.kind <> 'opening' AND (
            a.id IS NULL OR n.cut_by_id IS NOT NULL
            OR n.change_id <> a.subject_id OR n.channel_id <> a.channel_id
            OR (n.kind = 'change' AND (lower(n.valid) IS NULL OR lower(n.valid) < a.starts_at
                                       OR upper(n.valid) IS DISTINCT FROM a.ends_at))
            OR (n.kind = 'revert' AND (lower(n.valid) IS DISTINCT FROM a.ends_at
                                       OR upper(n.valid) IS NOT NULL)))
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricerange_in_window', 'a price outside its approved window');
    END IF;
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM fresh n JOIN approvals_request r ON r.id = n.approval_id
        WHERE n.kind = 'opening' AND (r.kind <> 'opening' OR n.cut_by_id IS NOT NULL)
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricerange_opening_by_import', 'opening prices come by import');
    END IF;
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM fresh n
        LEFT JOIN catalog_pricerange r
               ON r.cut_by_id = n.change_id AND r.sku_id = n.sku_id
              AND r.channel_id = n.channel_id AND r.price = n.price
        WHERE n.kind = 'revert' AND r.id IS NULL
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricerange_reverts_to_former', 'not the price that was displaced');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricerange_in_window AFTER INSERT ON catalog_pricerange
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricerange_in_window();
"""
NO_WINDOW = """
DROP TRIGGER catalog_pricerange_in_window ON catalog_pricerange;
DROP FUNCTION catalog_pricerange_in_window();
"""

ONLY_CUT = """
CREATE FUNCTION catalog_pricerange_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM later n LEFT JOIN earlier o ON o.id = n.id
        WHERE o.id IS NULL OR isempty(o.valid)
           OR (n.sku_id, n.channel_id, n.price, n.kind, n.approval_id, n.change_id)
              IS DISTINCT FROM (o.sku_id, o.channel_id, o.price, o.kind, o.approval_id, o.change_id)
           OR NOT (CASE WHEN isempty(n.valid) THEN o.kind = 'revert' AND upper_inf(o.valid)
                   ELSE lower(n.valid) IS NOT DISTINCT FROM lower(o.valid)
                        AND upper(n.valid) IS NOT NULL
                        AND (upper_inf(o.valid) OR upper(n.valid) < upper(o.valid)) END)
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricerange_only_cut', 'only the end of a price may come earlier');
    END IF;
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM later n JOIN earlier o ON o.id = n.id
        LEFT JOIN catalog_pricechange c ON c.id = n.cut_by_id AND c.channel_id = n.channel_id
        LEFT JOIN catalog_pricechangeline l ON l.change_id = c.id AND l.sku_id = n.sku_id
        WHERE c.id IS NULL OR NOT (
            (c.state = 'suspended' AND c.id = n.change_id AND NOT isempty(n.valid)
             AND upper(n.valid) >= c.suspended_at)
            OR (c.state = 'scheduled' AND l.id IS NOT NULL
                AND coalesce(upper(n.valid), lower(o.valid)) >= c.starts_at))
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse(
            'pricerange_cut_by_approved', 'a price ends by an approved change or a suspension');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricerange_only_cut AFTER UPDATE ON catalog_pricerange
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricerange_only_cut();

CREATE FUNCTION catalog_prices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse(TG_TABLE_NAME || '_stays', 'prices and their changes are never deleted');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricerange_stays BEFORE DELETE OR TRUNCATE ON catalog_pricerange
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_prices_stay();
CREATE TRIGGER catalog_pricechange_stays BEFORE DELETE OR TRUNCATE ON catalog_pricechange
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_prices_stay();
"""
NO_ONLY_CUT = """
DROP TRIGGER catalog_pricechange_stays ON catalog_pricechange;
DROP TRIGGER catalog_pricerange_stays ON catalog_pricerange;
DROP FUNCTION catalog_prices_stay();
DROP TRIGGER catalog_pricerange_only_cut ON catalog_pricerange;
DROP FUNCTION catalog_pricerange_only_cut();
"""

COURSE = """
CREATE FUNCTION catalog_pricechange_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approval_id IS NOT NULL THEN
            PERFORM catalog_refuse('pricechange_starts_as_draft', 'a price change starts as draft');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.channel_id, NEW.drafted_by, NEW.drafted_at)
       IS DISTINCT FROM (OLD.number, OLD.channel_id, OLD.drafted_by, OLD.drafted_at)
       OR (OLD.state NOT IN ('draft', 'returned')
           AND (NEW.reason, NEW.rival_note, NEW.starts_at, NEW.ends_at, NEW.approval_id)
               IS DISTINCT FROM
               (OLD.reason, OLD.rival_note, OLD.starts_at, OLD.ends_at, OLD.approval_id)) THEN
        PERFORM catalog_refuse('pricechange_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'submitted'), ('draft', 'withdrawn'),
            ('returned', 'submitted'), ('returned', 'withdrawn'),
            ('submitted', 'returned'), ('submitted', 'withdrawn'), ('submitted', 'scheduled'),
            ('scheduled', 'active'), ('scheduled', 'suspended'), ('scheduled', 'ended'),
            ('active', 'ended'), ('active', 'suspended')) THEN
        PERFORM catalog_refuse('pricechange_moves_as_declared',
            'no price change goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    IF NEW.state = 'scheduled' AND OLD.state <> 'scheduled' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.pricechange'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'channel')::bigint = NEW.channel_id
              AND (r.content ->> 'starts_at')::timestamptz = NEW.starts_at
              AND (r.content ->> 'ends_at')::timestamptz IS NOT DISTINCT FROM NEW.ends_at) THEN
        PERFORM catalog_refuse('pricechange_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_pricechange_course BEFORE INSERT OR UPDATE ON catalog_pricechange
    FOR EACH ROW EXECUTE FUNCTION catalog_pricechange_course();

CREATE FUNCTION catalog_pricechangeline_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM catalog_pricechange c
        WHERE c.id IN (SELECT change_id FROM touched) AND c.state NOT IN ('draft', 'returned')
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricechangeline_fixed_once_submitted', 'handed in lines are fixed');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricechangeline_added AFTER INSERT ON catalog_pricechangeline
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricechangeline_fixed();
CREATE TRIGGER catalog_pricechangeline_moved_from AFTER UPDATE ON catalog_pricechangeline
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricechangeline_fixed();
CREATE TRIGGER catalog_pricechangeline_moved_to AFTER UPDATE ON catalog_pricechangeline
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricechangeline_fixed();
CREATE TRIGGER catalog_pricechangeline_removed AFTER DELETE ON catalog_pricechangeline
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_pricechangeline_fixed();
"""
NO_COURSE = """
DROP TRIGGER catalog_pricechangeline_removed ON catalog_pricechangeline;
DROP TRIGGER catalog_pricechangeline_moved_to ON catalog_pricechangeline;
DROP TRIGGER catalog_pricechangeline_moved_from ON catalog_pricechangeline;
DROP TRIGGER catalog_pricechangeline_added ON catalog_pricechangeline;
DROP FUNCTION catalog_pricechangeline_fixed();
DROP TRIGGER catalog_pricechange_course ON catalog_pricechange;
DROP FUNCTION catalog_pricechange_course();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_price_course"),
        ("approvals", "0002_promises"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(REFUSE, NO_REFUSE),
        guard_by_approval(
            "catalog_pricerange",
            "price_change",
            line_sql="CASE n.kind WHEN 'revert' THEN jsonb_build_object('sku', n.sku_id)"
            " ELSE jsonb_build_object('sku', n.sku_id, 'price', n.price::text) END",
            line_key="sku",
            opening_sql="n.kind = 'opening'",
            on_update=False,
        ),
        migrations.RunSQL(WINDOW, NO_WINDOW),
        migrations.RunSQL(ONLY_CUT, NO_ONLY_CUT),
        migrations.RunSQL(COURSE, NO_COURSE),
        guard_by_approval(
            "catalog_pricechange",
            "price_change",
            when_sql="n.state IN ('scheduled', 'active', 'ended', 'suspended')",
        ),
        revoke("catalog_pricerange", "DELETE"),
        revoke("catalog_pricechange", "DELETE"),
        track_history("catalog_category", columns=["name", "name_en", "parent_id", "path"]),
        track_history("catalog_channel", columns=["name", "currency", "is_active", "go_live_on"]),
        track_history(
            "catalog_product", columns=["name", "name_en", "category_id", "brand", "state"]
        ),
        track_history(
            "catalog_sku",
            columns=["code", "name", "kind", "unit", "barcode", "tax_rate", "state"],
        ),
    ]
