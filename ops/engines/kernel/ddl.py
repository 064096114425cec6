"""Migration operations that put a promise into the database itself."""

from django.conf import settings
from django.db import migrations

_REFUSE = """
CREATE OR REPLACE FUNCTION guifan_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
"""

_KEEP = """
CREATE OR REPLACE FUNCTION guifan_permanent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is permanent', TG_TABLE_NAME
        USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME,
              CONSTRAINT = TG_TABLE_NAME || '_permanent';
END $$;
"""
_CHECK = """
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {column} AS id FROM given g
                               WHERE {column} IS NOT NULL) w
                WHERE NOT EXISTS (SELECT 1 FROM {master} m WHERE m.id = w.id)) THEN
        RAISE EXCEPTION '{table}.{column} names no row of {master}'
            USING ERRCODE = 'foreign_key_violation', TABLE = '{table}',
                  CONSTRAINT = '{table}_{column}_refers';
    END IF;"""
# The plan is made once a session, perhaps for one row, perhaps for thousands: always by index.
_INDEXED = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def revoke(table: str, privileges: str) -> migrations.RunSQL:
    """Take privileges on a table from the app role, such as "UPDATE, DELETE"."""
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    return migrations.RunSQL(
        f"REVOKE {privileges} ON {name} FROM {role};",
        f"GRANT {privileges} ON {name} TO {role};",
    )


def grant(table: str, privileges: str, *, to: str) -> migrations.RunSQL:
    """Give privileges on a table, such as "INSERT (a, b)", to a role that has none by default."""
    name, role = _quoted(table), _quoted(to)
    return migrations.RunSQL(
        f"GRANT {privileges} ON {name} TO {role};",
        f"REVOKE {privileges} ON {name} FROM {role};",
    )


def revoke_columns(table: str, *, updatable: tuple[str, ...]) -> migrations.RunSQL:
    """Let the app role update only the named columns of a table."""
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    columns = ", ".join(_quoted(column) for column in updatable)
    return migrations.RunSQL(
        f"REVOKE UPDATE ON {name} FROM {role}; GRANT UPDATE ({columns}) ON {name} TO {role};",
        f"REVOKE UPDATE ({columns}) ON {name} FROM {role}; GRANT UPDATE ON {name} TO {role};",
    )


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE of a table, to the app role and to its owner.

    The refusal is an integrity error (check_violation) that says "<table> is append-only".
    """
    name, role = _quoted(table), _quoted(settings.DB_APP_ROLE)
    row, whole = _quoted(f"{table}_append_only"), _quoted(f"{table}_no_truncate")
    return migrations.RunSQL(
        f"""{_REFUSE}
        CREATE TRIGGER {row} BEFORE UPDATE OR DELETE ON {name}
            FOR EACH ROW EXECUTE FUNCTION guifan_append_only();
        CREATE TRIGGER {whole} BEFORE TRUNCATE ON {name}
            FOR EACH STATEMENT EXECUTE FUNCTION guifan_append_only();
        REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {role};
        """,
        f"""
        DROP TRIGGER {whole} ON {name};
        DROP TRIGGER {row} ON {name};
        GRANT UPDATE, DELETE ON {name} TO {role};
        """,
    )


def permanent(table: str) -> migrations.RunSQL:
    """Refuse to delete a row, to empty the table or to renumber a row, even to its owner.

    For what others point to by `refers`: masters retire, and numbered documents end; none goes.
    """
    name, row, whole = _quoted(table), _quoted(f"{table}_permanent"), _quoted(f"{table}_kept")
    return migrations.RunSQL(
        f"""{_KEEP}
        CREATE TRIGGER {row} BEFORE DELETE ON {name}
            FOR EACH ROW EXECUTE FUNCTION guifan_permanent();
        CREATE TRIGGER {_quoted(f"{table}_same_id")} BEFORE UPDATE OF id ON {name}
            FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION guifan_permanent();
        CREATE TRIGGER {whole} BEFORE TRUNCATE ON {name}
            FOR EACH STATEMENT EXECUTE FUNCTION guifan_permanent();
        """,
        f"""
        DROP TRIGGER {whole} ON {name};
        DROP TRIGGER {_quoted(f"{table}_same_id")} ON {name};
        DROP TRIGGER {row} ON {name};
        """,
    )


def refers(table: str, **masters: str) -> migrations.RunSQL:
    """Make columns refer to permanent tables: `refers("orders", channel_id="channels")`.

    What a foreign key promises, checked once a statement instead of once a row: a foreign key also
    locks the master's row for every row that points to it, which on a few channels and hot SKUs
    costs more than the write itself. The master must be `permanent`.
    """
    name = _quoted(table)
    function = _quoted(f"{table}_refers")
    checks = "".join(_CHECK.format(table=table, column=c, master=m) for c, m in masters.items())
    moved = " OR ".join(f"OLD.{_quoted(c)} IS DISTINCT FROM NEW.{_quoted(c)}" for c in masters)
    single = checks.replace("FROM given g", "FROM (SELECT NEW.*) g")
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql {_INDEXED} AS $$
        BEGIN{checks}
            RETURN NULL;
        END $$;
        CREATE FUNCTION {_quoted(f"{table}_refers_anew")}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN{single}
            RETURN NULL;
        END $$;
        CREATE TRIGGER {function} AFTER INSERT ON {name} REFERENCING NEW TABLE AS given
            FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        CREATE TRIGGER {_quoted(f"{table}_refers_anew")} AFTER UPDATE ON {name}
            FOR EACH ROW WHEN ({moved})
            EXECUTE FUNCTION {_quoted(f"{table}_refers_anew")}();
        """,
        f"""
        DROP TRIGGER {_quoted(f"{table}_refers_anew")} ON {name};
        DROP TRIGGER {function} ON {name};
        DROP FUNCTION {_quoted(f"{table}_refers_anew")}();
        DROP FUNCTION {function}();
        """,
    )


def one_way(
    table: str,
    *,
    begins: tuple[str, ...],
    moves: dict[str, tuple[str, ...]],
    moving: tuple[str, ...] = (),
    column: str = "state",
) -> migrations.RunSQL:
    """Let a row run one course of states: begin in one of `begins`, step only along `moves`.

    Beside the state only the columns in `moving` may change, and none once no step leads on. The
    refusal is an integrity error (check_violation) of the constraint "<table>_course". For courses
    declared from now on: migrations that shipped with a trigger of their own keep it (catalog 0091,
    0101, 0111 and customers 0016 say the same in longer words), and what a step needs beside its
    order, such as an approval, stays a trigger of the app.
    """
    name, function = _quoted(table), _quoted(f"{table}_course")
    steps = " OR ".join(
        f"(OLD.{_quoted(column)} = {_text(before)} AND NEW.{_quoted(column)} IN ({_texts(after)}))"
        for before, after in moves.items()
    )
    going = _texts(tuple(moves))
    kept = f"ARRAY[{_texts((column, *moving))}]::text[]"
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE wrong text;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.{_quoted(column)} NOT IN ({_texts(begins)}) THEN
                    wrong := 'begins as ' || NEW.{_quoted(column)};
                END IF;
            ELSIF OLD.{_quoted(column)} NOT IN ({going}) THEN
                IF NEW IS DISTINCT FROM OLD THEN
                    wrong := 'is over: ' || OLD.{_quoted(column)};
                END IF;
            ELSIF to_jsonb(NEW) - {kept} IS DISTINCT FROM to_jsonb(OLD) - {kept} THEN
                wrong := 'is fixed but for its course';
            ELSIF NEW.{_quoted(column)} <> OLD.{_quoted(column)} AND NOT ({steps}) THEN
                wrong := 'went from ' || OLD.{_quoted(column)} || ' to ' || NEW.{_quoted(column)};
            END IF;
            IF wrong IS NOT NULL THEN
                RAISE EXCEPTION '{table} %', wrong
                    USING ERRCODE = 'check_violation', TABLE = '{table}',
                          CONSTRAINT = '{table}_course';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER {function} BEFORE INSERT OR UPDATE ON {name}
            FOR EACH ROW EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {function} ON {name}; DROP FUNCTION {function}();",
    )


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _texts(words: tuple[str, ...]) -> str:
    return ", ".join(map(_text, words))
