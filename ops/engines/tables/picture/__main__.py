"""The looking child: `python -m ops.engines.tables.picture '<request as JSON>'`.

Standard input is the uploaded picture, the descriptor named in the request takes the answer. The
codecs are loaded before the doors are closed; after that no file and no socket can be opened.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO, Final

# Decoders load one another on first use, and later no module file can be opened: all at once.
from PIL import (
    ExifTags,
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401 reads how a camera was held
    WebPImagePlugin,
)

from ops.engines.tables.child.confine import close_the_doors, confine
from ops.engines.tables.limits import Limits

_FORMATS: Final = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
# A JPEG with a second view behind it, as some cameras write it, is looked at by its first.
_TWO_VIEWS: Final = MpoImagePlugin.MpoImageFile.format
_SIDE: Final = 288
_LYING: Final = 5
_WIDE, _HIGH = 9, 8
_WHITE = (255, 255, 255, 255)


def main() -> None:
    """Look at one picture under limits and answer with what it is, or with a refusal."""
    request = json.loads(sys.argv[1])
    confine(Limits(**request["limits"]))
    # The pixels are counted from the header, before one of them is decoded.
    Image.MAX_IMAGE_PIXELS = None
    Image.preinit()
    source: BinaryIO = os.fdopen(0, "rb")
    with os.fdopen(request["answer"], "wb") as answer:
        close_the_doors()
        answer.write(json.dumps(_look(source, request["most_pixels"])).encode())


def _look(source: BinaryIO, most_pixels: int) -> dict[str, Any]:
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            if picture.width * picture.height > most_pixels:
                return {"refused": "picture_too_large"}
            if picture.format != _TWO_VIEWS and getattr(picture, "n_frames", 1) > 1:
                return {"refused": "picture_moves"}
            picture.load()
            # A small copy is turned and flattened: a large one would not fit beside the original.
            small = _plain(picture).resize((_SIDE, _SIDE), Image.Resampling.BOX)
            is_lying = picture.getexif().get(ExifTags.Base.Orientation, 1) >= _LYING
            width, height = picture.size
            return {
                "format": "JPEG" if picture.format == _TWO_VIEWS else picture.format,
                "width": height if is_lying else width,
                "height": width if is_lying else height,
                "dhash": _dhash(ImageOps.exif_transpose(small)),
            }
    except (MemoryError, RecursionError):
        return {"refused": "too_costly"}
    except Exception:  # noqa: BLE001 whatever a decoder says about a stranger's bytes
        return {"refused": "picture_broken"}


def _plain(picture: Image.Image) -> Image.Image:
    return picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGBA")


def _dhash(picture: Image.Image) -> str:
    """Return 64 bits, row by row: whether a spot is brighter than the one on its right.

    What is transparent is white, as the page shows it.
    """
    flat = Image.new("RGBA", picture.size, _WHITE)
    flat.alpha_composite(picture.convert("RGBA"))
    spots = flat.convert("L").resize((_WIDE, _HIGH), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(_HIGH):
        for column in range(_WIDE - 1):
            place = row * _WIDE + column
            bits = bits << 1 | (spots[place] > spots[place + 1])
    return f"{bits:016x}"


main()
