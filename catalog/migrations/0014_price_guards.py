"""The database keeps tiers apart, binds long requests by digest, and asks for proof and policy."""

from importlib import import_module

from django.db import migrations

from ops.engines.approvals.ddl import Digest, guard_by_approval
from ops.engines.kernel.ddl import append_only, revoke

former = import_module("catalog.migrations.0003_price_promises")


def _replaced(new: str, old: str) -> migrations.RunSQL:
    """Put a trigger function in the place of a former one; the reverse puts that one back."""
    back = old.split("CREATE TRIGGER", maxsplit=1)[0].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    return migrations.RunSQL(new, back)


# One line of text a row, in the order of the SKUs; numbers as stored, so two decimals each.
DIGEST = """
CREATE FUNCTION catalog_pricechange_digest(change bigint) RETURNS text LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws('|', l.sku_id, l.new_price, coalesce(l.old_price::text, '-'),
                  coalesce(l.floor_price::text, '-'), coalesce(l.rival_price::text, '-'),
                  coalesce(l.struck_price::text, '-'), coalesce(l.reference_id::text, '-')),
        E'\\n' ORDER BY l.sku_id), ''), 'UTF8')), 'hex')
    FROM catalog_pricechangeline l WHERE l.change_id = change
$$;
"""
NO_DIGEST = "DROP FUNCTION catalog_pricechange_digest(bigint);"

WINDOW = """
CREATE OR REPLACE FUNCTION catalog_pricerange_in_window() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        WITH asked AS MATERIALIZED (
            SELECT r.id, r.subject_id, (r.content ->> 'channel')::bigint AS channel_id,
                   coalesce(r.content ->> 'tier', '') AS tier,
                   (r.content ->> 'starts_at')::timestamptz AS starts_at,
                   (r.content ->> 'ends_at')::timestamptz AS ends_at
            FROM approvals_request r
            WHERE r.subject_type = 'catalog.pricechange'
              AND r.id IN (SELECT approval_id FROM fresh WHERE kind <> 'opening')
        )
        SELECT 1 FROM fresh n LEFT JOIN asked a ON a.id = n.approval_id
        WHERE n.kind <> 'opening' AND (
            a.id IS NULL OR n.cut_by_id IS NOT NULL
            OR n.change_id <> a.subject_id OR n.channel_id <> a.channel_id OR n.tier <> a.tier
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
              AND r.channel_id = n.channel_id AND r.tier = n.tier AND r.price = n.price
        WHERE n.kind = 'revert' AND r.id IS NULL
    ) found $query$ INTO broken;
    IF broken THEN
        PERFORM catalog_refuse('pricerange_reverts_to_former', 'not the price that was displaced');
    END IF;
    RETURN NULL;
END $$;
"""

ONLY_CUT = """
CREATE OR REPLACE FUNCTION catalog_pricerange_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    EXECUTE $query$ SELECT count(*) > 0 FROM (
        SELECT 1 FROM later n LEFT JOIN earlier o ON o.id = n.id
        WHERE o.id IS NULL OR isempty(o.valid)
           OR (n.sku_id, n.channel_id, n.tier, n.price, n.kind, n.approval_id, n.change_id)
              IS DISTINCT FROM
              (o.sku_id, o.channel_id, o.tier, o.price, o.kind, o.approval_id, o.change_id)
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
        LEFT JOIN catalog_pricechange c
               ON c.id = n.cut_by_id AND c.channel_id = n.channel_id AND c.tier = n.tier
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
"""

COURSE = """
CREATE OR REPLACE FUNCTION catalog_pricechange_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approval_id IS NOT NULL THEN
            PERFORM catalog_refuse('pricechange_starts_as_draft', 'a price change starts as draft');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.channel_id, NEW.tier, NEW.drafted_by, NEW.drafted_at)
       IS DISTINCT FROM (OLD.number, OLD.channel_id, OLD.tier, OLD.drafted_by, OLD.drafted_at)
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
    IF NEW.state IN ('submitted', 'scheduled') AND OLD.state <> NEW.state AND EXISTS (
            SELECT 1 FROM catalog_pricechangeline l
            LEFT JOIN catalog_referenceprice p
                   ON p.id = l.reference_id AND p.sku_id = l.sku_id
                  AND p.channel_id = NEW.channel_id AND p.price >= l.struck_price
                  AND (p.kind = 'suggested' OR p.until_at = NEW.starts_at)
            WHERE l.change_id = NEW.id AND l.struck_price IS NOT NULL AND p.id IS NULL) THEN
        PERFORM catalog_refuse('pricechangeline_struck_is_proved',
            'a struck-out price needs the proof of real deals before the start');
    END IF;
    IF NEW.state = 'scheduled' AND OLD.state <> 'scheduled' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.pricechange'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'channel')::bigint = NEW.channel_id
              AND coalesce(r.content ->> 'tier', '') = NEW.tier
              AND (r.content ->> 'starts_at')::timestamptz = NEW.starts_at
              AND (r.content ->> 'ends_at')::timestamptz IS NOT DISTINCT FROM NEW.ends_at
              AND (NOT r.content ? 'lines_sha256'
                   OR r.content ->> 'lines_sha256' = catalog_pricechange_digest(NEW.id))) THEN
        PERFORM catalog_refuse('pricechange_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
"""

# The lowest of the deals that prove it, and nothing above it; a window as long as the channel's
# rule says, ending where the change starts (the change's trigger compares that).
PROOF = """
CREATE FUNCTION catalog_referenceprice_proved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken boolean;
BEGIN
    SELECT count(*) > 0 INTO broken FROM fresh n
    JOIN catalog_channel c ON c.id = n.channel_id
    WHERE n.kind = 'deal' AND (
        n.until_at - n.since_at < CASE c.reference_profile WHEN 'eu' THEN interval '30 days'
                                                           ELSE interval '7 days' END
        OR n.price IS DISTINCT FROM (
            SELECT floor(min((d ->> 'price')::numeric) * 100) / 100
            FROM jsonb_array_elements(n.evidence) d
            WHERE d ->> 'order' <> '' AND (d ->> 'at')::timestamptz >= n.since_at
              AND (d ->> 'at')::timestamptz < n.until_at)
        OR n.deals < jsonb_array_length(n.evidence));
    IF broken THEN
        PERFORM catalog_refuse('referenceprice_proved_by_deals', 'not the lowest deal it cites');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_referenceprice_proved AFTER INSERT ON catalog_referenceprice
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_referenceprice_proved();
"""
NO_PROOF = """
DROP TRIGGER catalog_referenceprice_proved ON catalog_referenceprice;
DROP FUNCTION catalog_referenceprice_proved();
"""

POLICY = """
CREATE FUNCTION catalog_pricepolicy_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approval_id IS NOT NULL THEN
            PERFORM catalog_refuse('pricepolicy_starts_as_draft', 'a policy starts as draft');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.owner_id, NEW.drafted_at)
       IS DISTINCT FROM (OLD.number, OLD.owner_id, OLD.drafted_at)
       OR (OLD.state NOT IN ('draft', 'returned')
           AND to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state') THEN
        PERFORM catalog_refuse('pricepolicy_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'submitted'), ('draft', 'withdrawn'),
            ('returned', 'submitted'), ('returned', 'withdrawn'),
            ('submitted', 'returned'), ('submitted', 'withdrawn'), ('submitted', 'approved')) THEN
        PERFORM catalog_refuse('pricepolicy_moves_as_declared',
            'no policy goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_pricepolicy_course BEFORE INSERT OR UPDATE ON catalog_pricepolicy
    FOR EACH ROW EXECUTE FUNCTION catalog_pricepolicy_course();
CREATE FUNCTION catalog_policies_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse(TG_TABLE_NAME || '_stays', 'this is kept for good');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_pricepolicy_stays BEFORE DELETE OR TRUNCATE ON catalog_pricepolicy
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
CREATE TRIGGER catalog_priceviolation_stays BEFORE DELETE OR TRUNCATE ON catalog_priceviolation
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
CREATE TRIGGER catalog_offersuspension_stays BEFORE DELETE OR TRUNCATE ON catalog_offersuspension
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
CREATE TRIGGER catalog_priceoutlier_stays BEFORE DELETE OR TRUNCATE ON catalog_priceoutlier
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_POLICY = """
DROP TRIGGER catalog_priceoutlier_stays ON catalog_priceoutlier;
DROP TRIGGER catalog_offersuspension_stays ON catalog_offersuspension;
DROP TRIGGER catalog_priceviolation_stays ON catalog_priceviolation;
DROP TRIGGER catalog_pricepolicy_stays ON catalog_pricepolicy;
DROP FUNCTION catalog_policies_stay();
DROP TRIGGER catalog_pricepolicy_course ON catalog_pricepolicy;
DROP FUNCTION catalog_pricepolicy_course();
"""

# A case or a suspension that is over stays as it was; while open only its end may be written.
CASES = """
CREATE FUNCTION catalog_case_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'catalog_offersuspension' THEN
        IF OLD.lifted_at IS NOT NULL OR (NEW.channel_id, NEW.sku_id, NEW.reason, NEW.since,
              NEW.set_by) IS DISTINCT FROM
              (OLD.channel_id, OLD.sku_id, OLD.reason, OLD.since, OLD.set_by) THEN
            PERFORM catalog_refuse('offersuspension_only_lifted', 'a suspension is only lifted');
        END IF;
    ELSIF OLD.state <> 'open' THEN
        PERFORM catalog_refuse(TG_TABLE_NAME || '_ends_once', 'what was decided stays');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_offersuspension_ends_once BEFORE UPDATE ON catalog_offersuspension
    FOR EACH ROW EXECUTE FUNCTION catalog_case_ends_once();
CREATE TRIGGER catalog_priceviolation_ends_once BEFORE UPDATE ON catalog_priceviolation
    FOR EACH ROW EXECUTE FUNCTION catalog_case_ends_once();
CREATE TRIGGER catalog_priceoutlier_ends_once BEFORE UPDATE ON catalog_priceoutlier
    FOR EACH ROW EXECUTE FUNCTION catalog_case_ends_once();
"""
NO_CASES = """
DROP TRIGGER catalog_priceoutlier_ends_once ON catalog_priceoutlier;
DROP TRIGGER catalog_priceviolation_ends_once ON catalog_priceviolation;
DROP TRIGGER catalog_offersuspension_ends_once ON catalog_offersuspension;
DROP FUNCTION catalog_case_ends_once();
"""

LINE = (
    "CASE n.kind WHEN 'revert' THEN jsonb_build_object('sku', n.sku_id)"
    " ELSE jsonb_build_object('sku', n.sku_id, 'price', n.price::text) END"
)
LONG = Digest(
    key="lines_sha256",
    function="catalog_pricechange_digest",
    lines=(
        "SELECT jsonb_build_object('sku', l.sku_id, 'price', l.new_price::text)"
        " FROM catalog_pricechangeline l WHERE l.change_id = asked.subject_id"
    ),
)
SHORT_GUARD = guard_by_approval(
    "catalog_pricerange",
    "price_change",
    line_sql=LINE,
    line_key="sku",
    opening_sql="n.kind = 'opening'",
    on_update=False,
)


class Migration(migrations.Migration):
    """Guards first dropped, then made anew with digest and tier."""

    dependencies = [("catalog", "0013_price_patrol"), ("approvals", "0004_wider_promises")]

    operations = [
        migrations.RunSQL(DIGEST, NO_DIGEST),
        migrations.RunSQL(SHORT_GUARD.reverse_sql, SHORT_GUARD.sql),
        guard_by_approval(
            "catalog_pricerange",
            "price_change",
            line_sql=LINE,
            line_key="sku",
            opening_sql="n.kind = 'opening'",
            on_update=False,
            digest=LONG,
        ),
        _replaced(WINDOW, former.WINDOW),
        _replaced(ONLY_CUT, former.ONLY_CUT),
        _replaced(COURSE, former.COURSE),
        migrations.RunSQL(PROOF, NO_PROOF),
        append_only("catalog_referenceprice"),
        append_only("catalog_competitorprice"),
        migrations.RunSQL(POLICY, NO_POLICY),
        guard_by_approval(
            "catalog_pricepolicy",
            "price_policy",
            when_sql="n.state = 'approved'",
            line_sql=(
                "jsonb_build_object('policy', n.id, 'category', n.category_id,"
                " 'starts_on', n.starts_on::text, 'review_on', n.review_on::text,"
                " 'target_margin', n.target_margin::text, 'floor_margin', n.floor_margin::text,"
                " 'ceiling_margin', n.ceiling_margin::text, 'band', n.band::text,"
                " 'window_days', n.window_days, 'above_rival', n.above_rival::text,"
                " 'under_rival', n.under_rival::text)"
            ),
            line_key="policy",
        ),
        revoke("catalog_pricepolicy", "DELETE"),
        revoke("catalog_priceviolation", "DELETE"),
        revoke("catalog_offersuspension", "DELETE"),
        revoke("catalog_priceoutlier", "DELETE"),
        migrations.RunSQL(CASES, NO_CASES),
    ]
