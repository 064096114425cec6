"""How the register gets into its tables: three statements, whole lists at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

LOAD_CLAUSES: Final = r"""
INSERT INTO compliance_clause
       (code, chapter, section, position, title_zh, title_en, basis, requirement, requirement_zh,
        kind, app, behaviour, actors, cadence, evidence, priority, jobs, approvals, reports)
SELECT id, split_part(id, '-', 1), substring(id FROM '^(.*)-[0-9]+$'), position, title_zh, title_en,
       basis, requirement, coalesce(requirement_zh, ''), kind, app, behaviour,
       coalesce(actors, '[]'), coalesce(cadence, ''), evidence, priority,
       coalesce(jobs, '[]'), coalesce(approvals, '[]'), coalesce(reports, '[]')
  FROM jsonb_to_recordset(%s::jsonb) AS r(
       id text, position integer, title_zh text, title_en text, basis text, requirement text,
       requirement_zh text, kind text, app text, behaviour text, actors jsonb, cadence text,
       evidence text, priority smallint, jobs jsonb, approvals jsonb, reports jsonb)
    ON CONFLICT (code) DO UPDATE
   SET position = excluded.position, title_zh = excluded.title_zh, title_en = excluded.title_en,
       basis = excluded.basis, requirement = excluded.requirement,
       requirement_zh = excluded.requirement_zh, kind = excluded.kind, app = excluded.app,
       behaviour = excluded.behaviour, actors = excluded.actors, cadence = excluded.cadence,
       evidence = excluded.evidence, priority = excluded.priority, jobs = excluded.jobs,
       approvals = excluded.approvals, reports = excluded.reports
"""
LOAD_SOURCES: Final = """
INSERT INTO compliance_clausesource (clause_id, position, document, title, file, article)
SELECT c.id, r.position, r.doc, r.title, r.file, r.article
  FROM jsonb_to_recordset(%s::jsonb) AS r(
       code text, position smallint, doc text, title text, file text, article text)
  JOIN compliance_clause c ON c.code = r.code
"""
LOAD_ITEMS: Final = """
INSERT INTO compliance_registeritem (kind, key, position, body)
SELECT kind, key, position, body
  FROM jsonb_to_recordset(%s::jsonb) AS r(kind text, key text, position smallint, body jsonb)
"""
# The edition loaded last has the greatest id, also when an earlier one comes back.
LOAD_EDITION: Final = """
INSERT INTO compliance_registeredition (sha256, version, clauses, loaded_at)
VALUES (%s, %s, %s, %s) ON CONFLICT (sha256) DO UPDATE
   SET id = nextval(pg_get_serial_sequence('compliance_registeredition', 'id')),
       loaded_at = excluded.loaded_at
"""

Rows = Sequence[Mapping[str, Any]]


class _Cursor(Protocol):
    def execute(self, sql: str, params: Any = None) -> Any: ...


def fill(
    cursor: _Cursor, *, clauses: Rows, chinese: Mapping[str, str], lists: Mapping[str, Rows]
) -> None:
    """Write clauses, their sources and the lists beside them in the caller's transaction.

    `lists` maps an item kind to its entries; an entry is known by its `name` or `key`.
    """
    told = [
        {**clause, "position": place, "requirement_zh": chinese.get(clause["id"], "")}
        for place, clause in enumerate(clauses, start=1)
    ]
    sources = [
        {"code": clause["id"], "position": place, **source}
        for clause in clauses
        for place, source in enumerate(clause["source"], start=1)
    ]
    items = [
        {"kind": kind, "key": entry.get("name") or entry["key"], "position": place, "body": entry}
        for kind, entries in lists.items()
        for place, entry in enumerate(entries, start=1)
    ]
    cursor.execute(LOAD_CLAUSES, [_json(told)])
    cursor.execute("DELETE FROM compliance_clausesource")
    cursor.execute(LOAD_SOURCES, [_json(sources)])
    cursor.execute("DELETE FROM compliance_registeritem")
    cursor.execute(LOAD_ITEMS, [_json(items)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
