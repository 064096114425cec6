"""Migration operations that tie tables and flows to approvals; they depend on approvals 0001.

`require_step_up` depends on approvals 0004.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import migrations

# A temporary table of the same name must not stand before the real one: hence the search path.
# The queries are EXECUTEd so that each is planned for the rows at hand, and aggregate so that none
# is planned to stop at its first row: either would compare a hundred thousand rows pair by pair.
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $guard$
DECLARE
    offender bigint;
    saved text;
BEGIN
    EXECUTE $query$
        SELECT min(n.id)
        FROM changed n
        LEFT JOIN approvals_request r
               ON r.id = n.{column} AND r.flow = '{flow}' AND r.state = 'approved'
              AND (r.kind = 'ordinary' OR (r.kind = 'opening' AND ({opening})))
        WHERE ({when}) AND r.id IS NULL
    $query$ INTO offender;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION '{table} % has no approved request of {flow}', offender
            USING ERRCODE = 'check_violation', TABLE = '{table}', CONSTRAINT = '{name}';
    END IF;
    {lines}
    RETURN NULL;
END $guard$;
"""

# One pass over the approved lines, whatever their number: both sides are hashed on request and
# key. Nothing tells the planner how many lines a request has, so a loop over pairs is forbidden;
# the requests themselves are still found one by one through their key.
_LINES = """
    saved := current_setting('enable_nestloop');
    PERFORM set_config('enable_nestloop', 'off', true);
    EXECUTE $query$
        WITH asked AS MATERIALIZED (
            SELECT r.id, r.lines{digest_columns}
            FROM (SELECT DISTINCT n.{column} AS id FROM changed n WHERE ({when})) cited
            CROSS JOIN LATERAL (
                SELECT q.id, q.content -> 'lines' AS lines{digest_read} FROM approvals_request q
                WHERE q.id = cited.id AND q.kind = 'ordinary' OFFSET 0
            ) r
        ), allowed AS MATERIALIZED (
            SELECT asked.id AS request_id, e.line
            FROM asked CROSS JOIN LATERAL jsonb_array_elements(asked.lines) AS e(line){digest_lines}
        ), wanted AS MATERIALIZED (
            SELECT n.id, n.{column} AS request_id, ({line}) AS line
            FROM changed n
            WHERE ({when}) AND n.{column} IN (SELECT id FROM asked)
        )
        SELECT min(w.id)
        FROM wanted w
        WHERE NOT EXISTS (
            SELECT FROM allowed a
            WHERE a.request_id = w.request_id {key} AND a.line @> w.line
        )
    $query$ INTO offender;
    PERFORM set_config('enable_nestloop', saved, true);
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION '{table} % is not what {flow} approved', offender
            USING ERRCODE = 'check_violation', TABLE = '{table}', CONSTRAINT = '{name}_lines';
    END IF;
"""

# A request too long to list its lines carries their digest instead. The lines themselves stay in a
# table of the app; before they count as what was approved, the database computes the digest anew.
_DIGEST = """
    EXECUTE $query$
        SELECT min(q.id)
        FROM (SELECT DISTINCT n.{column} AS id FROM changed n WHERE ({when})) cited
        JOIN approvals_request q ON q.id = cited.id
        WHERE q.kind = 'ordinary' AND q.content ? '{key}'
          AND {function}(q.subject_id) IS DISTINCT FROM (q.content ->> '{key}')
    $query$ INTO offender;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'the lines of request % are not those that were approved', offender
            USING ERRCODE = 'check_violation', TABLE = '{table}', CONSTRAINT = '{name}_digest';
    END IF;
"""
_DIGEST_LINES = """
            UNION ALL
            SELECT asked.id, k.line
            FROM asked CROSS JOIN LATERAL ({lines} OFFSET 0) AS k(line)
            WHERE asked.is_digest"""

_ASK = "INSERT INTO approvals_stepuprule (flow, on_request, on_decision) VALUES (%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Digest:
    """Lines kept in a table and cited by their digest (ADR 22).

    `key` names the digest in the request's content, `function` the SQL function that computes it
    from the request's subject id, `lines` is the SELECT of jsonb lines of `asked.subject_id`, each
    in the shape that `line_sql` asks for.
    """

    key: str
    function: str
    lines: str


def guard_by_approval(
    table: str,
    flow: str,
    *,
    request_column: str = "approval_id",
    line_sql: str | None = None,
    line_key: str | None = None,
    when_sql: str = "true",
    opening_sql: str = "false",
    on_update: bool = True,
    digest: Digest | None = None,
) -> migrations.RunSQL:
    """Refuse rows of a table that cite no approved request of the flow.

    All expressions are SQL over the new row `n`. `line_sql` gives the jsonb object that one
    element of the request's `content["lines"]` must contain (money as text: `n.price::text`);
    `line_key` names the key in it by which lines are found quickly. `when_sql` picks the guarded
    rows; rows of imported history are accepted with a request of kind "opening" where
    `opening_sql` holds. With a `digest`, a request may cite its lines by their digest: it is
    computed again over the stored lines (refusal `..._digest`), and these then bind. Statement
    triggers: one check per statement, whatever its rows. The refusal is a check_violation named
    `<table>_needs_<flow>` (or `..._lines`).
    """
    name = f"{table}_needs_{flow}"
    key = f"AND a.line -> '{line_key}' = w.line -> '{line_key}'" if line_key else ""
    lines = (
        _LINES.format(
            line=line_sql,
            column=request_column,
            when=when_sql,
            key=key,
            table=table,
            flow=flow,
            name=name,
            digest_columns=", r.subject_id, r.is_digest" if digest else "",
            digest_read=f", q.subject_id, q.content ? '{digest.key}' AS is_digest"
            if digest
            else "",
            digest_lines=_DIGEST_LINES.format(lines=digest.lines) if digest else "",
        )
        if line_sql
        else ""
    )
    if digest:
        lines = (
            _DIGEST.format(
                column=request_column,
                when=when_sql,
                key=digest.key,
                function=digest.function,
                table=table,
                name=name,
            )
            + lines
        )
    events = ("INSERT", "UPDATE") if on_update else ("INSERT",)
    function = _FUNCTION.format(
        name=name,
        table=table,
        flow=flow,
        column=request_column,
        when=when_sql,
        opening=opening_sql,
        lines=lines,
    )
    triggers = "".join(
        f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table}"
        f" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}();\n"
        for event in events
    )
    drops = "".join(f"DROP TRIGGER {name}_{event.lower()} ON {table};\n" for event in events)
    return migrations.RunSQL(function + triggers, f"{drops}DROP FUNCTION {name}();")


def require_step_up(
    flow: str, *, on_decision: bool = True, on_request: bool = False
) -> migrations.RunSQL:
    """Let the database ask for a fresh second factor of who decides, or hands in, a flow.

    The flow declares the same (`Step.step_up`, `Flow.step_up`); the conformance tests compare.
    """
    return migrations.RunSQL(
        [
            (
                _ASK,
                [flow, on_request, on_decision],
            )
        ],
        [("DELETE FROM approvals_stepuprule WHERE flow = %s", [flow])],
    )
