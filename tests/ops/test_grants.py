"""S3: every role of the database has exactly what `grants.txt` says, down to columns and functions.

What a role has by default on a new table, sequence or function is said once at the top of the file;
below stands every object on which it has more or less. A grant that is not in the file is a red
test; after a review, `build/grants.txt` becomes the new file.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from django.db import connection
from psycopg2.extensions import connection as Connection

from ops.embedded.roles import ROLES

EXPECTED = Path(__file__).with_name("grants.txt")
FOUND = Path(__file__).resolve().parents[2] / "build" / "grants.txt"
NOTHING = "-"
_ROLES = """
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
       rolbypassrls, coalesce((SELECT string_agg(m.roleid::regrole::text, ',')
                                 FROM pg_auth_members m WHERE m.member = r.oid), '-'),
       (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
       + (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
       + (SELECT count(*) FROM pg_namespace WHERE nspowner = r.oid AND nspname <> 'public')
  FROM pg_roles r WHERE rolname = ANY(%s) ORDER BY rolname
"""
_OBJECTS = """
WITH ours AS (
    SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
           regexp_replace(relname, '_[0-9]{6}($|_)', '_NNNNNN\\1') AS name, relowner AS owner,
           coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char",
                                       relowner)) AS acl
      FROM pg_class c
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r','p','v','m','S')
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, proowner,
           coalesce(proacl, acldefault('f', proowner))
      FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'column', attrelid::regclass || '.' || attname, relowner, attacl
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND attacl IS NOT NULL AND NOT attisdropped
    UNION ALL
    SELECT 'schema', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
      FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT 'database', 'guifan', datdba, coalesce(datacl, acldefault('d', datdba))
      FROM pg_database WHERE datname = current_database()
)
SELECT kind, name, coalesce(g.grantee::regrole::text, '-'), string_agg(DISTINCT
           privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END, ' ')
  FROM ours LEFT JOIN LATERAL (
       SELECT CASE WHEN grantee = 0 THEN NULL ELSE grantee END AS grantee, privilege_type,
              is_grantable
         FROM aclexplode(acl) WHERE grantee <> owner) g ON true
 GROUP BY 1, 2, 3
"""
_DEFAULTS = """
SELECT CASE defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function'
            ELSE defaclobjtype::text END,
       CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
       string_agg(privilege_type, ' ' ORDER BY privilege_type)
  FROM pg_default_acl, aclexplode(defaclacl) a WHERE a.grantee <> defaclrole GROUP BY 1, 2
"""


def catalogue() -> list[str]:
    """Return what the roles are and may do, as the lines of the file."""
    names = [role.name for role in ROLES]
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [names])
        told = [_role(row) for row in cursor.fetchall()]
        cursor.execute(_DEFAULTS)
        defaults = {(kind, role): rights for kind, role, rights in cursor.fetchall()}
        cursor.execute(_OBJECTS)
        rows = cursor.fetchall()
    told += [f"default {kind} {role}: {defaults[kind, role]}" for kind, role in sorted(defaults)]
    held: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for kind, name, role, rights in rows:
        if rights is not None:
            held[kind, name]["PUBLIC" if role == NOTHING else role] = rights
        else:
            held[kind, name] |= {}
    for (kind, name), rights_of in sorted(held.items()):
        who = {*rights_of, *(role for known, role in defaults if known == kind)}
        for role in sorted(who):
            rights = rights_of.get(role, NOTHING)
            if rights != defaults.get((kind, role), NOTHING):
                told.append(f"{kind} {name} {role}: {rights}")
    return told


def _role(row: tuple[object, ...]) -> str:
    flags = ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls")
    has = [flag for flag, value in zip(flags, row[1:8], strict=True) if value]
    return f"role {row[0]}: {' '.join(has)}; member of {row[8]}; owns {_many(row)}"


def _many(row: tuple[object, ...]) -> str:
    return "everything" if row[0] == "guifan_owner" else str(row[9])


@pytest.mark.django_db
def test_every_role_has_exactly_the_rights_that_are_written_down() -> None:
    found = catalogue()

    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text("".join(f"{line}\n" for line in found))
    expected = EXPECTED.read_text().splitlines()
    assert sorted(set(found) - set(expected)) == []
    assert sorted(set(expected) - set(found)) == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("GRANT UPDATE ON audit_fact TO guifan_app", "table audit_fact guifan_app: SELECT UPDATE"),
        ("GRANT SELECT ON audit_fact TO PUBLIC", "table audit_fact PUBLIC: SELECT"),
        (
            "GRANT UPDATE (leaf) ON audit_leaf TO guifan_report",
            "column audit_leaf.leaf guifan_report: UPDATE",
        ),
        (
            "GRANT CREATE ON SCHEMA public TO guifan_app",
            "schema public guifan_app: CREATE USAGE",
        ),
        (
            "GRANT EXECUTE ON FUNCTION audit_content(audit_fact) TO guifan_sealer",
            "function audit_content(audit_fact) guifan_sealer: EXECUTE",
        ),
        (
            "CREATE TABLE sneaked_in (id int); GRANT TRUNCATE ON sneaked_in TO guifan_app",
            "table sneaked_in guifan_app: DELETE INSERT SELECT TRUNCATE UPDATE",
        ),
    ],
)
def test_a_grant_too_many_is_seen(as_superuser: Connection, statement: str, line: str) -> None:
    with as_superuser.cursor() as cursor:
        cursor.execute("SET ROLE guifan_owner; " + statement)

    assert line in set(catalogue()) - set(EXPECTED.read_text().splitlines())
