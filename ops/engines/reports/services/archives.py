"""Packs: many reports of one cut-off in one archive, with a manifest that names every hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.engines.kernel.actor import Actor
from ops.engines.reports import disk
from ops.engines.reports.asking import Wanted, as_report, check_format, wanted
from ops.engines.reports.declarations import Member, Pack, member_of
from ops.engines.reports.models import ReportRun
from ops.engines.reports.services import sealing
from ops.engines.reports.services.editions import find_figures

MANIFEST = "manifest.json"
_PIECE = 1 << 20
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Archive:
    """The archive being written and what every member of it shares."""

    zip: zipfile.ZipFile
    asked: Wanted
    actor: Actor
    at: dt.datetime


def make(run: ReportRun, asked: Wanted, pack: Pack, actor: Actor, at: dt.datetime) -> None:
    """Make the pack of a run and seal it; its digest is the sha256 of `manifest.json`.

    Members are read by the machine for the whole company: the pack's own policy was judged.
    """
    machine = Actor.system(f"reports: {pack.name}")
    members = [member_of(entry) for entry in pack.members(asked.query(actor=machine, at=at))]
    tell = sealing.progress(run, "file", len(members))
    with disk.draft(run.format) as draft:
        entries: list[Entry] = []
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED) as archive:
            into = _Archive(archive, asked, machine, at)
            for number, member in enumerate(members, start=1):
                entries += _add(into, member)
                tell(number)
            manifest = _manifest(run, pack, entries, at)
            archive.writestr(_info(MANIFEST, at), manifest)
        rows = sum(entry["rows"] or 0 for entry in entries)
        figures = sealing.Figures(rows, hashlib.sha256(manifest).hexdigest(), at)
        sealing.seal(run, draft, figures, told={"files": len(entries)}, actor=actor, at=at)


def _add(into: _Archive, member: Member) -> Iterator[Entry]:
    if member.attach is not None:
        data = member.attach(into.asked.query(actor=into.actor, at=into.at))
        into.zip.writestr(_info(member.file, into.at), data)
        yield _entry(member.file, hashlib.sha256(data).hexdigest(), len(data))
        return
    asked = wanted(
        name=member.report,
        period=member.period or into.asked.period.text,
        actor=into.actor,
        params=member.params,
    )
    report = as_report(asked.declared)
    edition = find_figures(
        wanted=asked, report=report, actor=into.actor, at=into.at, progress=_unwatched
    )
    for fmt in member.formats:
        check_format(report, fmt)
        file = f"{member.file}.{fmt}"
        with disk.draft(fmt) as draft:
            sealing.render(report, edition, fmt, draft, _unwatched)
            _copy(into, draft, file)
            yield _entry(file, disk.sha256_of(draft), draft.stat().st_size) | {
                "report": report.name,
                "format": fmt,
                "period": edition.period,
                "params": edition.params,
                "rows": edition.rows,
                "digest": edition.digest,
                "version": edition.version,
                "standing": edition.standing,
                "cut_off_at": edition.cut_off_at.isoformat(),
            }


def _entry(file: str, sha256: str, size: int) -> Entry:
    return {"file": file, "sha256": sha256, "size": size, "rows": None}


def _copy(into: _Archive, path: Path, file: str) -> None:
    with path.open("rb") as source, into.zip.open(_info(file, into.at), "w") as target:
        while piece := source.read(_PIECE):
            target.write(piece)


def _manifest(run: ReportRun, pack: Pack, entries: list[Entry], at: dt.datetime) -> bytes:
    told = {
        "pack": pack.name,
        "title": str(pack.title),
        "period": run.period,
        "params": run.params,
        "cut_off_at": at.isoformat(),
        "asked_by": run.requested_name,
        "files": entries,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _info(file: str, at: dt.datetime) -> zipfile.ZipInfo:
    """Return an entry whose time is the cut-off, so that the same content is the same archive.

    Raises ValueError for a name that would leave the folder it is unpacked in.
    """
    if file.startswith("/") or ".." in file.split("/") or "\\" in file:
        raise ValueError(f"not a name inside an archive: {file}")
    moment = at.astimezone(dt.UTC)
    info = zipfile.ZipInfo(file, moment.timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return info


def _unwatched(_done: int) -> None:
    """Members are counted one by one, not their rows."""
