"""What a range review promises, kept by the database: figures stay, a drop needs its approval."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import revoke

REVIEWS = """
CREATE FUNCTION catalog_rangereview_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sku_count > 0 OR to_jsonb(NEW) - 'sku_count' - 'push_count' - 'drop_count'
       IS DISTINCT FROM to_jsonb(OLD) - 'sku_count' - 'push_count' - 'drop_count' THEN
        PERFORM catalog_refuse('rangereview_stays', 'a review stays as it was made');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_rangereview_stays BEFORE UPDATE ON catalog_rangereview
    FOR EACH ROW EXECUTE FUNCTION catalog_rangereview_stays();
CREATE FUNCTION catalog_rangereviewrow_figures_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'decision' - 'note' - 'decided_by' - 'decided_at'
       IS DISTINCT FROM to_jsonb(OLD) - 'decision' - 'note' - 'decided_by' - 'decided_at' THEN
        PERFORM catalog_refuse('rangereviewrow_figures_stay', 'only the decision may change');
    END IF;
    IF NEW.decision <> 'drop' AND EXISTS (
            SELECT 1 FROM catalog_rangedropline d
            WHERE d.row_id = NEW.id AND d.state IN ('asked', 'stopped')) THEN
        PERFORM catalog_refuse('rangereviewrow_dropped_stays',
                               'a drop waits for this SKU or is decided');
    END IF;
    IF NEW.decision = 'drop' AND NOT EXISTS (
            SELECT 1 FROM catalog_rangedropline d
            WHERE d.row_id = NEW.id AND d.state IN ('asked', 'stopped')) THEN
        PERFORM catalog_refuse('rangereviewrow_dropped_by_request', 'a drop is handed in');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_rangereviewrow_figures_stay BEFORE UPDATE ON catalog_rangereviewrow
    FOR EACH ROW EXECUTE FUNCTION catalog_rangereviewrow_figures_stay();
CREATE TRIGGER catalog_rangereview_never_deleted BEFORE DELETE OR TRUNCATE ON catalog_rangereview
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
CREATE TRIGGER catalog_rangereviewrow_never_deleted
    BEFORE DELETE OR TRUNCATE ON catalog_rangereviewrow
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_REVIEWS = """
DROP TRIGGER catalog_rangereviewrow_never_deleted ON catalog_rangereviewrow;
DROP TRIGGER catalog_rangereview_never_deleted ON catalog_rangereview;
DROP TRIGGER catalog_rangereviewrow_figures_stay ON catalog_rangereviewrow;
DROP FUNCTION catalog_rangereviewrow_figures_stay();
DROP TRIGGER catalog_rangereview_stays ON catalog_rangereview;
DROP FUNCTION catalog_rangereview_stays();
"""

DROPS = """
CREATE FUNCTION catalog_rangedrop_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'submitted' OR NEW.approval_id IS NOT NULL THEN
            PERFORM catalog_refuse('rangedrop_starts_submitted', 'a drop is handed in');
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' - 'approval_id' IS DISTINCT FROM
       to_jsonb(OLD) - 'state' - 'approval_id'
       OR (OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id)
       OR (NEW.state <> OLD.state AND OLD.state <> 'submitted') THEN
        PERFORM catalog_refuse('rangedrop_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_rangedrop_course BEFORE INSERT OR UPDATE ON catalog_rangedrop
    FOR EACH ROW EXECUTE FUNCTION catalog_rangedrop_course();

CREATE FUNCTION catalog_rangedropline_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' THEN
            PERFORM catalog_refuse('rangedropline_starts_asked', 'a drop is handed in');
        END IF;
        IF NOT EXISTS (SELECT 1 FROM catalog_rangereviewrow r
                       JOIN catalog_rangedrop d ON d.id = NEW.drop_id AND d.review_id = r.review_id
                       WHERE r.id = NEW.row_id AND r.sku_id = NEW.sku_id) THEN
            PERFORM catalog_refuse('rangedropline_of_its_row', 'the row is about other goods');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'asked' OR (NEW.drop_id, NEW.row_id, NEW.sku_id)
       IS DISTINCT FROM (OLD.drop_id, OLD.row_id, OLD.sku_id) THEN
        PERFORM catalog_refuse('rangedropline_decided_once', 'what became of it stays');
    END IF;
    IF NEW.state = 'stopped' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.rangedrop'
              AND r.subject_id = NEW.drop_id) THEN
        PERFORM catalog_refuse('rangedropline_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_rangedropline_course BEFORE INSERT OR UPDATE ON catalog_rangedropline
    FOR EACH ROW EXECUTE FUNCTION catalog_rangedropline_course();
"""
NO_DROPS = """
DROP TRIGGER catalog_rangedropline_course ON catalog_rangedropline;
DROP FUNCTION catalog_rangedropline_course();
DROP TRIGGER catalog_rangedrop_course ON catalog_rangedrop;
DROP FUNCTION catalog_rangedrop_course();
"""

# Listings whose goods left the range go by the approval of the drop, which names them.
DELISTING = """
CREATE OR REPLACE FUNCTION catalog_delisting_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'approved' AND EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.rangedrop'
              AND r.content -> 'listings' @> to_jsonb(NEW.listing_id)) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('submitted', 'at_once') OR NEW.stated_at IS NOT NULL THEN
            PERFORM catalog_refuse('delisting_starts_submitted', 'a delisting is handed in');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'at_once' THEN
        IF OLD.stated_at IS NOT NULL OR NEW.stated_at IS NULL
           OR to_jsonb(NEW) - 'reason' - 'note' - 'stated_at' IS DISTINCT FROM
              to_jsonb(OLD) - 'reason' - 'note' - 'stated_at' THEN
            PERFORM catalog_refuse('delisting_states_reason_once', 'the reason is stated once');
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' - 'approval_id' IS DISTINCT FROM
       to_jsonb(OLD) - 'state' - 'approval_id'
       OR (OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id)
       OR (NEW.state <> OLD.state AND OLD.state <> 'submitted') THEN
        PERFORM catalog_refuse('delisting_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state = 'approved' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.delisting'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'listing')::bigint = NEW.listing_id
              AND (r.content ->> 'effective_at')::timestamptz = NEW.effective_at
              AND r.content ->> 'kind' = NEW.kind) THEN
        PERFORM catalog_refuse('delisting_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
"""
FORMER_DELISTING = """
CREATE OR REPLACE FUNCTION catalog_delisting_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('submitted', 'at_once') OR NEW.stated_at IS NOT NULL THEN
            PERFORM catalog_refuse('delisting_starts_submitted', 'a delisting is handed in');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'at_once' THEN
        IF OLD.stated_at IS NOT NULL OR NEW.stated_at IS NULL
           OR to_jsonb(NEW) - 'reason' - 'note' - 'stated_at' IS DISTINCT FROM
              to_jsonb(OLD) - 'reason' - 'note' - 'stated_at' THEN
            PERFORM catalog_refuse('delisting_states_reason_once', 'the reason is stated once');
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' - 'approval_id' IS DISTINCT FROM
       to_jsonb(OLD) - 'state' - 'approval_id'
       OR (OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id)
       OR (NEW.state <> OLD.state AND OLD.state <> 'submitted') THEN
        PERFORM catalog_refuse('delisting_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state = 'approved' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.delisting'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'listing')::bigint = NEW.listing_id
              AND (r.content ->> 'effective_at')::timestamptz = NEW.effective_at
              AND r.content ->> 'kind' = NEW.kind) THEN
        PERFORM catalog_refuse('delisting_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
"""

# What was dropped is barred like what is retired: asked by the service, held by the triggers.
BARRED = """
CREATE OR REPLACE FUNCTION catalog_barred_from_purchase(ids bigint[])
RETURNS TABLE (sku_id bigint, code text, why text) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.code::text,
           CASE WHEN 'retired' IN (s.state, p.state) THEN 'retired'
                WHEN d.id IS NOT NULL THEN 'dropped' ELSE 'unselected' END
    FROM unnest(ids) AS given(id)
    JOIN catalog_sku s ON s.id = given.id
    JOIN catalog_product p ON p.id = s.product_id
    LEFT JOIN catalog_rangedropline d ON d.sku_id = s.id AND d.state = 'stopped'
    WHERE 'retired' IN (s.state, p.state) OR d.id IS NOT NULL
       OR (s.kind = 'goods' AND s.selection = 'needed' AND NOT EXISTS (
               SELECT 1 FROM catalog_selectionproposal o
               WHERE o.product_id = s.product_id AND o.state = 'approved'))
    ORDER BY s.code
$$;
"""
FORMER_BARRED = """
CREATE OR REPLACE FUNCTION catalog_barred_from_purchase(ids bigint[])
RETURNS TABLE (sku_id bigint, code text, why text) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.code::text,
           CASE WHEN 'retired' IN (s.state, p.state) THEN 'retired' ELSE 'unselected' END
    FROM unnest(ids) AS given(id)
    JOIN catalog_sku s ON s.id = given.id
    JOIN catalog_product p ON p.id = s.product_id
    WHERE 'retired' IN (s.state, p.state)
       OR (s.kind = 'goods' AND s.selection = 'needed' AND NOT EXISTS (
               SELECT 1 FROM catalog_selectionproposal o
               WHERE o.product_id = s.product_id AND o.state = 'approved'))
    ORDER BY s.code
$$;
"""


class Migration(migrations.Migration):
    """Guard reviews and drops; bar from purchase what was dropped."""

    dependencies = [("catalog", "0090_range_review"), ("approvals", "0005_signed_decisions")]

    operations = [
        migrations.RunSQL(REVIEWS, NO_REVIEWS),
        migrations.RunSQL(DROPS, NO_DROPS),
        guard_by_approval("catalog_rangedrop", "delisting", when_sql="n.state = 'approved'"),
        guard_by_approval(
            "catalog_rangedropline",
            "delisting",
            when_sql="n.state = 'stopped'",
            line_sql="jsonb_build_object('sku', n.sku_id)",
            line_key="sku",
        ),
        migrations.RunSQL(DELISTING, FORMER_DELISTING),
        migrations.RunSQL(BARRED, FORMER_BARRED),
        revoke("catalog_rangereview", "DELETE"),
        revoke("catalog_rangereviewrow", "DELETE"),
        revoke("catalog_rangedrop", "DELETE"),
        revoke("catalog_rangedropline", "DELETE"),
    ]
