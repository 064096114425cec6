"""Build one declared report into a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.engines.kernel.actor import Actor
from ops.engines.kernel.errors import OpsError
from ops.engines.reports import services
from ops.engines.reports.choices import Format
from ops.engines.reports.types import ReportFile


class Command(BaseCommand):
    """Build a report, seal it, copy the file; print path, sha256 and row count."""

    help = "Build one declared report and print path, sha256, row count."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take name, period, format, folder and parameters."""
        parser.add_argument("name")
        parser.add_argument(
            "--period", required=True, help="2011-06-30, 2011-W23, 2011-06, 2011-Q2, 2011, A..B"
        )
        parser.add_argument("--format", choices=Format.values, default=Format.XLSX.value)
        parser.add_argument("-o", "--output", type=Path, required=True, help="folder")
        parser.add_argument(
            "--param", action="append", default=[], metavar="NAME=VALUE", help="may be repeated"
        )
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, copy, print; a refusal exits with 1."""
        try:
            file = services.build(
                name=options["name"],
                period=options["period"],
                fmt=options["format"],
                params=_params(options["param"]),
                actor=Actor.system("report command"),
                at=timezone.now(),
            )
        except OpsError as error:
            raise CommandError(f"{error.code}: {error}", returncode=1) from error
        folder: Path = options["output"]
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file.file_name
        shutil.copyfile(file.path, target)
        self.stdout.write(_told(file, target, as_json=options["json"]))


def _params(written: list[str]) -> dict[str, str]:
    pairs = [entry.partition("=") for entry in written]
    if any(not name or not sign for name, sign, _value in pairs):
        raise CommandError("--param takes NAME=VALUE", returncode=1)
    return {name: value for name, _sign, value in pairs}


def _told(file: ReportFile, target: Path, *, as_json: bool) -> str:
    if not as_json:
        return f"{target} {file.sha256} {file.rows}"
    told = {
        "path": str(target),
        "sha256": file.sha256,
        "rows": file.rows,
        "report": file.name,
        "period": file.period,
        "format": file.format,
        "version": file.version,
        "standing": file.standing,
        "digest": file.digest,
        "cut_off_at": file.cut_off_at.isoformat(),
    }
    return json.dumps(told, ensure_ascii=False)
