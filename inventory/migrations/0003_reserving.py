"""Holding goods: the counter and the reservations change together, or not at all."""

from django.db import migrations

RESERVE = """
CREATE FUNCTION inventory_reserve(
    p_type text, p_source bigint, p_line int[], p_sku bigint[], p_warehouse bigint[],
    p_quantity bigint[], p_at timestamptz)
RETURNS TABLE (id bigint, line int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM inventory_stock s
    WHERE (s.sku_id, s.warehouse_id) IN (SELECT * FROM unnest(p_sku, p_warehouse))
    ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH need AS MATERIALIZED (
        SELECT u.sku, u.wh, sum(u.quantity)::bigint AS quantity
        FROM unnest(p_sku, p_warehouse, p_quantity) AS u(sku, wh, quantity) GROUP BY u.sku, u.wh
    ), free AS MATERIALIZED (
        SELECT s.id, n.quantity
        FROM need n JOIN inventory_stock s ON s.sku_id = n.sku AND s.warehouse_id = n.wh
        WHERE s.on_hand - s.reserved >= n.quantity
    ), taken AS (
        UPDATE inventory_stock s SET reserved = s.reserved + f.quantity
        FROM free f
        WHERE s.id = f.id AND s.on_hand - s.reserved >= f.quantity
          AND (SELECT count(*) FROM free) = (SELECT count(*) FROM need)
          AND NOT EXISTS (
              SELECT 1 FROM inventory_reservation r
              WHERE r.source_type = p_type AND r.source_id = p_source
                AND r.source_line = ANY (p_line) AND r.state IN ('open', 'consumed'))
        RETURNING 1
    )
    INSERT INTO inventory_reservation AS r
        (source_type, source_id, source_line, sku_id, warehouse_id, quantity, state, reserved_at)
    SELECT p_type, p_source, u.line, u.sku, u.wh, u.quantity, 'open', p_at
    FROM unnest(p_line, p_sku, p_warehouse, p_quantity) AS u(line, sku, wh, quantity)
    WHERE (SELECT count(*) FROM taken) = (SELECT count(*) FROM need)
    RETURNING r.id, r.source_line;
END $$;
"""

# Documents in order of arrival; one that does not fit holds nothing and blocks nobody.
# A document is taken when its wants and all undecided wants before it fit together, and refused
# when its own want alone no longer fits; each round decides at least the oldest.
RESERVE_BULK = """
CREATE FUNCTION inventory_reserve_bulk(
    p_type text, p_source bigint[], p_line int[], p_sku bigint[], p_warehouse bigint[],
    p_quantity bigint[], p_at timestamptz)
RETURNS TABLE (source_id bigint, outcome text, sku_id bigint, warehouse_id bigint,
               available bigint, needed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_already bigint[];
    v_open bigint[];
    v_short bigint[] := '{}';
    v_taken bigint[];
    v_refused bigint[];
    v_hot_sku bigint[];
    v_hot_wh bigint[];
    v_hot_left bigint[];
BEGIN
    PERFORM 1 FROM inventory_stock s
    WHERE (s.sku_id, s.warehouse_id) IN (SELECT * FROM unnest(p_sku, p_warehouse))
    ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE;

    SELECT coalesce(array_agg(DISTINCT r.source_id), '{}') INTO v_already
    FROM inventory_reservation r
    WHERE r.source_type = p_type AND r.source_id = ANY (p_source)
      AND r.state IN ('open', 'consumed');

    -- Only where all wants together exceed what is free does the order of arrival matter.
    SELECT coalesce(array_agg(c.sku), '{}'), coalesce(array_agg(c.wh), '{}'),
           coalesce(array_agg(c.free), '{}')
    INTO v_hot_sku, v_hot_wh, v_hot_left
    FROM (SELECT n.sku, n.wh, coalesce(s.on_hand - s.reserved, 0) AS free
          FROM (SELECT u.sku, u.wh, sum(u.quantity) AS quantity
                FROM unnest(p_source, p_sku, p_warehouse, p_quantity) AS u(source, sku, wh, quantity)
                WHERE NOT u.source = ANY (v_already) GROUP BY u.sku, u.wh) n
          LEFT JOIN inventory_stock s ON s.sku_id = n.sku AND s.warehouse_id = n.wh
          WHERE n.quantity > coalesce(s.on_hand - s.reserved, 0)) c;

    SELECT coalesce(array_agg(DISTINCT u.source), '{}') INTO v_open
    FROM unnest(p_source, p_sku, p_warehouse) AS u(source, sku, wh)
    JOIN unnest(v_hot_sku, v_hot_wh) AS h(sku, wh) ON h.sku = u.sku AND h.wh = u.wh
    WHERE NOT u.source = ANY (v_already);

    WHILE cardinality(v_open) > 0 LOOP
        WITH undecided AS (
            SELECT o.source FROM unnest(v_open) AS o(source)
        ), wants AS (
            SELECT u.source, min(u.n) AS n, u.sku, u.wh, sum(u.quantity) AS quantity, h.free
            FROM unnest(p_source, p_sku, p_warehouse, p_quantity) WITH ORDINALITY
                 AS u(source, sku, wh, quantity, n)
            JOIN undecided d ON d.source = u.source
            JOIN unnest(v_hot_sku, v_hot_wh, v_hot_left) AS h(sku, wh, free)
                 ON h.sku = u.sku AND h.wh = u.wh
            GROUP BY u.source, u.sku, u.wh, h.free
        ), arrival AS (
            SELECT w.source, min(w.n) AS n FROM wants w GROUP BY w.source
        ), summed AS (
            SELECT w.source, w.quantity, w.free,
                   sum(w.quantity) OVER (PARTITION BY w.sku, w.wh ORDER BY a.n) AS upto
            FROM wants w JOIN arrival a ON a.source = w.source
        ), verdict AS (
            SELECT source, bool_and(upto <= free) AS fits, bool_or(quantity > free) AS never
            FROM summed GROUP BY source
        )
        SELECT coalesce(array_agg(source) FILTER (WHERE fits), '{}'),
               coalesce(array_agg(source) FILTER (WHERE never), '{}')
        INTO v_taken, v_refused FROM verdict;
        v_short := v_short || v_refused;

        SELECT array_agg(h.sku ORDER BY h.n), array_agg(h.wh ORDER BY h.n),
               array_agg((h.free - coalesce(t.quantity, 0))::bigint ORDER BY h.n)
        INTO v_hot_sku, v_hot_wh, v_hot_left
        FROM unnest(v_hot_sku, v_hot_wh, v_hot_left) WITH ORDINALITY AS h(sku, wh, free, n)
        LEFT JOIN (
            SELECT u.sku, u.wh, sum(u.quantity) AS quantity
            FROM unnest(p_source, p_sku, p_warehouse, p_quantity) AS u(source, sku, wh, quantity)
            JOIN unnest(v_taken) AS k(source) ON k.source = u.source
            GROUP BY u.sku, u.wh
        ) t ON t.sku = h.sku AND t.wh = h.wh;

        SELECT coalesce(array_agg(o.source), '{}') INTO v_open
        FROM unnest(v_open) AS o(source)
        WHERE NOT EXISTS (SELECT 1 FROM unnest(v_taken || v_refused) AS x(source)
                          WHERE x.source = o.source);
    END LOOP;

    WITH wants AS MATERIALIZED (
        SELECT u.* FROM unnest(p_source, p_line, p_sku, p_warehouse, p_quantity) WITH ORDINALITY
                        AS u(source, line, sku, wh, quantity, n)
        LEFT JOIN (SELECT unnest(v_already || v_short) AS source) x ON x.source = u.source
        WHERE x.source IS NULL
    ), taken AS (
        UPDATE inventory_stock s SET reserved = s.reserved + t.quantity
        FROM (SELECT sku, wh, sum(quantity)::bigint AS quantity FROM wants GROUP BY sku, wh) t
        WHERE s.sku_id = t.sku AND s.warehouse_id = t.wh
    )
    INSERT INTO inventory_reservation
        (source_type, source_id, source_line, sku_id, warehouse_id, quantity, state, reserved_at)
    SELECT p_type, source, line, sku, wh, quantity, 'open', p_at FROM wants ORDER BY n;

    RETURN QUERY
    SELECT a.source, 'already', NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint
    FROM unnest(v_already) AS a(source)
    UNION ALL
    SELECT w.source, 'short', w.sku, w.wh, greatest(h.free, 0), w.quantity::bigint
    FROM (SELECT u.source, u.sku, u.wh, sum(u.quantity) AS quantity
          FROM unnest(p_source, p_sku, p_warehouse, p_quantity) AS u(source, sku, wh, quantity)
          JOIN (SELECT unnest(v_short) AS source) x ON x.source = u.source
          GROUP BY u.source, u.sku, u.wh) w
    JOIN unnest(v_hot_sku, v_hot_wh, v_hot_left) AS h(sku, wh, free)
         ON h.sku = w.sku AND h.wh = w.wh AND w.quantity > h.free;
END $$;
"""

CLOSE = """
CREATE FUNCTION inventory_close_reservations(p_ids bigint[], p_state text, p_at timestamptz)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    IF p_state NOT IN ('released', 'consumed') THEN
        RAISE EXCEPTION 'a reservation ends released or consumed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM 1 FROM inventory_stock s
    WHERE (s.sku_id, s.warehouse_id) IN (
        SELECT r.sku_id, r.warehouse_id FROM inventory_reservation r WHERE r.id = ANY (p_ids))
    ORDER BY s.sku_id, s.warehouse_id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH closed AS (
        UPDATE inventory_reservation r SET state = p_state, closed_at = p_at
        WHERE r.id = ANY (p_ids) AND r.state = 'open'
        RETURNING r.id, r.sku_id, r.warehouse_id, r.quantity
    ), freed AS (
        UPDATE inventory_stock s SET reserved = s.reserved - c.quantity
        FROM (SELECT sku_id, warehouse_id, sum(quantity)::bigint AS quantity
              FROM closed GROUP BY sku_id, warehouse_id) c
        WHERE s.sku_id = c.sku_id AND s.warehouse_id = c.warehouse_id
    )
    SELECT id FROM closed;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_posting")]

    operations = [
        migrations.RunSQL(RESERVE, "DROP FUNCTION inventory_reserve;"),
        migrations.RunSQL(RESERVE_BULK, "DROP FUNCTION inventory_reserve_bulk;"),
        migrations.RunSQL(CLOSE, "DROP FUNCTION inventory_close_reservations;"),
    ]
