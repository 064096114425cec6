"""The order's steps as the database sees them, generated from the one table of transitions."""

from __future__ import annotations

from collections.abc import Iterable

from customers.choices import FIRST_STATES, RETURN_STEPS, TRANSITIONS


def order_steps_sql() -> str:
    """Return the trigger that refuses any step the table does not declare (SCM-2.4-03)."""
    first = _rows((path, state) for path, states in FIRST_STATES.items() for state in states)
    steps = _rows((path, a, b) for path, pairs in TRANSITIONS.items() for a, b in pairs)
    return f"""
CREATE OR REPLACE FUNCTION customers_order_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.path <> OLD.path OR NEW.channel_id <> OLD.channel_id
       OR NEW.external_no <> OLD.external_no OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'order_identity_is_fixed' USING ERRCODE = 'check_violation';
    ELSIF NEW.state <> OLD.state AND (NEW.path, OLD.state, NEW.state) NOT IN ({steps}) THEN
        RAISE EXCEPTION 'order_step_%_to_%_not_declared', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION customers_order_births() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_state text;
BEGIN
    SELECT g.state INTO v_state FROM given g WHERE (g.path, g.state) NOT IN ({first}) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'order_born_in_%', v_state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS order_steps ON customers_order;
CREATE TRIGGER order_steps BEFORE UPDATE ON customers_order
    FOR EACH ROW EXECUTE FUNCTION customers_order_steps();
DROP TRIGGER IF EXISTS order_births ON customers_order;
CREATE TRIGGER order_births AFTER INSERT ON customers_order
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_order_births();
"""  # noqa: S608 - words of our own table only


ORDER_STEPS_REVERSE = """
DROP TRIGGER order_births ON customers_order;
DROP FUNCTION customers_order_births();
DROP TRIGGER order_steps ON customers_order;
DROP FUNCTION customers_order_steps();
"""


def return_steps_sql() -> str:
    """Return the triggers that keep returns honest: declared steps, never more than was sold."""
    steps = _rows(RETURN_STEPS)
    return f"""
CREATE FUNCTION customers_return_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' AND NEW.batch_id IS NULL THEN
            RAISE EXCEPTION 'return_born_in_%', NEW.state USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.order_id IS DISTINCT FROM OLD.order_id OR NEW.channel_id <> OLD.channel_id
          OR NEW.number <> OLD.number OR NEW.external_no <> OLD.external_no
          OR NEW.total <> OLD.total OR NEW.tax <> OLD.tax THEN
        RAISE EXCEPTION 'return_identity_is_fixed' USING ERRCODE = 'check_violation';
    ELSIF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({steps}) THEN
        RAISE EXCEPTION 'return_step_%_to_%_not_declared', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER return_steps BEFORE INSERT OR UPDATE ON customers_return
    FOR EACH ROW EXECUTE FUNCTION customers_return_steps();
CREATE FUNCTION customers_return_within_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_line record;
BEGIN
    -- One after the other per order, so that two returns cannot both take the last piece.
    PERFORM 1 FROM customers_order o
     WHERE o.id IN (SELECT r.order_id FROM customers_return r JOIN given g ON g.back_id = r.id)
     ORDER BY o.id FOR NO KEY UPDATE;
    SELECT l.line_no, o.number INTO v_line
      FROM (SELECT DISTINCT r.order_id, g.line_no FROM given g
              JOIN customers_return r ON r.id = g.back_id WHERE r.order_id IS NOT NULL) l
      JOIN customers_order o ON o.id = l.order_id
      LEFT JOIN customers_orderline s ON s.order_id = l.order_id AND s.line_no = l.line_no
     WHERE coalesce(s.quantity, 0) < (
           SELECT sum(b.quantity) FROM customers_returnline b
             JOIN customers_return r ON r.id = b.back_id
            WHERE r.order_id = l.order_id AND b.line_no = l.line_no AND r.state <> 'refused')
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'return_exceeds_order: % line %', v_line.number, v_line.line_no
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER return_within_order AFTER INSERT ON customers_returnline
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_return_within_order();
"""  # noqa: S608 - words of our own table only


RETURN_STEPS_REVERSE = """
DROP TRIGGER return_within_order ON customers_returnline;
DROP FUNCTION customers_return_within_order();
DROP TRIGGER return_steps ON customers_return;
DROP FUNCTION customers_return_steps();
"""


PARTS_WHOLE = """
CREATE FUNCTION customers_parts_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_order bigint := coalesce(NEW.order_id, OLD.order_id);
    v_line int;
BEGIN
    SELECT coalesce(l.line_no, p.line_no) INTO v_line
      FROM (SELECT s.line_no, s.quantity FROM customers_orderline s
              JOIN catalog_sku k ON k.id = s.sku_id AND k.kind = 'goods'
             WHERE s.order_id = v_order) l
      FULL JOIN (SELECT line_no, sum(quantity) AS quantity FROM customers_orderpart
                  WHERE order_id = v_order GROUP BY line_no) p USING (line_no)
     WHERE l.quantity IS DISTINCT FROM p.quantity LIMIT 1;
    IF FOUND AND EXISTS (SELECT 1 FROM customers_orderpart WHERE order_id = v_order) THEN
        RAISE EXCEPTION 'parts of order % do not add up to line %', v_order, v_line
            USING ERRCODE = 'check_violation', TABLE = 'customers_orderpart',
                  CONSTRAINT = 'orderpart_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orderpart_adds_up AFTER INSERT OR UPDATE OR DELETE
    ON customers_orderpart DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION customers_parts_whole();
CREATE FUNCTION customers_part_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.left_at IS NOT NULL THEN
        RAISE EXCEPTION 'part % of order % has left', OLD.part_no, OLD.order_id
            USING ERRCODE = 'check_violation', TABLE = 'customers_orderpart',
                  CONSTRAINT = 'orderpart_gone_is_fixed';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER orderpart_gone_is_fixed BEFORE UPDATE OR DELETE ON customers_orderpart
    FOR EACH ROW EXECUTE FUNCTION customers_part_left();
CREATE FUNCTION customers_cancel_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM customers_orderpart
                WHERE order_id = NEW.id AND left_at IS NOT NULL) THEN
        RAISE EXCEPTION 'order % has left in part', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'customers_order',
                  CONSTRAINT = 'order_cancelled_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER order_cancelled_whole AFTER UPDATE OF state ON customers_order
    FOR EACH ROW WHEN (NEW.state = 'cancelled') EXECUTE FUNCTION customers_cancel_whole();
"""
PARTS_WHOLE_REVERSE = """
DROP TRIGGER order_cancelled_whole ON customers_order;
DROP FUNCTION customers_cancel_whole();
DROP TRIGGER orderpart_gone_is_fixed ON customers_orderpart;
DROP FUNCTION customers_part_left();
DROP TRIGGER orderpart_adds_up ON customers_orderpart;
DROP FUNCTION customers_parts_whole();
"""
MERGED_ALIKE = """
CREATE FUNCTION customers_merged_alike() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What goes into one box belongs to one buyer, one recipient, one channel, one warehouse.
    IF EXISTS (
        SELECT 1 FROM given g
          JOIN customers_ordermerge m ON m.parcel_id = g.parcel_id
          JOIN customers_order a ON a.id = g.order_id
          JOIN customers_order b ON b.id = m.order_id
          LEFT JOIN customers_orderrecipient ra ON ra.order_id = a.id
          LEFT JOIN customers_orderrecipient rb ON rb.order_id = b.id
         WHERE ra.index IS NULL OR a.customer_id IS NULL OR ra.index IS DISTINCT FROM rb.index
            OR (a.customer_id, a.channel_id, a.warehouse_id)
               IS DISTINCT FROM (b.customer_id, b.channel_id, b.warehouse_id)) THEN
        RAISE EXCEPTION 'orders of different recipients never share a parcel'
            USING ERRCODE = 'check_violation', TABLE = 'customers_ordermerge',
                  CONSTRAINT = 'ordermerge_same_recipient';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ordermerge_same_recipient AFTER INSERT ON customers_ordermerge
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_merged_alike();
"""
MERGED_ALIKE_REVERSE = """
DROP TRIGGER ordermerge_same_recipient ON customers_ordermerge;
DROP FUNCTION customers_merged_alike();
"""
DISCOUNTS_ADD_UP = """
CREATE FUNCTION customers_line_discounted() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF NEW.discount IS DISTINCT FROM (
            SELECT sum(d.amount) FROM customers_orderdiscount d
             WHERE d.order_id = NEW.order_id AND d.line_no = NEW.line_no) THEN
        RAISE EXCEPTION 'discounts of order % do not add up to line %', NEW.order_id, NEW.line_no
            USING ERRCODE = 'check_violation', TABLE = 'customers_orderline',
                  CONSTRAINT = 'orderline_discounts_add_up';
    END IF;
    RETURN NULL;
END $$;
-- Lines without a discount, nearly all of them, are passed by without a look.
CREATE TRIGGER orderline_discounts_add_up AFTER INSERT ON customers_orderline
    FOR EACH ROW WHEN (NEW.discount <> 0) EXECUTE FUNCTION customers_line_discounted();
CREATE TRIGGER orderline_discounts_still_add_up AFTER UPDATE ON customers_orderline
    FOR EACH ROW WHEN ((NEW.discount, NEW.order_id, NEW.line_no)
                       IS DISTINCT FROM (OLD.discount, OLD.order_id, OLD.line_no))
    EXECUTE FUNCTION customers_line_discounted();
CREATE FUNCTION customers_discounts_add_up() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    v_line record;
BEGIN
    SELECT g.order_id, g.line_no INTO v_line
      FROM (SELECT DISTINCT order_id, line_no FROM given) g
      LEFT JOIN customers_orderline l ON l.order_id = g.order_id AND l.line_no = g.line_no
     WHERE l.discount IS DISTINCT FROM (
           SELECT sum(d.amount) FROM customers_orderdiscount d
            WHERE d.order_id = g.order_id AND d.line_no = g.line_no) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'discounts of order % do not add up to line %',
            v_line.order_id, v_line.line_no
            USING ERRCODE = 'check_violation', TABLE = 'customers_orderdiscount',
                  CONSTRAINT = 'orderdiscount_adds_up';
    END IF;
    -- Nothing is given away that no cap and no budget was charged with.
    SELECT g.order_id, g.promotion_id INTO v_line
      FROM (SELECT DISTINCT order_id, promotion_id FROM given) g
     WHERE (SELECT sum(d.amount) FROM customers_orderdiscount d
             WHERE d.order_id = g.order_id AND d.promotion_id = g.promotion_id)
           IS DISTINCT FROM (
           SELECT sum(u.amount) FROM catalog_promotionuse u
            WHERE u.source_type = 'customers.order' AND u.source_id = g.order_id
              AND u.promotion_id = g.promotion_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'order % took nothing of promotion %, or something else',
            v_line.order_id, v_line.promotion_id
            USING ERRCODE = 'check_violation', TABLE = 'customers_orderdiscount',
                  CONSTRAINT = 'orderdiscount_was_used';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orderdiscount_adds_up AFTER INSERT ON customers_orderdiscount
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_discounts_add_up();
CREATE FUNCTION customers_gifts_are_lines() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    v_order bigint;
BEGIN
    SELECT g.order_id INTO v_order FROM given g
     WHERE NOT EXISTS (
           SELECT 1 FROM customers_orderline l
            WHERE l.order_id = g.order_id AND l.line_no = g.line_no AND l.kind = 'gift')
        OR (SELECT sum(l.quantity) FROM customers_ordergift o
              JOIN customers_orderline l ON l.order_id = o.order_id AND l.line_no = o.line_no
             WHERE o.order_id = g.order_id AND o.promotion_id = g.promotion_id)
           IS DISTINCT FROM (
           SELECT sum(u.gift_pieces) FROM catalog_promotionuse u
            WHERE u.source_type = 'customers.order' AND u.source_id = g.order_id
              AND u.promotion_id = g.promotion_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a gift of order % is no line of it, or was not taken', v_order
            USING ERRCODE = 'check_violation', TABLE = 'customers_ordergift',
                  CONSTRAINT = 'ordergift_was_used';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ordergift_was_used AFTER INSERT ON customers_ordergift
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_gifts_are_lines();
CREATE FUNCTION customers_refund_as_paid() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    v_line record;
BEGIN
    -- Of a line with a discount never more comes back than was paid, and all of it with the last.
    SELECT l.order_id, l.line_no INTO v_line
      FROM (SELECT DISTINCT r.order_id, g.line_no FROM given g
              JOIN customers_return r ON r.id = g.back_id WHERE r.order_id IS NOT NULL) k
      JOIN customers_orderline l
        ON l.order_id = k.order_id AND l.line_no = k.line_no AND l.discount <> 0
     CROSS JOIN LATERAL (
           SELECT sum(b.quantity) AS pieces, sum(b.amount) AS amount
             FROM customers_returnline b JOIN customers_return r ON r.id = b.back_id
            WHERE r.order_id = l.order_id AND b.line_no = l.line_no AND r.state <> 'refused') back
     WHERE back.amount > l.amount OR (back.pieces = l.quantity AND back.amount <> l.amount)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % of order % is not paid back as it was paid',
            v_line.line_no, v_line.order_id
            USING ERRCODE = 'check_violation', TABLE = 'customers_returnline',
                  CONSTRAINT = 'returnline_as_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER returnline_as_paid AFTER INSERT ON customers_returnline
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT
    EXECUTE FUNCTION customers_refund_as_paid();
CREATE FUNCTION customers_use_given_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A cancelled order keeps nothing of what others may now have.
    IF EXISTS (SELECT 1 FROM catalog_promotionuse u
                WHERE u.source_type = 'customers.order' AND u.source_id = NEW.id
                GROUP BY u.promotion_id HAVING sum(u.times) > 0) THEN
        RAISE EXCEPTION 'cancelled order % still uses promotions', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'customers_order',
                  CONSTRAINT = 'order_cancelled_gives_back';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER order_cancelled_gives_back AFTER UPDATE OF state ON customers_order
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'cancelled' AND OLD.state <> 'cancelled')
    EXECUTE FUNCTION customers_use_given_back();
"""
DISCOUNTS_ADD_UP_REVERSE = """
DROP TRIGGER returnline_as_paid ON customers_returnline;
DROP FUNCTION customers_refund_as_paid();
DROP TRIGGER order_cancelled_gives_back ON customers_order;
DROP FUNCTION customers_use_given_back();
DROP TRIGGER ordergift_was_used ON customers_ordergift;
DROP FUNCTION customers_gifts_are_lines();
DROP TRIGGER orderdiscount_adds_up ON customers_orderdiscount;
DROP FUNCTION customers_discounts_add_up();
DROP TRIGGER orderline_discounts_still_add_up ON customers_orderline;
DROP TRIGGER orderline_discounts_add_up ON customers_orderline;
DROP FUNCTION customers_line_discounted();
"""


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    quoted = sorted("(" + ", ".join(f"'{word}'" for word in row) + ")" for row in rows)
    return ", ".join(quoted)
