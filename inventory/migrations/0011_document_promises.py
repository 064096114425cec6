"""What purchase orders, receipts and counts promise, kept by the database itself."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.audit.ddl import track_history
from ops.engines.kernel.ddl import revoke, revoke_columns

REFUSE = """
CREATE FUNCTION inventory_refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- Arguments: name of the rule, first state, the allowed steps as 'from>to'.
CREATE FUNCTION inventory_guard_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> TG_ARGV[1] THEN
            PERFORM inventory_refuse(TG_ARGV[0], 'a document begins ' || TG_ARGV[1]);
        END IF;
    ELSIF NEW.state <> OLD.state AND NOT (
            (OLD.state || '>' || NEW.state) = ANY (string_to_array(TG_ARGV[2], ' '))) THEN
        PERFORM inventory_refuse(TG_ARGV[0], 'no step from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    RETURN NEW;
END $$;
"""
NO_REFUSE = """
DROP FUNCTION inventory_guard_steps();
DROP FUNCTION inventory_refuse(text, text);
"""

STEPS = {
    "purchaseorder": (
        "draft",
        (
            "draft>submitted draft>cancelled submitted>approved submitted>draft"
            " submitted>cancelled approved>sent approved>cancelled sent>partly_received"
            " sent>received sent>closed partly_received>received partly_received>closed"
            " received>closed"
        ),
    ),
    "receipt": (
        "counting",
        "counting>checked counting>refused checked>posted checked>refused checked>counting",
    ),
    "stockcount": (
        "open",
        (
            "open>counting open>cancelled counting>review counting>cancelled review>submitted"
            " review>cancelled submitted>approved submitted>review approved>posted"
        ),
    ),
}


def steps(model: str) -> migrations.RunSQL:
    first, allowed = STEPS[model]
    return migrations.RunSQL(
        f"CREATE TRIGGER inventory_{model}_steps BEFORE INSERT OR UPDATE OF state"
        f" ON inventory_{model} FOR EACH ROW EXECUTE FUNCTION"
        f" inventory_guard_steps('{model}_step_allowed', '{first}', '{allowed}');",
        f"DROP TRIGGER inventory_{model}_steps ON inventory_{model};",
    )


PURCHASE = """
CREATE FUNCTION inventory_purchase_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.number, NEW.supplier_id, NEW.warehouse_id, NEW.total,
            NEW.drafted_by) IS DISTINCT FROM (OLD.number, OLD.supplier_id, OLD.warehouse_id,
            OLD.total, OLD.drafted_by) THEN
        PERFORM inventory_refuse('purchaseorder_fixed_once_submitted', 'handed in and fixed');
    END IF;
    IF NEW.state IN ('approved', 'sent', 'partly_received', 'received', 'closed') AND NOT EXISTS (
            SELECT FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'inventory.purchaseorder'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'total')::numeric = NEW.total) THEN
        PERFORM inventory_refuse('purchaseorder_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_purchase_fixed BEFORE UPDATE ON inventory_purchaseorder
    FOR EACH ROW EXECUTE FUNCTION inventory_purchase_fixed();

CREATE FUNCTION inventory_purchaseline_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_line inventory_purchaseline;
BEGIN
    v_line := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF TG_OP = 'UPDATE' AND (NEW.purchase_id, NEW.line_no, NEW.sku_id, NEW.quantity, NEW.unit_cost,
            NEW.plan_ref, NEW.reason) IS NOT DISTINCT FROM (OLD.purchase_id, OLD.line_no,
            OLD.sku_id, OLD.quantity, OLD.unit_cost, OLD.plan_ref, OLD.reason) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM inventory_purchaseorder p
               WHERE p.id = v_line.purchase_id AND p.state <> 'draft') THEN
        PERFORM inventory_refuse('purchaseline_fixed_once_submitted', 'handed in lines are fixed');
    END IF;
    RETURN v_line;
END $$;
CREATE TRIGGER inventory_purchaseline_fixed BEFORE INSERT OR UPDATE OR DELETE
    ON inventory_purchaseline FOR EACH ROW EXECUTE FUNCTION inventory_purchaseline_fixed();

ALTER TABLE inventory_receipt ADD CONSTRAINT receipt_knows_its_buyer
    FOREIGN KEY (purchase_id, ordered_by) REFERENCES inventory_purchaseorder (id, drafted_by);
"""
NO_PURCHASE = """
ALTER TABLE inventory_receipt DROP CONSTRAINT receipt_knows_its_buyer;
DROP TRIGGER inventory_purchaseline_fixed ON inventory_purchaseline;
DROP FUNCTION inventory_purchaseline_fixed();
DROP TRIGGER inventory_purchase_fixed ON inventory_purchaseorder;
DROP FUNCTION inventory_purchase_fixed();
"""

RECEIPT = """
CREATE FUNCTION inventory_receiptline_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        PERFORM inventory_refuse('receiptline_settled_stays', 'a settled line stays as it is');
    END IF;
    IF (NEW.receipt_id, NEW.sku_id, NEW.lot_id, NEW.noted, NEW.expected, NEW.counted, NEW.good,
            NEW.is_as_named, NEW.mismatch, NEW.unit_cost)
       IS DISTINCT FROM (OLD.receipt_id, OLD.sku_id, OLD.lot_id, OLD.noted, OLD.expected,
            OLD.counted, OLD.good, OLD.is_as_named, OLD.mismatch, OLD.unit_cost)
       AND NOT EXISTS (SELECT FROM inventory_receipt r
                       WHERE r.id = OLD.receipt_id AND r.state = 'counting') THEN
        PERFORM inventory_refuse('receiptline_fixed_once_checked', 'what was found stays found');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_receiptline_fixed BEFORE UPDATE ON inventory_receiptline
    FOR EACH ROW EXECUTE FUNCTION inventory_receiptline_fixed();
"""
NO_RECEIPT = """
DROP TRIGGER inventory_receiptline_fixed ON inventory_receiptline;
DROP FUNCTION inventory_receiptline_fixed();
"""

# The ledger itself asks: goods of a receipt only as its settled lines say, differences of a count
# only as its approved request says.
MOVES = """
CREATE FUNCTION inventory_guard_documents() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows
                   WHERE reason = 'count' OR source_type = 'inventory.receipt') THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT approval_id, source_type, source_id FROM new_rows
                     WHERE reason = 'count') n
        LEFT JOIN approvals_request r ON r.id = n.approval_id AND r.flow = 'stock_adjustment'
            AND r.state = 'approved' AND r.kind = 'ordinary'
            AND r.subject_type = n.source_type AND r.subject_id = n.source_id
        WHERE r.id IS NULL
    ) THEN
        PERFORM inventory_refuse('move_count_needs_approval',
            'a difference of a count needs its approved report');
    END IF;
    IF EXISTS (
        WITH allowed AS MATERIALIZED (
            SELECT r.id, (e.line ->> 'sku')::bigint AS sku_id, (e.line ->> 'lot')::bigint AS lot_id,
                   (e.line ->> 'from')::bigint AS from_id, (e.line ->> 'to')::bigint AS to_id,
                   (e.line ->> 'quantity')::bigint AS quantity
            FROM approvals_request r
            CROSS JOIN LATERAL jsonb_array_elements(r.content -> 'lines') AS e(line)
            WHERE r.id IN (SELECT DISTINCT approval_id FROM new_rows WHERE reason = 'count')
        )
        SELECT FROM new_rows n
        LEFT JOIN allowed a ON a.id = n.approval_id AND a.sku_id = n.sku_id
            AND coalesce(a.lot_id, 0) = coalesce(n.lot_id, 0)
            AND a.from_id = n.from_location_id AND a.to_id = n.to_location_id
            AND a.quantity = n.quantity
        WHERE n.reason = 'count' AND a.id IS NULL
    ) THEN
        PERFORM inventory_refuse('move_count_as_approved',
            'not the difference its report was approved with');
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT m.source_id, m.sku_id, m.lot_id, l.kind, sum(m.quantity) AS quantity
            FROM inventory_move m JOIN inventory_location l ON l.id = m.to_location_id
            WHERE m.source_type = 'inventory.receipt' AND m.source_id IN (
                SELECT source_id FROM new_rows WHERE source_type = 'inventory.receipt')
            GROUP BY 1, 2, 3, 4) n
        LEFT JOIN (
            SELECT receipt_id, sku_id, lot_id, sum(to_bin) AS to_bin,
                   sum(to_quarantine) AS to_quarantine
            FROM inventory_receiptline WHERE state = 'posted'
            GROUP BY 1, 2, 3) a ON a.receipt_id = n.source_id AND a.sku_id = n.sku_id
                AND a.lot_id IS NOT DISTINCT FROM n.lot_id
        WHERE n.quantity > coalesce(
            CASE n.kind WHEN 'bin' THEN a.to_bin WHEN 'quarantine' THEN a.to_quarantine END, 0)
    ) THEN
        PERFORM inventory_refuse('move_receipt_as_settled',
            'goods come in only as their receipt was settled');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_move_documents AFTER INSERT ON inventory_move
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_guard_documents();

CREATE UNIQUE INDEX move_count_line_once ON inventory_move
    (approval_id, sku_id, from_location_id, to_location_id, lot_id) NULLS NOT DISTINCT
    WHERE reason = 'count';
"""
NO_MOVES = """
DROP INDEX move_count_line_once;
DROP TRIGGER inventory_move_documents ON inventory_move;
DROP FUNCTION inventory_guard_documents();
"""

COUNT = """
ALTER TABLE inventory_countline ADD CONSTRAINT countline_on_its_sheet
    FOREIGN KEY (sheet_id, count_id) REFERENCES inventory_countsheet (id, count_id);
ALTER TABLE inventory_countline SET (fillfactor = 60);

CREATE FUNCTION inventory_stockcount_ready() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NEW.state = 'review' AND OLD.state = 'counting' THEN
        IF EXISTS (SELECT FROM inventory_countline WHERE count_id = NEW.id AND counted IS NULL) THEN
            PERFORM inventory_refuse('stockcount_counted_whole', 'lines are not counted yet');
        END IF;
        IF EXISTS (SELECT FROM inventory_countsheet s WHERE s.count_id = NEW.id
                   AND (s.keeper_id IS NULL OR (NEW.kind = 'quarter' AND s.finance_id IS NULL))) THEN
            PERFORM inventory_refuse('stockcount_signed', 'sheets are not signed yet');
        END IF;
    END IF;
    IF NEW.state = 'submitted' THEN
        IF EXISTS (SELECT FROM inventory_countline
                   WHERE count_id = NEW.id AND needs_recount AND recounted IS NULL) THEN
            PERFORM inventory_refuse('stockcount_recounted', 'lines wait for a recount');
        END IF;
        IF EXISTS (SELECT FROM inventory_countline
                   WHERE count_id = NEW.id AND variance <> 0
                     AND (cause = '' OR responsible = '' OR treatment = '')) THEN
            PERFORM inventory_refuse('stockcount_explained', 'differences are not explained yet');
        END IF;
    END IF;
    IF NEW.state IN ('approved', 'posted') AND NOT EXISTS (
            SELECT FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'inventory.stockcount'
              AND r.subject_id = NEW.id) THEN
        PERFORM inventory_refuse('stockcount_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inventory_stockcount_ready BEFORE UPDATE OF state ON inventory_stockcount
    FOR EACH ROW EXECUTE FUNCTION inventory_stockcount_ready();

CREATE FUNCTION inventory_countline_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM inventory_stockcount c
               WHERE c.id IN (SELECT DISTINCT count_id FROM changed)
                 AND c.state NOT IN ('counting', 'review')) THEN
        PERFORM inventory_refuse('countline_fixed_once_submitted', 'this count is not open');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_countline_added AFTER INSERT ON inventory_countline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION inventory_countline_open();
CREATE TRIGGER inventory_countline_changed AFTER UPDATE ON inventory_countline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    EXECUTE FUNCTION inventory_countline_open();

CREATE FUNCTION inventory_countline_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM inventory_countsheet s
               WHERE s.keeper_id IS NOT NULL AND s.id IN (
                   SELECT DISTINCT n.sheet_id FROM fresh n JOIN former o ON o.id = n.id
                   WHERE n.counted IS DISTINCT FROM o.counted)) THEN
        PERFORM inventory_refuse('countline_signed_stays', 'a signed sheet stays as it is');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_countline_signed AFTER UPDATE ON inventory_countline
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former FOR EACH STATEMENT
    EXECUTE FUNCTION inventory_countline_signed();
"""
NO_COUNT = """
DROP TRIGGER inventory_countline_signed ON inventory_countline;
DROP FUNCTION inventory_countline_signed();
DROP TRIGGER inventory_countline_changed ON inventory_countline;
DROP TRIGGER inventory_countline_added ON inventory_countline;
DROP FUNCTION inventory_countline_open();
DROP TRIGGER inventory_stockcount_ready ON inventory_stockcount;
DROP FUNCTION inventory_stockcount_ready();
ALTER TABLE inventory_countline RESET (fillfactor);
ALTER TABLE inventory_countline DROP CONSTRAINT countline_on_its_sheet;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0010_documents"),
        ("approvals", "0002_promises"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(REFUSE, NO_REFUSE),
        steps("purchaseorder"),
        steps("receipt"),
        steps("stockcount"),
        migrations.RunSQL(PURCHASE, NO_PURCHASE),
        migrations.RunSQL(RECEIPT, NO_RECEIPT),
        migrations.RunSQL(MOVES, NO_MOVES),
        migrations.RunSQL(COUNT, NO_COUNT),
        guard_by_approval(
            "inventory_purchaseorder",
            "purchase_order",
            when_sql="n.state IN ('approved', 'sent', 'partly_received', 'received', 'closed')",
        ),
        guard_by_approval(
            "inventory_receiptline",
            "receipt_mismatch",
            when_sql="n.state = 'posted' AND n.mismatch NOT IN ('none', 'short')"
            " AND n.to_bin + n.to_quarantine > 0",
            line_sql="jsonb_build_object('line', n.id, 'bin', n.to_bin,"
            " 'quarantine', n.to_quarantine)",
            line_key="line",
        ),
        guard_by_approval(
            "inventory_receiptdiscrepancy",
            "receipt_mismatch",
            when_sql="n.state = 'decided'",
        ),
        guard_by_approval(
            "inventory_stockcount",
            "stock_adjustment",
            when_sql="n.state IN ('approved', 'posted')",
        ),
        revoke("inventory_purchaseorder", "DELETE, TRUNCATE"),
        revoke("inventory_receipt", "DELETE, TRUNCATE"),
        revoke("inventory_receiptline", "DELETE, TRUNCATE"),
        revoke("inventory_receiptdiscrepancy", "DELETE, TRUNCATE"),
        revoke("inventory_stockcount", "DELETE, TRUNCATE"),
        revoke("inventory_countsheet", "DELETE, TRUNCATE"),
        revoke("inventory_countline", "DELETE, TRUNCATE"),
        revoke_columns(
            "inventory_countline",
            updatable=(
                "counted",
                "counted_by",
                "counted_at",
                "counted_seq",
                "expected",
                "needs_recount",
                "recounted",
                "recounted_by",
                "recounted_at",
                "variance",
                "value",
                "cause",
                "responsible",
                "treatment",
                "note",
            ),
        ),
        track_history(
            "inventory_supplier",
            columns=["name", "state", "contact", "phone", "email", "city", "region", "postcode"],
        ),
    ]
