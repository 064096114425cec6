"""docs/reference: what the code declares, as pages; made by `make docs`, compared by `make check`.

Nothing here is written by hand and nothing asks the database: the same code gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ops.management.reference import clauses, declared, permissions, settings, tables
from ops.management.reference.markdown import Page

PAGES: Final[tuple[Callable[[], list[Page]], ...]] = (
    tables.models,
    declared.events,
    declared.ports_page,
    declared.flows_page,
    declared.jobs_page,
    declared.reports_page,
    declared.sheets_page,
    declared.scores_page,
    declared.metrics_page,
    declared.clocks_page,
    declared.imports_page,
    permissions.pages,
    settings.pages,
    clauses.pages,
)


def pages() -> dict[str, str]:
    """Return every page by its file name, with the index."""
    made = [page for make in PAGES for page in make()]
    lines = [
        "# Reference",
        "",
        "Generated from the code by `make docs`; do not edit. `make check` fails when it is old.",
        "",
        *(f"- [{page.title}]({page.name}): {page.about}" for page in made),
    ]
    found = {page.name: page.text for page in made}
    return {"README.md": "\n".join(lines) + "\n", **found}


def differences(folder: Path) -> list[str]:
    """Return the names of pages that are missing, old, or of nothing."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    )


def write(folder: Path) -> list[str]:
    """Write the pages and take away those of nothing; return the names that changed."""
    changed = differences(folder)
    wanted = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed
