"""Read files made elsewhere: `ingest PROFILE FILE... [--channel C] [--dry-run] [--json]`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import plain
from ops.engines.kernel.errors import OpsError
from ops.engines.tables import services, storage
from ops.engines.tables.types import BatchInfo

_DONE, _REFUSED, _WITH_REJECTS = 0, 1, 2
_COUNTS = ("rows_read", "accepted", "duplicate", "rejected")


class Command(BaseCommand):
    """Import one or more files under a declared profile."""

    help = "Import files under a profile; exit 0 done, 1 refused, 2 done with rejects."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("profile")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--channel", help="code of the channel the rows belong to")
        parser.add_argument("--dry-run", action="store_true", help="load and take it all back")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **given: Any) -> None:
        """Import each file on its own; one refused file does not stop the others."""
        chosen = {"channel": given["channel"]} if given["channel"] else {}
        results = [
            self._import(given["profile"], path, chosen, dry_run=given["dry_run"])
            for path in given["files"]
        ]
        if given["json"]:
            self.stdout.write(json.dumps(_whole(results), ensure_ascii=False))
        else:
            for result in results:
                self._print(result)
        if code := max(result["exit"] for result in results):
            refused = any(result["exit"] == _REFUSED for result in results)
            raise SystemExit(_REFUSED if refused else code)

    def _import(
        self, profile: str, path: Path, options: dict[str, str], *, dry_run: bool
    ) -> dict[str, Any]:
        try:
            batch = services.import_file(
                profile=profile,
                path=path,
                name=path.name,
                actor=Actor.importer("ingest"),
                at=timezone.now(),
                options=options,
                dry_run=dry_run,
            )
        except OpsError as error:
            return _refusal(path, error.code, str(error))
        except OSError as error:
            return _refusal(path, "tables.unreadable", str(error.strerror or error))
        return _result(path, batch, dry_run=dry_run)

    def _print(self, result: dict[str, Any]) -> None:
        write = self.stdout.write
        if result["exit"] == _REFUSED:
            self.stderr.write(f"{result['file']}: {result['message']}")
            return
        write(f"{result['file']}: {result['batch']} {result['state']}")
        if result["known"]:
            write("  " + _("The same content was imported before; nothing was loaded."))
        for key in _COUNTS:
            write(f"  {key.replace('_', ' ')}: {result[key]}")
        for key, total in result["control_totals"].items():
            write(f"  {key}: {total}")
        for reason, count in result["reasons"].items():
            write(f"  {count} x {reason}")
        if result["rejects_file"]:
            write(f"  rejects: {result['rejects_file']}")


def _result(path: Path, batch: BatchInfo, *, dry_run: bool) -> dict[str, Any]:
    """Return one imported file; a known one counts every row as duplicate."""
    known = batch.known
    return {
        "file": path.name,
        "batch": "" if dry_run and not known else batch.number,
        "profile": batch.profile,
        "state": "known" if known else ("dry_run" if dry_run else batch.state),
        "known": known,
        "rows_read": batch.rows_read,
        "accepted": 0 if known else batch.accepted,
        "duplicate": batch.rows_read if known else batch.duplicate,
        "rejected": 0 if known else batch.rejected,
        "control_totals": {} if known else plain(batch.control_totals),
        "reasons": {} if known else dict(batch.reasons),
        "rejects_file": str(storage.full_path(batch.rejects_file)) if batch.rejects_file else "",
        "message": batch.message,
        "exit": _WITH_REJECTS if batch.rejected and not known else _DONE,
    }


def _refusal(path: Path, code: str, message: str) -> dict[str, Any]:
    return {
        "file": path.name,
        "batch": "",
        "state": "refused",
        "known": False,
        **dict.fromkeys(_COUNTS, 0),
        "control_totals": {},
        "reasons": {},
        "rejects_file": "",
        "code": code,
        "message": message,
        "exit": _REFUSED,
    }


def _whole(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one object: the only file itself, or the sums of several with each beside them."""
    if len(results) == 1:
        return results[0]
    sums = {key: sum(result[key] for result in results) for key in _COUNTS}
    return {"batch": results[-1]["batch"], **sums, "files": results}
