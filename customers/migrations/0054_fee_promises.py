"""A fee is part of the total, its discounts add up, and never more of it goes back than was paid."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

# Discounts with the line 0 are those of the fee. As before otherwise: what a line (or the fee) says
# is what its rows come to, and what the promotion was charged with.
ADDS_UP = """
CREATE OR REPLACE FUNCTION customers_discounts_add_up() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    v_line record;
BEGIN
    SELECT g.order_id, g.line_no INTO v_line
      FROM (SELECT DISTINCT order_id, line_no FROM given) g
      LEFT JOIN customers_orderline l ON l.order_id = g.order_id AND l.line_no = g.line_no
      {fee_join}
     WHERE {discount} IS DISTINCT FROM (
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
"""
WITH_FEE = ADDS_UP.format(
    fee_join="LEFT JOIN customers_order o ON o.id = g.order_id AND g.line_no = 0",
    discount="coalesce(l.discount, o.shipping_discount)",
)
LINES_ONLY = ADDS_UP.format(fee_join="", discount="l.discount")

# Orders without a fee, nearly all of them, are passed by without a look.
FEES = """
CREATE FUNCTION customers_order_carries_fee() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF NEW.shipping_discount <> coalesce((
            SELECT sum(d.amount) FROM customers_orderdiscount d
             WHERE d.order_id = NEW.id AND d.line_no = 0), 0) THEN
        RAISE EXCEPTION 'discounts of order % do not add up to its shipping fee', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'customers_order',
                  CONSTRAINT = 'order_fee_discounts_add_up';
    END IF;
    IF NEW.total <> NEW.shipping - NEW.shipping_discount + coalesce((
            SELECT round(sum(l.amount), 2) FROM customers_orderline l
             WHERE l.order_id = NEW.id), 0) THEN
        RAISE EXCEPTION 'the total of order % is not its lines and its fee', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'customers_order',
                  CONSTRAINT = 'order_total_carries_fee';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER order_carries_fee AFTER INSERT ON customers_order
    FOR EACH ROW WHEN (NEW.shipping <> 0) EXECUTE FUNCTION customers_order_carries_fee();
CREATE FUNCTION customers_order_priced_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order % keeps the tier and the fee it was priced with', OLD.number
        USING ERRCODE = 'check_violation', TABLE = 'customers_order',
              CONSTRAINT = 'order_priced_once';
END $$;
CREATE TRIGGER order_priced_once
    BEFORE UPDATE OF tier, shipping, shipping_discount ON customers_order
    FOR EACH ROW WHEN ((NEW.tier, NEW.shipping, NEW.shipping_discount)
                       IS DISTINCT FROM (OLD.tier, OLD.shipping, OLD.shipping_discount))
    EXECUTE FUNCTION customers_order_priced_once();
CREATE FUNCTION customers_fee_as_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_paid numeric;
BEGIN
    -- One return after the other, so that two cannot both pay the fee back.
    SELECT o.shipping - o.shipping_discount INTO v_paid FROM customers_order o
     WHERE o.id = NEW.order_id FOR NO KEY UPDATE;
    IF coalesce(v_paid, 0) < (
            SELECT sum(r.shipping) FROM customers_return r
             WHERE r.order_id IS NOT DISTINCT FROM NEW.order_id AND r.state <> 'refused'
               AND (r.order_id IS NOT NULL OR r.id = NEW.id)) THEN
        RAISE EXCEPTION 'return % pays back more than the fee that was paid', NEW.number
            USING ERRCODE = 'check_violation', TABLE = 'customers_return',
                  CONSTRAINT = 'return_fee_as_paid';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER return_fee_as_paid AFTER INSERT ON customers_return
    FOR EACH ROW WHEN (NEW.shipping <> 0) EXECUTE FUNCTION customers_fee_as_paid();
CREATE FUNCTION customers_return_fee_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the fee that return % pays back stands', OLD.number
        USING ERRCODE = 'check_violation', TABLE = 'customers_return',
              CONSTRAINT = 'return_fee_is_fixed';
END $$;
CREATE TRIGGER return_fee_is_fixed BEFORE UPDATE OF shipping ON customers_return
    FOR EACH ROW WHEN (NEW.shipping <> OLD.shipping)
    EXECUTE FUNCTION customers_return_fee_fixed();
"""
NO_FEES = """
DROP TRIGGER return_fee_is_fixed ON customers_return;
DROP FUNCTION customers_return_fee_fixed();
DROP TRIGGER return_fee_as_paid ON customers_return;
DROP FUNCTION customers_fee_as_paid();
DROP TRIGGER order_priced_once ON customers_order;
DROP FUNCTION customers_order_priced_once();
DROP TRIGGER order_carries_fee ON customers_order;
DROP FUNCTION customers_order_carries_fee();
"""


class Migration(migrations.Migration):
    """Put the promises of shipping fees into the database."""

    dependencies = [("customers", "0053_fees_are_sane")]

    operations = [
        ValidateConstraint("order", "order_shipping_sane"),
        ValidateConstraint("return", "return_shipping_sane"),
        migrations.RunSQL(WITH_FEE, LINES_ONLY),
        migrations.RunSQL(FEES, NO_FEES),
    ]
