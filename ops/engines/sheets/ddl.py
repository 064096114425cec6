"""Migration operation that lets rows in only after a sheet is signed; depends on sheets 0002."""

from __future__ import annotations

from django.db import migrations

_GUARD = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE
    place bigint;
    missing text;
BEGIN
    IF NOT ({when}) THEN
        RETURN NULL;
    END IF;
    SELECT w.scope_id, w.period INTO place, missing
    FROM ({needs}) w
    WHERE NOT EXISTS (
        SELECT FROM sheets_sheet s JOIN sheets_template t ON t.id = s.template_id
        WHERE t.key = '{template}' AND s.scope_kind = '{scope}' AND s.scope_id = w.scope_id
          AND s.period = w.period AND s.state IN ('signed', 'closed'))
    ORDER BY 2, 1 LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'sheet_unsigned: {template} % %', place, missing
            USING ERRCODE = 'check_violation', TABLE = '{table}', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $guard$;
CREATE TRIGGER {name} AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
_NO_GUARD = "DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();"


def guard_by_sheet(
    table: str, *, name: str, template: str, scope: str, needs: str, when: str = "true"
) -> migrations.RunSQL:
    """Refuse rows of a table until a sheet is signed.

    `needs` is SQL over the new rows (`changed`) that yields (scope_id, period) of each sheet they
    need; `when` an SQL condition that costs nothing and says whether the rule holds anywhere. The
    refusal is an integrity error (check_violation) named `name`, with the place and the period in
    its message. A signed sheet is never unsigned, so no lock is needed.
    """
    values = {"table": table, "name": name, "template": template, "scope": scope}
    return migrations.RunSQL(
        _GUARD.format(**values, needs=needs, when=when), _NO_GUARD.format(**values)
    )
