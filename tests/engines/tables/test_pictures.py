"""Uploaded pictures are decoded in a confined child: true ones are told, others refused."""

import io
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageDraw

from ops.engines.tables import pictures
from ops.engines.tables.errors import TableRefused
from ops.engines.tables.limits import DEFAULT


def drawn(*, size: tuple[int, int] = (900, 800), turned: bool = False) -> Image.Image:
    """Return a picture with shapes; turned, the same from another angle."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    wide, high = size
    pen.rectangle((wide // 8, high // 6, wide // 2, high - high // 5), fill="navy")
    pen.ellipse((wide // 2, high // 3, wide - wide // 9, high - high // 9), fill="tan")
    pen.line((0, 0, wide, high // 2), fill="black", width=max(2, wide // 40))
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if turned else picture


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a picture."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_told_by_its_pixels(kind: str) -> None:
    found = pictures.look(saved(drawn(), kind))

    assert (found.format, found.width, found.height) == (kind, 900, 800)
    assert len(found.dhash) == 16


def test_rescaled_and_recoded_it_looks_alike_and_from_another_angle_it_does_not() -> None:
    first = pictures.look(saved(drawn()))
    smaller = pictures.look(saved(drawn().resize((450, 400)), "JPEG", quality=60))
    other = pictures.look(saved(drawn(turned=True)))

    assert pictures.look_alike(first.dhash, smaller.dhash)
    assert not pictures.look_alike(first.dhash, other.dhash)


def test_a_picture_is_measured_as_people_see_it() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6

    found = pictures.look(saved(drawn(), "JPEG", exif=turned))

    upright = pictures.look(saved(drawn().transpose(Image.Transpose.ROTATE_270)))
    assert (found.width, found.height) == (800, 900)
    assert pictures.look_alike(found.dhash, upright.dhash)


def test_what_is_transparent_counts_as_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))

    assert (
        pictures.look(saved(clear)).dhash
        == pictures.look(saved(Image.new("L", (64, 64), 255))).dhash
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def bomb() -> bytes:
    """Return a small PNG that says it is 60,000 pixels wide and high."""
    side = (60_000).to_bytes(4, "big")
    head = chunk(b"IHDR", side + side + b"\x08\x00\x00\x00\x00")
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "tables.picture_broken"),
        (b"GIF89a" + bytes(60), "tables.picture_broken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "tables.picture_broken"),
        (saved(drawn())[:900], "tables.picture_broken"),
        (saved(drawn(), "GIF"), "tables.picture_broken"),
        (bomb(), "tables.picture_too_large"),
        (
            saved(drawn(), "WEBP", save_all=True, append_images=[drawn(turned=True)]),
            "tables.picture_moves",
        ),
    ],
)
def test_what_is_no_still_picture_of_a_known_kind_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as caught:
        pictures.look(data)

    assert caught.value.code == code


def test_a_picture_that_costs_too_much_memory_is_refused() -> None:
    large = saved(Image.new("RGB", (6000, 6000), "white"))

    with pytest.raises(TableRefused) as caught:
        pictures.look(large, limits=replace(DEFAULT, memory_bytes=110 * 1024 * 1024))

    assert caught.value.code in {"tables.too_costly", "tables.reader_died"}
    assert pictures.look(large).width == 6000


def test_too_many_bytes_are_refused_before_a_child_starts() -> None:
    with pytest.raises(TableRefused) as caught:
        pictures.look(bytes(21 * 1024 * 1024))

    assert caught.value.code == "tables.file_too_large"
