"""Bundles: the facts of some days with their anchors, in one file that proves itself elsewhere.

A bundle holds `facts.jsonl` (each line is what a leaf hashes), `anchors.jsonl`, `earlier.jsonl`
(the anchor before them, and every handover of keys), `peaks.json`, `leaves.bin`, `numbers.bin`,
`strays.jsonl` (facts that stand outside the sealed sequence: there should be none),
`manifest.json`, and `verify_bundle.py`, which checks all of it without this product.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ops.engines.audit import anchors
from ops.engines.audit import services as audit
from ops.engines.audit.errors import BundleRefused
from ops.engines.audit.leaves import content_of
from ops.engines.audit.models import Anchor, Fact
from ops.engines.audit.selectors import Placed, placed_facts, strays
from ops.engines.audit.types import BundleInfo
from ops.engines.audit.verifier import verify_bundle
from ops.engines.kernel.actor import Actor
from ops.engines.kernel.canonical import canonical_json
from ops.engines.kernel.parse import BUSINESS_ZONE

VERIFIER: Final = Path(verify_bundle.__file__)
MOST_STRAYS: Final = 10_000
_HOW: Final = """\
python verify_bundle.py THIS_FILE --key PUBLIC_KEY.pub --anchors OUTSIDE.jsonl --from {} --to {}

Use your own copy of verify_bundle.py and of the public key, and the anchors that were copied
outside the database, not those of this file. Needs Python 3.10 and the package cryptography.
"""


def make(
    *, first: dt.date, last: dt.date, path: Path, actor: Actor, at: dt.datetime, most: int = 0
) -> BundleInfo:
    """Write the bundle of business days `first` to `last` to a file, and record that it was made.

    It holds whole anchors: from the one that sealed the first fact of those days to the first one
    sealed after their end. `most` limits the facts (0: no limit). Raises BundleRefused when the
    days are reversed, when nothing is sealed yet, or when there are more facts.
    """
    chosen, before = _anchors_of(first, last)
    begin, end = chosen[0].first_leaf, chosen[-1].tree_size
    if most and end - begin > most:
        raise BundleRefused(
            "audit.bundle_large",
            _("%(count)s facts are too many here: ask for fewer days, or run `audit_bundle`.")
            % {"count": end - begin},
            field="last",
        )
    lost = list(strays(horizon=_newest_horizon(), most=MOST_STRAYS))
    manifest = {
        "format": verify_bundle.FORMAT,
        "from": first,
        "to": last,
        "made_at": at,
        "made_by": actor.name,
        "first_anchor": chosen[0].id,
        "last_anchor": chosen[-1].id,
        "facts": end - begin,
        "strays": len(lost),
        "key": chosen[-1].key_id,
        "verifier_sha256": hashlib.sha256(VERIFIER.read_bytes()).hexdigest(),
    }
    _write(path, manifest, chosen, before, lost)
    info = BundleInfo(
        facts=end - begin,
        anchors=len(chosen),
        first_anchor=chosen[0].id,
        last_anchor=chosen[-1].id,
        strays=len(lost),
        sha256=_digest(path),
    )
    with transaction.atomic():
        body = {
            "from": first,
            "to": last,
            "facts": info.facts,
            "first_anchor": info.first_anchor,
            "last_anchor": info.last_anchor,
            "strays": info.strays,
            "sha256": info.sha256,
        }
        audit.record(actor=actor, at=at, action="audit.bundle_made", body=body)
    return info


def _anchors_of(first: dt.date, last: dt.date) -> tuple[list[Anchor], Anchor | None]:
    if last < first:
        raise BundleRefused(
            "audit.bundle_days", _("The last day lies before the first."), field="last"
        )
    begin = dt.datetime.combine(first, dt.time(), BUSINESS_ZONE)
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), BUSINESS_ZONE)
    known = Anchor.objects.order_by("id")
    newest = known.last()
    if newest is None:
        raise BundleRefused("audit.nothing_sealed", _("Nothing is sealed yet: wait a minute."))
    low = known.filter(sealed_at__gt=begin).values_list("id", flat=True).first() or newest.id
    high = known.filter(sealed_at__gte=end).values_list("id", flat=True).first() or newest.id
    chosen = list(known.filter(id__gte=low, id__lte=max(low, high)))
    return chosen, known.filter(id=low - 1).first()


def _newest_horizon() -> int:
    newest = Anchor.objects.order_by("-id").first()
    return newest.horizon if newest else 0


def _write(
    path: Path,
    manifest: Mapping[str, Any],
    chosen: list[Anchor],
    before: Anchor | None,
    lost: list[Fact],
) -> None:
    begin, end = chosen[0].first_leaf, chosen[-1].tree_size
    handovers = Anchor.objects.filter(next_key__isnull=False, id__lt=chosen[0].id).order_by("id")
    earlier = {each.id: each for each in (*handovers, *([before] if before else ()))}
    leaves, numbers = bytearray(), bytearray()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(VERIFIER, VERIFIER.name)
        archive.writestr("README.txt", _HOW.format(manifest["from"], manifest["to"]))
        archive.writestr("manifest.json", canonical_json(manifest))
        archive.writestr("anchors.jsonl", _lines(anchors.line_of(each) for each in chosen))
        archive.writestr(
            "earlier.jsonl", _lines(anchors.line_of(earlier[number]) for number in sorted(earlier))
        )
        archive.writestr("peaks.json", json.dumps(_peaks_of(before)))
        with archive.open("facts.jsonl", "w", force_zip64=True) as facts:
            for block in placed_facts(begin=begin, end=end):
                facts.write(b"".join(_line_of(placed) for placed in block))
                for placed in block:
                    leaves += placed.leaf
                    numbers += placed.fact_id.to_bytes(8, "big")
        archive.writestr("leaves.bin", bytes(leaves))
        archive.writestr("numbers.bin", bytes(numbers))
        archive.writestr(
            "strays.jsonl",
            _lines(canonical_json({"fact": f.id, "content": content_of(f)}) for f in lost),
        )


def _line_of(placed: Placed) -> bytes:
    return (placed.content or "").encode() + b"\n"


def _lines(texts: Iterator[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _peaks_of(before: Anchor | None) -> list[str]:
    packed = bytes(before.peaks) if before else b""
    return [packed[at : at + 32].hex() for at in range(0, len(packed), 32)]


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
