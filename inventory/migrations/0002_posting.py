"""Posting to the stock ledger: one function, and nothing else may write what it keeps."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only, revoke, revoke_columns
from ops.engines.periods.ddl import guard_period

KEYS = """
ALTER TABLE inventory_balance
    ADD CONSTRAINT balance_ours_as_its_location FOREIGN KEY (location_id, is_internal)
        REFERENCES inventory_location (id, is_internal),
    ADD CONSTRAINT balance_lot_of_its_sku FOREIGN KEY (lot_id, sku_id)
        REFERENCES inventory_lot (id, sku_id);
"""
DROP_KEYS = """
ALTER TABLE inventory_balance
    DROP CONSTRAINT balance_ours_as_its_location, DROP CONSTRAINT balance_lot_of_its_sku;
"""

# V * part / Q, half up to cents, exact: the same formula as inventory.rules.share.
SHARE = """
CREATE FUNCTION inventory_share(p_value numeric, p_quantity bigint, p_part bigint)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN p_quantity > 0 THEN
            round(div(2 * (p_value * 100) * p_part + p_quantity, 2::numeric * p_quantity) / 100, 2)
        WHEN p_part = 0 THEN 0.00
    END
$$;
"""

# One body, planned twice: once for all for a document's few lines, anew for a batch's thousands.
POST = """
CREATE FUNCTION @name@(
    p_key text[], p_sku bigint[], p_lot bigint[], p_from bigint[], p_to bigint[],
    p_quantity bigint[], p_unit_cost numeric[], p_value numeric[], p_reason text[],
    p_source_type text[], p_source_id bigint[], p_approval bigint[], p_reverses bigint[],
    p_document_day date[], p_day date, p_at timestamptz, p_person bigint)
RETURNS TABLE (line bigint, move_id bigint, unit_cost numeric, value numeric, is_costed boolean,
               is_new boolean, broken bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp @planning@ AS $$
#variable_conflict use_column
DECLARE
    v_ids bigint[];
    v_broken bigint[] := '{}';
BEGIN
    -- Names first: a line whose key exists already is left out of everything that follows.
    WITH numbered AS MATERIALIZED (
        SELECT k.n, k.key, nextval('inventory_move_id_seq') AS id
        FROM (SELECT u.n, u.key FROM unnest(p_key) WITH ORDINALITY AS u(key, n) ORDER BY u.n) k
    ), fresh AS (
        INSERT INTO inventory_effect (key, move_id)
        SELECT key, id FROM numbered ORDER BY key
        ON CONFLICT (key) DO NOTHING
        RETURNING move_id
    )
    SELECT array_agg(f.move_id ORDER BY n.n) INTO v_ids
    FROM numbered n LEFT JOIN fresh f ON f.move_id = n.id;

    IF EXISTS (SELECT 1 FROM unnest(v_ids) AS i(id) WHERE i.id IS NOT NULL) THEN
        -- Counters before balances, ascending, so that no two postings wait for each other.
        INSERT INTO inventory_stock
            (sku_id, warehouse_id, on_hand, reserved, owned, value, avg_cost, is_costed)
        SELECT DISTINCT u.sku, l.warehouse_id, 0, 0, 0, 0, 0, false
        FROM unnest(p_sku || p_sku, p_from || p_to) AS u(sku, place)
        JOIN inventory_location l ON l.id = u.place AND l.is_internal
        WHERE NOT EXISTS (SELECT 1 FROM inventory_stock s
                          WHERE s.sku_id = u.sku AND s.warehouse_id = l.warehouse_id)
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
        PERFORM 1 FROM inventory_stock s
        WHERE (s.sku_id, s.warehouse_id) IN (
            SELECT u.sku, l.warehouse_id
            FROM unnest(p_sku || p_sku, p_from || p_to) AS u(sku, place)
            JOIN inventory_location l ON l.id = u.place AND l.is_internal)
        ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE OF s;

        INSERT INTO inventory_balance (location_id, sku_id, lot_id, on_hand, seq, is_internal)
        SELECT DISTINCT u.place, u.sku, u.lot, 0, 0, l.is_internal
        FROM unnest(p_sku || p_sku, p_lot || p_lot, p_from || p_to) AS u(sku, lot, place)
        LEFT JOIN inventory_location l ON l.id = u.place
        WHERE NOT EXISTS (SELECT 1 FROM inventory_balance b
                          WHERE b.location_id = u.place AND b.sku_id = u.sku
                            AND b.lot_id IS NOT DISTINCT FROM u.lot)
        ORDER BY 2, 1, 3
        ON CONFLICT DO NOTHING;
        PERFORM 1 FROM inventory_balance b
        WHERE b.id IN (
            SELECT h.id
            FROM unnest(p_sku || p_sku, p_lot || p_lot, p_from || p_to) AS u(sku, lot, place)
            JOIN inventory_balance h ON h.location_id = u.place AND h.sku_id = u.sku
                                    AND h.lot_id IS NOT DISTINCT FROM u.lot)
        ORDER BY b.sku_id, b.location_id, b.lot_id FOR NO KEY UPDATE OF b;

        -- What will be left must cover what is held: the youngest reservations give way.
        WITH change AS (
            SELECT u.sku, l.warehouse_id, sum(u.delta)::bigint AS delta
            FROM (SELECT d.id, d.sku, d.from_id AS place, -d.quantity AS delta
                  FROM unnest(v_ids, p_sku, p_from, p_quantity) AS d(id, sku, from_id, quantity)
                  UNION ALL
                  SELECT d.id, d.sku, d.to_id, d.quantity
                  FROM unnest(v_ids, p_sku, p_to, p_quantity) AS d(id, sku, to_id, quantity)) u
            JOIN inventory_location l ON l.id = u.place AND l.kind = 'bin'
            WHERE u.id IS NOT NULL
            GROUP BY u.sku, l.warehouse_id
            HAVING sum(u.delta) < 0
        ), short AS (
            SELECT s.sku_id, s.warehouse_id, s.reserved - (s.on_hand + c.delta) AS excess
            FROM change c
            JOIN inventory_stock s ON s.sku_id = c.sku AND s.warehouse_id = c.warehouse_id
            WHERE s.reserved > s.on_hand + c.delta
        ), ranked AS (
            SELECT r.id, r.quantity, s.excess,
                   sum(r.quantity) OVER (PARTITION BY r.sku_id, r.warehouse_id
                                         ORDER BY r.id DESC) AS upto
            FROM short s
            JOIN inventory_reservation r ON r.sku_id = s.sku_id
                AND r.warehouse_id = s.warehouse_id AND r.state = 'open'
        ), broke AS (
            UPDATE inventory_reservation r SET state = 'broken', closed_at = p_at
            FROM ranked k
            WHERE r.id = k.id AND k.upto - k.quantity < k.excess
            RETURNING r.id, r.sku_id, r.warehouse_id, r.quantity
        ), freed AS (
            UPDATE inventory_stock s SET reserved = s.reserved - b.quantity
            FROM (SELECT sku_id, warehouse_id, sum(quantity)::bigint AS quantity
                  FROM broke GROUP BY sku_id, warehouse_id) b
            WHERE s.sku_id = b.sku_id AND s.warehouse_id = b.warehouse_id
        )
        SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO v_broken FROM broke;

        WITH placed AS MATERIALIZED (
            SELECT u.*, f.is_internal AS from_ours, t.is_internal AS to_ours,
                   f.warehouse_id AS from_wh, t.warehouse_id AS to_wh,
                   f.kind = 'bin' AS from_bin, t.kind = 'bin' AS to_bin,
                   f.is_internal AND t.is_internal AND f.warehouse_id = t.warehouse_id AS stays
            FROM unnest(v_ids, p_sku, p_lot, p_from, p_to, p_quantity, p_unit_cost, p_value,
                        p_reason, p_source_type, p_source_id, p_approval, p_reverses,
                        p_document_day) WITH ORDINALITY
                 AS u(id, sku, lot, from_id, to_id, quantity, given_cost, given_value, reason,
                      source_type, source_id, approval, reverses, document_day, n)
            LEFT JOIN inventory_location f ON f.id = u.from_id
            LEFT JOIN inventory_location t ON t.id = u.to_id
            WHERE u.id IS NOT NULL
        ), arriving AS MATERIALIZED (
            SELECT p.id, p.sku, p.to_wh AS wh, p.quantity,
                   coalesce(p.given_value, round(p.quantity * p.given_cost, 2),
                            CASE WHEN s.owned > 0 THEN inventory_share(s.value, s.owned, p.quantity)
                                 ELSE round(p.quantity * s.avg_cost, 2) END) AS value,
                   p.given_value IS NOT NULL OR p.given_cost IS NOT NULL OR s.is_costed
                       AS is_costed
            FROM placed p
            JOIN inventory_stock s ON s.sku_id = p.sku AND s.warehouse_id = p.to_wh
            WHERE p.to_ours AND NOT p.from_ours
        ), pool AS MATERIALIZED (
            SELECT s.sku_id AS sku, s.warehouse_id AS wh,
                   s.owned + coalesce(a.quantity, 0) AS quantity,
                   s.value + coalesce(a.value, 0) AS value,
                   CASE WHEN s.owned = 0 THEN coalesce(a.is_costed, s.is_costed)
                        ELSE s.is_costed AND coalesce(a.is_costed, true) END AS is_costed
            FROM (SELECT sku, from_wh AS wh FROM placed WHERE from_ours
                  UNION SELECT sku, to_wh FROM placed WHERE to_ours) k
            JOIN inventory_stock s ON s.sku_id = k.sku AND s.warehouse_id = k.wh
            LEFT JOIN (SELECT sku, wh, sum(quantity)::bigint AS quantity, sum(value) AS value,
                              bool_and(is_costed) AS is_costed
                       FROM arriving GROUP BY sku, wh) a ON a.sku = k.sku AND a.wh = k.wh
        ), leaving AS MATERIALIZED (
            SELECT w.id, w.is_costed, w.unit_cost,
                   CASE WHEN w.upto <= w.pool_quantity THEN
                       inventory_share(w.pool_value, w.pool_quantity, w.upto)
                       - inventory_share(w.pool_value, w.pool_quantity, w.upto - w.quantity)
                   END AS value
            FROM (SELECT p.id, p.quantity, k.quantity AS pool_quantity, k.value AS pool_value,
                         k.is_costed,
                         coalesce(round(k.value / nullif(k.quantity, 0), 6), 0) AS unit_cost,
                         (sum(p.quantity) OVER (PARTITION BY p.sku, p.from_wh ORDER BY p.n))::bigint
                             AS upto
                  FROM placed p JOIN pool k ON k.sku = p.sku AND k.wh = p.from_wh
                  WHERE p.from_ours AND NOT p.stays) w
        ), valued AS MATERIALIZED (
            SELECT p.*,
                   CASE WHEN l.id IS NOT NULL THEN l.value
                        WHEN a.id IS NOT NULL THEN a.value
                        WHEN p.stays AND p.quantity <= k.quantity
                            THEN inventory_share(k.value, k.quantity, p.quantity)
                        WHEN NOT p.stays THEN
                            coalesce(p.given_value, round(p.quantity * p.given_cost, 2), 0)
                   END AS value,
                   CASE WHEN l.id IS NOT NULL THEN l.unit_cost
                        WHEN a.id IS NOT NULL AND p.given_value IS NULL AND p.given_cost IS NOT NULL
                            THEN p.given_cost
                        WHEN a.id IS NOT NULL THEN round(a.value / p.quantity, 6)
                        WHEN p.stays THEN coalesce(round(k.value / nullif(k.quantity, 0), 6), 0)
                        ELSE coalesce(p.given_cost, round(p.given_value / p.quantity, 6), 0)
                   END AS unit_cost,
                   coalesce(l.is_costed, a.is_costed, k.is_costed,
                            p.given_value IS NOT NULL OR p.given_cost IS NOT NULL) AS is_costed
            FROM placed p
            LEFT JOIN leaving l ON l.id = p.id
            LEFT JOIN arriving a ON a.id = p.id
            LEFT JOIN pool k ON p.stays AND k.sku = p.sku AND k.wh = p.from_wh
        ), legs AS MATERIALIZED (
            SELECT g.*, row_number() OVER side AS rank, count(*) OVER (
                       PARTITION BY g.place, g.sku, g.lot) AS legs
            FROM (SELECT id, n, false AS is_to, from_id AS place, sku, lot, -quantity AS delta
                  FROM placed
                  UNION ALL
                  SELECT id, n, true, to_id, sku, lot, quantity FROM placed) g
            WINDOW side AS (PARTITION BY g.place, g.sku, g.lot ORDER BY g.n, g.is_to)
        ), kept AS (
            UPDATE inventory_balance b SET on_hand = b.on_hand + c.delta, seq = b.seq + c.legs
            FROM (SELECT place, sku, lot, sum(delta)::bigint AS delta, count(*) AS legs
                  FROM legs GROUP BY place, sku, lot) c
            WHERE b.location_id = c.place AND b.sku_id = c.sku
              AND b.lot_id IS NOT DISTINCT FROM c.lot
            RETURNING b.location_id, b.sku_id, b.lot_id, b.seq
        ), numbered AS (
            SELECT g.id, max(k.seq - g.legs + g.rank) FILTER (WHERE NOT g.is_to) AS from_seq,
                   max(k.seq - g.legs + g.rank) FILTER (WHERE g.is_to) AS to_seq
            FROM legs g
            JOIN kept k ON k.location_id = g.place AND k.sku_id = g.sku
                       AND k.lot_id IS NOT DISTINCT FROM g.lot
            GROUP BY g.id
        ), written AS (
            INSERT INTO inventory_move (
                id, sku_id, lot_id, from_location_id, to_location_id, quantity, unit_cost, value,
                is_costed, from_seq, to_seq, reason, source_type, source_id, business_day,
                document_day, at, person_id, approval_id, reverses_id)
            SELECT v.id, v.sku, v.lot, v.from_id, v.to_id, v.quantity, v.unit_cost, v.value,
                   v.is_costed, n.from_seq, n.to_seq, v.reason, v.source_type, v.source_id, p_day,
                   v.document_day, p_at, p_person, v.approval, v.reverses
            FROM valued v JOIN numbered n ON n.id = v.id
            ORDER BY v.n
        )
        UPDATE inventory_stock s
        SET on_hand = s.on_hand + d.on_hand, owned = s.owned + d.owned, value = s.value + d.value,
            avg_cost = CASE WHEN s.owned + d.owned > 0
                            THEN round((s.value + d.value) / (s.owned + d.owned), 6)
                            ELSE s.avg_cost END,
            is_costed = CASE WHEN s.owned = 0 THEN coalesce(d.is_costed, s.is_costed)
                             ELSE s.is_costed AND coalesce(d.is_costed, true) END
        FROM (
            SELECT e.sku, e.wh, sum(e.on_hand)::bigint AS on_hand, sum(e.owned)::bigint AS owned,
                   sum(e.value) AS value, bool_and(e.is_costed) AS is_costed
            FROM (SELECT sku, from_wh AS wh, CASE WHEN from_bin THEN -quantity ELSE 0 END AS on_hand,
                         CASE WHEN stays THEN 0 ELSE -quantity END AS owned,
                         CASE WHEN stays THEN 0 ELSE -value END AS value, NULL::boolean AS is_costed
                  FROM valued WHERE from_ours
                  UNION ALL
                  SELECT sku, to_wh, CASE WHEN to_bin THEN quantity ELSE 0 END,
                         CASE WHEN stays THEN 0 ELSE quantity END,
                         CASE WHEN stays THEN 0 ELSE value END,
                         CASE WHEN NOT stays THEN is_costed END
                  FROM valued WHERE to_ours) e
            GROUP BY e.sku, e.wh
        ) d
        WHERE s.sku_id = d.sku AND s.warehouse_id = d.wh;
    END IF;

    RETURN QUERY
    SELECT k.n, m.id, m.unit_cost, m.value, m.is_costed, v_ids[k.n] IS NOT NULL,
           CASE WHEN k.n = 1 THEN v_broken END
    FROM unnest(p_key) WITH ORDINALITY AS k(key, n)
    JOIN inventory_effect e ON e.key = k.key
    JOIN inventory_move m ON m.id = e.move_id
    ORDER BY k.n;
END $$;
"""

FEW = POST.replace("@name@", "inventory_post").replace(
    "@planning@", "SET plan_cache_mode = force_generic_plan"
)
MANY = POST.replace("@name@", "inventory_post_many").replace(
    "@planning@", "SET plan_cache_mode = force_custom_plan SET enable_nestloop = off"
)

LOCK = """
CREATE FUNCTION inventory_lock_stock(p_sku bigint[], p_warehouse bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM inventory_stock s
    WHERE (s.sku_id, s.warehouse_id) IN (SELECT * FROM unnest(p_sku, p_warehouse))
    ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE;
END $$;
"""

DAY = """
CREATE FUNCTION inventory_guard_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_hit record;
BEGIN
    -- Closing a day takes the same lock alone: it waits for postings under way, and they for it.
    PERFORM pg_advisory_xact_lock_shared(7031002, d.day - DATE '2000-01-01')
    FROM (SELECT DISTINCT business_day AS day FROM new_rows ORDER BY 1) d;
    SELECT c.day, c.warehouse_id INTO v_hit
    FROM (SELECT DISTINCT business_day, from_location_id, to_location_id FROM new_rows) m
    JOIN inventory_location l ON l.id IN (m.from_location_id, m.to_location_id)
    JOIN inventory_dayclose c ON c.warehouse_id = l.warehouse_id AND c.day = m.business_day
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'day_closed: warehouse % %', v_hit.warehouse_id, v_hit.day
            USING ERRCODE = 'check_violation', TABLE = 'inventory_move',
                  CONSTRAINT = 'move_day_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_move_day AFTER INSERT ON inventory_move
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_guard_day();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("periods", "0001_initial")]

    operations = [
        migrations.RunSQL(KEYS, DROP_KEYS),
        migrations.RunSQL(SHARE, "DROP FUNCTION inventory_share(numeric, bigint, bigint);"),
        migrations.RunSQL(FEW, "DROP FUNCTION inventory_post;"),
        migrations.RunSQL(MANY, "DROP FUNCTION inventory_post_many;"),
        migrations.RunSQL(LOCK, "DROP FUNCTION inventory_lock_stock;"),
        migrations.RunSQL(
            DAY,
            "DROP TRIGGER inventory_move_day ON inventory_move;"
            " DROP FUNCTION inventory_guard_day();",
        ),
        guard_period("inventory_move", "stock"),
        append_only("inventory_move"),
        revoke("inventory_move", "INSERT"),
        append_only("inventory_effect"),
        revoke("inventory_effect", "INSERT"),
        revoke("inventory_balance", "INSERT, UPDATE, DELETE"),
        revoke("inventory_stock", "INSERT, UPDATE, DELETE"),
        revoke("inventory_reservation", "INSERT, UPDATE, DELETE"),
        revoke_columns("inventory_location", updatable=("code", "name", "is_default", "is_active")),
        append_only("inventory_dayclose"),
        append_only("inventory_monthclose"),
        append_only("inventory_monthbalance"),
    ]
