"""History from before go-live: a whole batch of signed lines posted in the order it happened."""

from django.db import migrations

HISTORY = """
CREATE FUNCTION inventory_post_history(
    p_batch bigint, p_warehouse bigint, p_source_type text, p_person bigint)
RETURNS TABLE (posted bigint, already bigint, first_day date, last_day date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_nestloop = off SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
    v_floor bigint;
    v_bin bigint;
    v_customer bigint;
    v_gain_loss bigint;
    v_opening bigint;
    v_bad jsonb;
    v_total bigint;
    v_posted bigint;
    v_first date;
    v_last date;
BEGIN
    -- The stage is new to the planner: without figures it would loop where it should hash.
    ANALYZE inventory_historyline;
    SELECT id INTO STRICT v_bin FROM inventory_location
    WHERE warehouse_id = p_warehouse AND kind = 'bin' AND is_default;
    SELECT max(id) FILTER (WHERE kind = 'customer'), max(id) FILTER (WHERE kind = 'gain_loss'),
           max(id) FILTER (WHERE kind = 'opening')
    INTO STRICT v_customer, v_gain_loss, v_opening
    FROM inventory_location WHERE warehouse_id IS NULL AND is_default;
    SELECT count(*), min(business_day), max(business_day) INTO v_total, v_first, v_last
    FROM inventory_historyline WHERE batch_id = p_batch;

    SELECT jsonb_agg(b.line_no) INTO v_bad
    FROM (SELECT line_no FROM inventory_historyline
          WHERE batch_id = p_batch AND quantity <> 0 IS NOT TRUE
             OR batch_id = p_batch AND CASE
                    WHEN reason IN ('opening', 'return', 'found') THEN quantity < 0
                    WHEN reason IN ('sale', 'write_off', 'giveaway') THEN quantity > 0
                    ELSE true END
          ORDER BY line_no LIMIT 20) b;
    IF v_bad IS NOT NULL THEN
        RAISE EXCEPTION 'history lines with a sign or reason that cannot be'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'history_line_sane',
                  DETAIL = v_bad::text;
    END IF;

    -- Move numbers are given in the order things happened, opening stock first.
    v_floor := nextval('inventory_move_id_seq');
    INSERT INTO inventory_effect (key, move_id)
    SELECT h.effect_key, nextval('inventory_move_id_seq')
    FROM (SELECT effect_key FROM inventory_historyline WHERE batch_id = p_batch
          ORDER BY reason <> 'opening', at, line_no) h
    ON CONFLICT (key) DO NOTHING;

    INSERT INTO inventory_stock
        (sku_id, warehouse_id, on_hand, reserved, owned, value, avg_cost, is_costed)
    SELECT DISTINCT h.sku_id, p_warehouse, 0, 0, 0, 0::numeric, 0::numeric, false
    FROM inventory_historyline h WHERE h.batch_id = p_batch
    ORDER BY 1
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_stock s
    WHERE s.warehouse_id = p_warehouse
      AND s.sku_id IN (SELECT sku_id FROM inventory_historyline WHERE batch_id = p_batch)
    ORDER BY s.sku_id FOR NO KEY UPDATE;

    INSERT INTO inventory_balance (location_id, sku_id, lot_id, on_hand, seq, is_internal)
    SELECT p.place, k.sku_id, NULL, 0, 0, p.place = v_bin
    FROM (SELECT DISTINCT sku_id FROM inventory_historyline WHERE batch_id = p_batch) k
    CROSS JOIN unnest(ARRAY[v_bin, v_customer, v_gain_loss, v_opening]) AS p(place)
    WHERE p.place = v_bin OR EXISTS (
        SELECT 1 FROM inventory_historyline h
        WHERE h.batch_id = p_batch AND h.sku_id = k.sku_id AND p.place = CASE
            WHEN h.reason = 'opening' THEN v_opening
            WHEN h.reason IN ('write_off', 'found') THEN v_gain_loss ELSE v_customer END)
    ORDER BY k.sku_id, p.place
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_balance b
    WHERE b.location_id IN (v_bin, v_customer, v_gain_loss, v_opening) AND b.lot_id IS NULL
      AND b.sku_id IN (SELECT sku_id FROM inventory_historyline WHERE batch_id = p_batch)
    ORDER BY b.sku_id, b.location_id FOR NO KEY UPDATE;

    SELECT jsonb_agg(jsonb_build_object('line', b.line_no, 'sku_id', b.sku_id,
                                        'missing', -b.running) ORDER BY b.id) INTO v_bad
    FROM (SELECT w.* FROM (
              SELECT e.move_id AS id, h.line_no, h.sku_id, k.on_hand + sum(h.quantity) OVER (
                         PARTITION BY h.sku_id ORDER BY e.move_id) AS running
              FROM inventory_historyline h
              JOIN inventory_effect e ON e.key = h.effect_key AND e.move_id > v_floor
              JOIN inventory_balance k ON k.sku_id = h.sku_id AND k.location_id = v_bin
                                      AND k.lot_id IS NULL
              WHERE h.batch_id = p_batch) w
          WHERE w.running < 0 ORDER BY w.id LIMIT 20) b;
    IF v_bad IS NOT NULL THEN
        RAISE EXCEPTION 'history would take more than there is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'history_never_negative',
                  DETAIL = v_bad::text;
    END IF;

    -- The average is set by what was there and the opening lines; everything else goes at it.
    WITH lines AS MATERIALIZED (
        SELECT e.move_id AS id, h.sku_id, h.quantity, h.reason, h.business_day, h.at, h.unit_cost,
               CASE WHEN h.reason = 'opening' THEN v_opening
                    WHEN h.reason IN ('write_off', 'found') THEN v_gain_loss
                    ELSE v_customer END AS other
        FROM inventory_historyline h
        JOIN inventory_effect e ON e.key = h.effect_key AND e.move_id > v_floor
        WHERE h.batch_id = p_batch
    ), opened AS (
        SELECT sku_id, sum(quantity)::bigint AS quantity,
               sum(coalesce(round(quantity * unit_cost, 2), 0)) AS value,
               bool_and(unit_cost IS NOT NULL) AS is_costed
        FROM lines WHERE reason = 'opening' GROUP BY sku_id
    ), pool AS MATERIALIZED (
        SELECT s.sku_id, s.owned, s.owned + coalesce(o.quantity, 0) AS quantity,
               s.value + coalesce(o.value, 0) AS value,
               CASE WHEN s.owned = 0 THEN coalesce(o.is_costed, s.is_costed)
                    ELSE s.is_costed AND coalesce(o.is_costed, true) END AS is_costed,
               round((s.value + coalesce(o.value, 0))
                     / nullif(s.owned + coalesce(o.quantity, 0), 0), 6) AS unit_cost
        FROM inventory_stock s LEFT JOIN opened o ON o.sku_id = s.sku_id
        WHERE s.warehouse_id = p_warehouse AND s.sku_id IN (SELECT sku_id FROM lines)
    ), walked AS MATERIALIZED (
        SELECT l.*, p.quantity AS pool_quantity, p.value AS pool_value, p.is_costed,
               p.unit_cost AS average,
               (p.owned + sum(l.quantity) OVER by_sku)::bigint AS upto,
               row_number() OVER by_sku AS bin_rank,
               row_number() OVER (PARTITION BY l.sku_id, l.other ORDER BY l.id) AS other_rank,
               count(*) OVER (PARTITION BY l.sku_id) AS bin_legs,
               count(*) OVER (PARTITION BY l.sku_id, l.other) AS other_legs
        FROM lines l JOIN pool p ON p.sku_id = l.sku_id
        WINDOW by_sku AS (PARTITION BY l.sku_id ORDER BY l.id)
    ), valued AS MATERIALIZED (
        SELECT w.*,
               CASE WHEN reason = 'opening' THEN coalesce(round(quantity * unit_cost, 2), 0)
                    WHEN pool_value = 0 THEN 0.00
                    ELSE abs(inventory_share(pool_value, pool_quantity, upto)
                             - inventory_share(pool_value, pool_quantity, upto - quantity))
               END AS value
        FROM walked w
    ), kept AS (
        UPDATE inventory_balance b SET on_hand = b.on_hand + c.delta, seq = b.seq + c.legs
        FROM (SELECT sku_id, v_bin AS place, sum(quantity)::bigint AS delta, count(*) AS legs
              FROM lines GROUP BY sku_id
              UNION ALL
              SELECT sku_id, other, -sum(quantity)::bigint, count(*)
              FROM lines GROUP BY sku_id, other) c
        WHERE b.location_id = c.place AND b.sku_id = c.sku_id AND b.lot_id IS NULL
        RETURNING b.location_id, b.sku_id, b.seq
    ), written AS (
        INSERT INTO inventory_move (
            id, sku_id, from_location_id, to_location_id, quantity, unit_cost, value, is_costed,
            from_seq, to_seq, reason, source_type, source_id, business_day, at, person_id)
        SELECT v.id, v.sku_id, CASE WHEN v.quantity > 0 THEN v.other ELSE v_bin END,
               CASE WHEN v.quantity > 0 THEN v_bin ELSE v.other END, abs(v.quantity),
               CASE WHEN v.reason = 'opening' THEN coalesce(v.unit_cost, 0)
                    ELSE coalesce(v.average, 0) END,
               v.value,
               CASE WHEN v.reason = 'opening' THEN v.unit_cost IS NOT NULL ELSE v.is_costed END,
               CASE WHEN v.quantity > 0 THEN o.seq - v.other_legs + v.other_rank
                    ELSE k.seq - v.bin_legs + v.bin_rank END,
               CASE WHEN v.quantity > 0 THEN k.seq - v.bin_legs + v.bin_rank
                    ELSE o.seq - v.other_legs + v.other_rank END,
               v.reason, p_source_type, p_batch, v.business_day, v.at, p_person
        FROM valued v
        JOIN kept k ON k.sku_id = v.sku_id AND k.location_id = v_bin
        JOIN kept o ON o.sku_id = v.sku_id AND o.location_id = v.other
        ORDER BY v.id
        RETURNING 1
    ), counted AS (
        UPDATE inventory_stock s
        SET on_hand = s.on_hand + d.quantity, owned = s.owned + d.quantity,
            value = s.value + d.value,
            avg_cost = CASE WHEN s.owned + d.quantity > 0
                            THEN round((s.value + d.value) / (s.owned + d.quantity), 6)
                            ELSE coalesce(p.unit_cost, s.avg_cost) END,
            is_costed = p.is_costed
        FROM (SELECT sku_id, sum(quantity)::bigint AS quantity,
                     sum(CASE WHEN quantity > 0 THEN value ELSE -value END) AS value
              FROM valued GROUP BY sku_id) d
        JOIN pool p ON p.sku_id = d.sku_id
        WHERE s.sku_id = d.sku_id AND s.warehouse_id = p_warehouse
    )
    SELECT count(*) INTO v_posted FROM written;

    DELETE FROM inventory_historyline WHERE batch_id = p_batch;
    RETURN QUERY SELECT v_posted, v_total - v_posted, v_first, v_last;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_reserving")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_historyline SET UNLOGGED;",
            "ALTER TABLE inventory_historyline SET LOGGED;",
        ),
        migrations.RunSQL(HISTORY, "DROP FUNCTION inventory_post_history;"),
    ]
