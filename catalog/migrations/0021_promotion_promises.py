"""No promotion without an approval, nothing used beyond its caps: kept by the database itself."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import append_only, revoke

PLAN = """
CREATE FUNCTION catalog_steps_rise(rule jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_and(asks > coalesce(asked, 0) AND gives > coalesce(gave, 0)), false)
    FROM (SELECT asks, gives, lag(asks) OVER (ORDER BY place) AS asked,
                 lag(gives) OVER (ORDER BY place) AS gave
          FROM (SELECT coalesce(s ->> 'amount', s ->> 'count')::numeric AS asks,
                       coalesce(s ->> 'save', s ->> 'percent')::numeric AS gives, place
                FROM jsonb_array_elements(rule -> 'steps') WITH ORDINALITY AS t(s, place)) step
         ) steps
$$;
ALTER TABLE catalog_promotion
    ADD CONSTRAINT promotion_rule_is_of_its_type CHECK ((rule ->> 'type') = type),
    ADD CONSTRAINT promotion_budget_is_the_cap
        CHECK ((rule #>> '{caps,budget}')::numeric IS NOT DISTINCT FROM budget),
    ADD CONSTRAINT promotion_coupon_flag_is_its_mode
        CHECK (coalesce((rule ->> 'coupon')::boolean, false) = (coupon_mode <> 'none')),
    ADD CONSTRAINT promotion_steps_rise
        CHECK (type <> 'spend_and_save' OR catalog_steps_rise(rule)),
    ADD CONSTRAINT promotion_flash_sale_is_capped CHECK (type <> 'flash_sale' OR (
        coalesce((rule #>> '{caps,pieces}')::bigint, 0) > 0
        AND coalesce((rule #>> '{caps,pieces_per_buyer}')::bigint, 0) > 0));
"""
NO_PLAN = """
CREATE FUNCTION catalog_steps_rise(rule jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_and(asks > coalesce(asked, 0) AND gives > coalesce(gave, 0)), false)
    FROM (SELECT asks, gives, lag(asks) OVER (ORDER BY place) AS asked,
                 lag(gives) OVER (ORDER BY place) AS gave
          FROM (SELECT coalesce(s ->> 'amount', s ->> 'count')::numeric AS asks,
                       coalesce(s ->> 'save', s ->> 'percent')::numeric AS gives, place
                FROM jsonb_array_elements(rule -> 'steps') WITH ORDINALITY AS t(s, place)) step
         ) steps
$$;
ALTER TABLE catalog_promotion
    DROP CONSTRAINT promotion_rule_is_of_its_type,
    DROP CONSTRAINT promotion_budget_is_the_cap,
    DROP CONSTRAINT promotion_coupon_flag_is_its_mode,
    DROP CONSTRAINT promotion_steps_rise,
    DROP CONSTRAINT promotion_flash_sale_is_capped;
DROP FUNCTION catalog_steps_rise(jsonb);
"""

COURSE = """
CREATE FUNCTION catalog_promotion_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approval_id IS NOT NULL THEN
            PERFORM catalog_refuse('promotion_starts_as_draft', 'a promotion starts as draft');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.channel_id, NEW.drafted_by, NEW.drafted_at)
       IS DISTINCT FROM (OLD.number, OLD.channel_id, OLD.drafted_by, OLD.drafted_at)
       OR (OLD.state NOT IN ('draft', 'returned')
           AND (NEW.title, NEW.aim, NEW.type, NEW.rule, NEW.budget, NEW.gift_stock, NEW.stock_note,
                NEW.risk, NEW.coupon_mode, NEW.starts_at, NEW.ends_at, NEW.approval_id)
               IS DISTINCT FROM
               (OLD.title, OLD.aim, OLD.type, OLD.rule, OLD.budget, OLD.gift_stock, OLD.stock_note,
                OLD.risk, OLD.coupon_mode, OLD.starts_at, OLD.ends_at, OLD.approval_id)) THEN
        PERFORM catalog_refuse('promotion_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'submitted'), ('draft', 'withdrawn'),
            ('returned', 'submitted'), ('returned', 'withdrawn'),
            ('submitted', 'returned'), ('submitted', 'withdrawn'), ('submitted', 'scheduled'),
            ('scheduled', 'running'), ('scheduled', 'paused'), ('scheduled', 'ended'),
            ('scheduled', 'returned'),
            ('running', 'paused'), ('running', 'ended'), ('running', 'returned'),
            ('paused', 'running'), ('paused', 'scheduled'), ('paused', 'ended'),
            ('paused', 'returned'),
            ('ended', 'reviewed')) THEN
        PERFORM catalog_refuse('promotion_moves_as_declared',
            'no promotion goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    IF NEW.state = 'scheduled' AND OLD.state = 'submitted' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.promotion'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'channel')::bigint = NEW.channel_id
              AND r.content -> 'rule' = NEW.rule
              AND r.content ->> 'coupon_mode' = NEW.coupon_mode
              AND (r.content ->> 'gift_stock')::bigint IS NOT DISTINCT FROM NEW.gift_stock
              AND (r.content ->> 'starts_at')::timestamptz = NEW.starts_at
              AND (r.content ->> 'ends_at')::timestamptz = NEW.ends_at) THEN
        PERFORM catalog_refuse('promotion_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_promotion_course BEFORE INSERT OR UPDATE ON catalog_promotion
    FOR EACH ROW EXECUTE FUNCTION catalog_promotion_course();

CREATE FUNCTION catalog_promotions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse(TG_TABLE_NAME || '_stays', 'promotions and their runs are kept');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_promotion_stays BEFORE DELETE OR TRUNCATE ON catalog_promotion
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_promotions_stay();
CREATE TRIGGER catalog_promotionrun_stays BEFORE DELETE OR TRUNCATE ON catalog_promotionrun
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_promotions_stay();
"""
NO_COURSE = """
DROP TRIGGER catalog_promotionrun_stays ON catalog_promotionrun;
DROP TRIGGER catalog_promotion_stays ON catalog_promotion;
DROP FUNCTION catalog_promotions_stay();
DROP TRIGGER catalog_promotion_course ON catalog_promotion;
DROP FUNCTION catalog_promotion_course();
"""

# A run carries the approved rule itself, so that what was live can be read without the plan.
RUNS = """
CREATE FUNCTION catalog_promotionrun_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh n
        JOIN catalog_promotion p ON p.id = n.promotion_id
        LEFT JOIN approvals_request r
               ON r.id = n.approval_id AND r.subject_type = 'catalog.promotion'
              AND r.subject_id = n.promotion_id
        WHERE r.id IS NULL OR n.cut_why <> '' OR isempty(n.valid)
           OR p.approval_id IS DISTINCT FROM n.approval_id
           OR p.state NOT IN ('scheduled', 'paused')
           OR n.rule IS DISTINCT FROM r.content -> 'rule'
           OR n.channel_id <> (r.content ->> 'channel')::bigint
           OR lower(n.valid) < (r.content ->> 'starts_at')::timestamptz
           OR upper(n.valid) <> (r.content ->> 'ends_at')::timestamptz) THEN
        PERFORM catalog_refuse('promotionrun_as_approved', 'a promotion other than approved');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_promotionrun_only_as_approved AFTER INSERT ON catalog_promotionrun
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_promotionrun_as_approved();

CREATE FUNCTION catalog_promotionrun_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.promotion_id, NEW.channel_id, NEW.approval_id, NEW.rule)
       IS DISTINCT FROM (OLD.id, OLD.promotion_id, OLD.channel_id, OLD.approval_id, OLD.rule)
       OR isempty(OLD.valid) OR NEW.cut_why = ''
       OR NOT (isempty(NEW.valid) OR (lower(NEW.valid) = lower(OLD.valid)
                                      AND upper(NEW.valid) < upper(OLD.valid))) THEN
        PERFORM catalog_refuse('promotionrun_only_cut', 'only the end of a run may come earlier');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_promotionrun_only_cut BEFORE UPDATE ON catalog_promotionrun
    FOR EACH ROW EXECUTE FUNCTION catalog_promotionrun_only_cut();
"""
NO_RUNS = """
DROP TRIGGER catalog_promotionrun_only_cut ON catalog_promotionrun;
DROP FUNCTION catalog_promotionrun_only_cut();
DROP TRIGGER catalog_promotionrun_only_as_approved ON catalog_promotionrun;
DROP FUNCTION catalog_promotionrun_as_approved();
"""

COUPONS = """
CREATE FUNCTION catalog_coupon_of_its_mode() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh n
        JOIN catalog_couponbatch b ON b.id = n.batch_id
        JOIN catalog_promotion p ON p.id = n.promotion_id
        WHERE n.uses <> 0 OR b.promotion_id <> n.promotion_id OR p.coupon_mode = 'none'
           OR (p.coupon_mode IN ('batch', 'per_customer') AND n.uses_limit IS DISTINCT FROM 1)
           OR (p.coupon_mode = 'per_customer') <> (n.buyer_key <> '')) THEN
        PERFORM catalog_refuse('coupon_of_its_mode', 'not a coupon of this promotion');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_coupon_of_its_mode AFTER INSERT ON catalog_coupon
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_coupon_of_its_mode();

CREATE FUNCTION catalog_coupon_only_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2
       OR (NEW.id, NEW.batch_id, NEW.promotion_id, NEW.code, NEW.buyer_key, NEW.uses_limit)
          IS DISTINCT FROM
          (OLD.id, OLD.batch_id, OLD.promotion_id, OLD.code, OLD.buyer_key, OLD.uses_limit) THEN
        PERFORM catalog_refuse('coupon_only_counted', 'a coupon changes by its uses alone');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_coupon_only_counted BEFORE UPDATE ON catalog_coupon
    FOR EACH ROW EXECUTE FUNCTION catalog_coupon_only_counted();
"""
NO_COUPONS = """
DROP TRIGGER catalog_coupon_only_counted ON catalog_coupon;
DROP FUNCTION catalog_coupon_only_counted();
DROP TRIGGER catalog_coupon_of_its_mode ON catalog_coupon;
DROP FUNCTION catalog_coupon_of_its_mode();
"""

# The limits of a counter are read from the rule whenever it is written: nobody can raise them
# beside the approval. Counting happens inside the trigger of the ledger (depth two) alone.
COUNTERS = """
CREATE FUNCTION catalog_promotioncounter_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 AND (NEW.uses, NEW.pieces, NEW.gift_pieces, NEW.amount)
       IS DISTINCT FROM (CASE TG_OP WHEN 'INSERT' THEN (0::bigint, 0::bigint, 0::bigint, 0::numeric)
                         ELSE (OLD.uses, OLD.pieces, OLD.gift_pieces, OLD.amount) END) THEN
        PERFORM catalog_refuse('promotioncounter_only_counted', 'counters follow the ledger');
    END IF;
    SELECT (p.rule #>> '{caps,uses}')::bigint, (p.rule #>> '{caps,pieces}')::bigint,
           p.gift_stock, p.budget
      INTO NEW.uses_limit, NEW.pieces_limit, NEW.gift_limit, NEW.budget
      FROM catalog_promotion p WHERE p.id = NEW.promotion_id;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_promotioncounter_limits BEFORE INSERT OR UPDATE ON catalog_promotioncounter
    FOR EACH ROW EXECUTE FUNCTION catalog_promotioncounter_limits();

CREATE FUNCTION catalog_promotionbuyer_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 AND (NEW.uses, NEW.pieces)
       IS DISTINCT FROM (CASE TG_OP WHEN 'INSERT' THEN (0::bigint, 0::bigint)
                         ELSE (OLD.uses, OLD.pieces) END) THEN
        PERFORM catalog_refuse('promotionbuyer_only_counted', 'counters follow the ledger');
    END IF;
    SELECT (p.rule #>> '{caps,buyer_uses}')::bigint, (p.rule #>> '{caps,pieces_per_buyer}')::bigint
      INTO NEW.uses_limit, NEW.pieces_limit
      FROM catalog_promotion p WHERE p.id = NEW.promotion_id;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_promotionbuyer_limits BEFORE INSERT OR UPDATE ON catalog_promotionbuyer
    FOR EACH ROW EXECUTE FUNCTION catalog_promotionbuyer_limits();
"""
NO_COUNTERS = """
DROP TRIGGER catalog_promotionbuyer_limits ON catalog_promotionbuyer;
DROP FUNCTION catalog_promotionbuyer_limits();
DROP TRIGGER catalog_promotioncounter_limits ON catalog_promotioncounter;
DROP FUNCTION catalog_promotioncounter_limits();
"""

# Locks in the order of the house: coupons, counters, buyers, each ascending.
USES = """
CREATE FUNCTION catalog_promotionuse_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh n LEFT JOIN catalog_promotionuse o ON o.id = n.reverses_id
        WHERE n.reverses_id IS NOT NULL AND (
            o.reverses_id IS NOT NULL
            OR (n.promotion_id, n.coupon_id, n.source_type, n.source_id, n.buyer_key,
                -n.times, -n.pieces, -n.gift_pieces, -n.amount)
               IS DISTINCT FROM
               (o.promotion_id, o.coupon_id, o.source_type, o.source_id, o.buyer_key,
                o.times, o.pieces, o.gift_pieces, o.amount))) THEN
        PERFORM catalog_refuse('promotionuse_reverses_exactly', 'not what was taken');
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh n
        WHERE n.reverses_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM catalog_promotionrun r
            WHERE r.promotion_id = n.promotion_id AND r.valid @> n.at)) THEN
        PERFORM catalog_refuse('promotionuse_while_live', 'the promotion is not in force');
    END IF;
    IF EXISTS (
        SELECT 1 FROM fresh n
        JOIN catalog_promotion p ON p.id = n.promotion_id
        LEFT JOIN catalog_coupon c ON c.id = n.coupon_id
        WHERE n.reverses_id IS NULL AND (
            (p.coupon_mode <> 'none') <> (n.coupon_id IS NOT NULL)
            OR (c.id IS NOT NULL AND (c.promotion_id <> n.promotion_id
                                      OR c.buyer_key NOT IN ('', n.buyer_key)))
            OR (n.buyer_key = '' AND (p.rule #>> '{caps,buyer_uses}' IS NOT NULL
                                      OR p.rule #>> '{caps,pieces_per_buyer}' IS NOT NULL)))) THEN
        PERFORM catalog_refuse('promotionuse_by_whom_it_is_for', 'not this coupon, not this buyer');
    END IF;

    PERFORM 1 FROM catalog_coupon WHERE id IN (SELECT coupon_id FROM fresh)
      ORDER BY id FOR NO KEY UPDATE;
    UPDATE catalog_coupon c SET uses = c.uses + f.uses
      FROM (SELECT coupon_id, sum(sign(times))::int AS uses FROM fresh
             WHERE coupon_id IS NOT NULL GROUP BY 1) f
     WHERE c.id = f.coupon_id;

    INSERT INTO catalog_promotioncounter (promotion_id, uses, pieces, gift_pieces, amount)
      SELECT DISTINCT promotion_id, 0, 0, 0, 0 FROM fresh ORDER BY 1
      ON CONFLICT DO NOTHING;
    PERFORM 1 FROM catalog_promotioncounter WHERE promotion_id IN (SELECT promotion_id FROM fresh)
      ORDER BY promotion_id FOR NO KEY UPDATE;
    UPDATE catalog_promotioncounter c
       SET uses = c.uses + f.uses, pieces = c.pieces + f.pieces,
           gift_pieces = c.gift_pieces + f.gift_pieces, amount = c.amount + f.amount
      FROM (SELECT promotion_id, sum(times) AS uses, sum(pieces) AS pieces,
                   sum(gift_pieces) AS gift_pieces, sum(amount) AS amount
              FROM fresh GROUP BY 1) f
     WHERE c.promotion_id = f.promotion_id;

    INSERT INTO catalog_promotionbuyer (promotion_id, buyer_key, uses, pieces)
      SELECT DISTINCT promotion_id, buyer_key, 0, 0 FROM fresh WHERE buyer_key <> '' ORDER BY 1, 2
      ON CONFLICT DO NOTHING;
    PERFORM 1 FROM catalog_promotionbuyer b
      WHERE (b.promotion_id, b.buyer_key) IN (SELECT promotion_id, buyer_key FROM fresh)
      ORDER BY promotion_id, buyer_key FOR NO KEY UPDATE;
    UPDATE catalog_promotionbuyer b SET uses = b.uses + f.uses, pieces = b.pieces + f.pieces
      FROM (SELECT promotion_id, buyer_key, sum(times) AS uses, sum(pieces) AS pieces
              FROM fresh WHERE buyer_key <> '' GROUP BY 1, 2) f
     WHERE b.promotion_id = f.promotion_id AND b.buyer_key = f.buyer_key;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_promotionuse_counted AFTER INSERT ON catalog_promotionuse
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_promotionuse_counted();
"""
NO_USES = """
DROP TRIGGER catalog_promotionuse_counted ON catalog_promotionuse;
DROP FUNCTION catalog_promotionuse_counted();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0020_promotion_tables"),
        ("approvals", "0002_promises"),
    ]

    operations = [
        migrations.RunSQL(PLAN, NO_PLAN),
        migrations.RunSQL(COURSE, NO_COURSE),
        guard_by_approval(
            "catalog_promotion",
            "promotion",
            when_sql="n.state IN ('scheduled', 'running', 'paused', 'ended', 'reviewed')",
        ),
        guard_by_approval("catalog_promotionrun", "promotion", on_update=False),
        migrations.RunSQL(RUNS, NO_RUNS),
        migrations.RunSQL(COUPONS, NO_COUPONS),
        migrations.RunSQL(COUNTERS, NO_COUNTERS),
        append_only("catalog_promotionuse"),
        append_only("catalog_couponbatch"),
        migrations.RunSQL(USES, NO_USES),
        revoke("catalog_promotion", "DELETE"),
        revoke("catalog_promotionrun", "DELETE"),
        revoke("catalog_coupon", "DELETE"),
        revoke("catalog_promotioncounter", "DELETE"),
        revoke("catalog_promotionbuyer", "DELETE"),
        revoke("catalog_promotionversion", "DELETE"),
    ]
