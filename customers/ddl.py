"""The order's steps as the database sees them, generated from the one table of transitions."""

from __future__ import annotations

from collections.abc import Iterable

from customers.choices import FIRST_STATES, TRANSITIONS


def order_steps_sql() -> str:
    """Return the trigger that refuses any step the table does not declare (SCM-2.4-03)."""
    first = _rows((path, state) for path, states in FIRST_STATES.items() for state in states)
    steps = _rows((path, a, b) for path, pairs in TRANSITIONS.items() for a, b in pairs)
    return f"""
CREATE FUNCTION customers_order_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.path, NEW.state) NOT IN ({first}) THEN
            RAISE EXCEPTION 'order_born_in_%', NEW.state USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.path <> OLD.path OR NEW.channel_id <> OLD.channel_id
          OR NEW.external_no <> OLD.external_no OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'order_identity_is_fixed' USING ERRCODE = 'check_violation';
    ELSIF NEW.state <> OLD.state AND (NEW.path, OLD.state, NEW.state) NOT IN ({steps}) THEN
        RAISE EXCEPTION 'order_step_%_to_%_not_declared', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_steps BEFORE INSERT OR UPDATE ON customers_order
    FOR EACH ROW EXECUTE FUNCTION customers_order_steps();
"""


ORDER_STEPS_REVERSE = """
DROP TRIGGER order_steps ON customers_order;
DROP FUNCTION customers_order_steps();
"""


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    quoted = sorted("(" + ", ".join(f"'{word}'" for word in row) + ")" for row in rows)
    return ", ".join(quoted)
