"""Pictures and papers are walked whole before they are kept, and handed out inert (S18)."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from ops.engines.desk import filing
from ops.engines.files import services
from ops.engines.files.errors import FileRefused
from ops.engines.files.models import Attachment
from ops.engines.kernel.actor import Actor
from tests.engines.files.conftest import AT, TYPE
from tests.support.uploads import chunk, jpeg, packed_pdf, pdf, png, segment, webp

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
ZIP_END = b"PK\x05\x06" + bytes(18)
SLOWEST, MOST_GROWN = 5.0, 200 * 1024  # seconds of work; KiB
GOOD = {
    "点.png": png(),
    "大.png": png(9000, 7000),
    "字.png": png(note="手机拍摄"),
    "点.jpg": jpeg(),
    "双.jpg": jpeg(after=jpeg()),  # a camera's second view
    "尾.jpg": jpeg(after=b"SEFH" + bytes(40)),  # what one maker's phones write behind
    "点.webp": webp(),
    "纸.pdf": pdf(),
    "链.pdf": pdf(b"<</S /URI /URI (https://example.com)>>"),
    "叠.pdf": packed_pdf(b"<</Type /Page>>"),
    "改.pdf": pdf(end=b"%%EOF\n1 0 obj <<>> endobj\n%%EOF\n"),
}
BAD = {
    "bomb.png": (png(50_000, 50_000), "files.pixels"),
    "long.png": (png(40_000, 10), "files.pixels"),
    "bomb.jpg": (jpeg(65_000, 65_000), "files.pixels"),
    "bomb.webp": (webp(16_000, 16_000), "files.pixels"),
    "none.png": (png(0, 1), "files.broken"),
    "half.png": (png()[:-5], "files.broken"),
    "flip.png": (png().replace(b"IDATx", b"IDATy"), "files.broken"),
    "tail.png": (png(after=b"behind"), "files.broken"),
    "zip.png": (png(after=ZIP_END), "files.broken"),
    "empty.png": (png()[:8], "files.broken"),
    "headless.png": (png()[:8] + chunk(b"IEND", b""), "files.broken"),
    "liar.png": (png()[:8] + b"\xff\xff\xff\xffIHDR", "files.broken"),
    "note.png": (png(note="<script>alert(1)</script>"), "files.two_kinds"),
    "half.jpg": (jpeg()[:-2], "files.broken"),
    "scan.jpg": (jpeg()[:30], "files.broken"),
    "sizeless.jpg": (b"\xff\xd8\xff\xe0\x00\x02\xff\xd9", "files.broken"),
    "parts.jpg": (jpeg()[:-2] + segment(0xFE, b"") * 60_000 + b"\xff\xd9", "files.broken"),
    "inner.jpg": (b"\xff\xd8" + jpeg(), "files.broken"),
    "html.jpg": (jpeg(note=b"--><html><body onload=alert(1)>"), "files.two_kinds"),
    "svg.jpg": (jpeg(after=SVG), "files.two_kinds"),
    "zip.jpg": (jpeg(after=b"PK\x03\x04" + bytes(40) + ZIP_END), "files.two_kinds"),
    "pdf.jpg": (jpeg(after=pdf()), "files.two_kinds"),
    "php.jpg": (jpeg(note=b"<?php system($_GET[0]); ?>"), "files.two_kinds"),
    "half.webp": (webp()[:-3], "files.broken"),
    "tail.webp": (webp(after=b"<script>"), "files.broken"),
    "liar.webp": (b"RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f", "files.broken"),
    "gif.png": (b"GIF89a/*" + bytes(40), "files.kind"),
    "svg.png": (SVG, "files.kind"),
    "html.pdf": (b"<html>" + pdf(), "files.kind"),
    "half.pdf": (pdf(end=b""), "files.broken"),
    "js.pdf": (pdf(b"<</OpenAction <</S /JavaScript /JS (app.alert(1))>>>>"), "files.active"),
    "hidden.pdf": (pdf(b"<</S /J#61vaScr#69pt /JS (app.alert(1))>>"), "files.active"),
    "packed.pdf": (packed_pdf(b"<</S /JavaScript /JS (app.alert(1))>>"), "files.active"),
    "run.pdf": (pdf(b"<</S /Launch /F (cmd.exe)>>"), "files.active"),
    "form.pdf": (pdf(b"<</S /SubmitForm /F (http://127.0.0.1/)>>"), "files.active"),
    "film.pdf": (pdf(b"<</Subtype /RichMedia>>"), "files.active"),
}


def store(keeper: Actor, name: str, data: bytes) -> None:
    services.store(object_type=TYPE, object_id=1, name=name, data=data, actor=keeper, at=AT)


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_plain_file_is_kept_byte_by_byte(keeper: Actor, media: Path, name: str) -> None:
    store(keeper, name, GOOD[name])

    kept = [path.read_bytes() for path in media.rglob("*") if path.is_file()]
    assert kept == [GOOD[name]]


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_handed_out_inert(keeper: Actor, name: str) -> None:
    store(keeper, name, GOOD[name])
    row = Attachment.objects.get()

    answer = filing.handed_out(services.open_file(attachment_id=row.pk, actor=keeper))

    is_picture = row.content_type.startswith("image/")
    assert answer.getvalue() == GOOD[name]
    assert answer["Content-Type"] == row.content_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"].startswith("inline" if is_picture else "attachment")


@pytest.mark.parametrize("name", BAD)
def test_what_is_broken_too_large_double_or_active_is_refused(
    keeper: Actor, media: Path, name: str
) -> None:
    data, code = BAD[name]

    with pytest.raises(FileRefused) as caught:
        store(keeper, name, data)

    assert caught.value.code == code
    assert Attachment.objects.count() == 0
    assert not any(path.is_file() for path in media.rglob("*"))


@pytest.mark.parametrize("whole", [png(9, 9, note="x" * 300), jpeg(9, 9), webp(9, 9), pdf()])
def test_a_file_cut_off_anywhere_is_refused(keeper: Actor, whole: bytes) -> None:
    ending = {0x89: "png", 0xFF: "jpg", 0x52: "webp", 0x25: "pdf"}[whole[0]]
    for part in range(1, 16):
        with pytest.raises(FileRefused):
            store(keeper, f"a.{ending}", whole[: len(whole) * part // 16])

    assert Attachment.objects.count() == 0


def costly() -> dict[str, bytes]:
    """Return files as large as is taken, each made to be walked for long."""
    most = services.MAX_BYTES
    deep = b"<<" * 1000 + b"/A " * 1000
    return {
        "chunks.png": png()[:-12] + chunk(b"aaAa", b"") * ((most - 200) // 12) + png()[-12:],
        "markers.jpg": jpeg()[:-2] + segment(0xFE, b"") * ((most - 400) // 4) + b"\xff\xd9",
        "scan.jpg": jpeg()[:-2] + b"\xff\x00" * ((most - 400) // 2) + b"\xff\xd9",
        "names.pdf": pdf(deep * ((most - 4000) // len(deep))),
        "streams.pdf": pdf(b"/ObjStm " * ((most - 400) // 8)),
        "unpacks.pdf": packed_pdf(bytes(900 * 1024 * 1024 // 8)),
    }


@pytest.mark.parametrize("name", costly())
def test_a_verdict_takes_seconds_and_little_memory(keeper: Actor, name: str) -> None:
    data = costly()[name]
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    try:
        store(keeper, name, data)
    except FileRefused as refusal:
        assert refusal.code.startswith("files.")  # noqa: PT017 either verdict is one

    assert time.process_time() - began < SLOWEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWN
