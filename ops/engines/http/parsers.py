"""The one reader of JSON bodies: strict where the standard library is kind."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from ops.engines.kernel.errors import BadInput

from .errors import BodyTooLarge

MAX_DEPTH = 32
MAX_DIGITS = 18
MAX_ITEMS = 5_000
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without twins, depth, giant numbers, NaN or broken characters."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read a body.

        Raises BadInput for what is not strict JSON, BodyTooLarge past the view's `max_body`.
        """
        view = (parser_context or {}).get("view")
        most: int = getattr(view, "max_body", 2 * 1024 * 1024)
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise BodyTooLarge("http.too_large", _("The request is too large."))
        return read_json(raw)


def read_json(raw: bytes) -> Any:
    """Read strict JSON.

    Raises BadInput.
    """
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("input.json_mark", _("The JSON starts with a byte order mark."))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("input.json_utf8", _("The JSON is not UTF-8.")) from error
    _check_depth(text)
    try:
        read = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput("input.json", _("The body is not JSON.")) from error
    if text.count(",") >= MAX_ITEMS:
        _check_lengths(read)
    if _SURROGATE.search(text):
        _check_texts(read)
    return read


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise BadInput("input.json_depth", _("The JSON is nested too deeply."))


def _check_lengths(value: Any) -> None:
    """Refuse a list or an object longer than any route takes, before a serializer walks it."""
    if not isinstance(value, list | dict):
        return
    if len(value) > MAX_ITEMS:
        raise BadInput(
            "input.json_items",
            _("At most %(most)s entries in one list.") % {"most": MAX_ITEMS},
        )
    for item in value.values() if isinstance(value, dict) else value:
        _check_lengths(item)


def _check_texts(value: Any) -> None:
    """Refuse lone surrogates, which no UTF-8 can carry."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadInput("input.text_broken", _("The text holds a broken character.")) from error
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise BadInput("input.json_twins", _("The JSON names one key twice."))
    return made


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise BadInput("input.json_number", _("A number in the JSON is too long."))
    return int(text)


def _decimal(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")} or len(text) > 40:
        raise BadInput("input.json_number", _("A number in the JSON is too long."))
    return number


def _constant(text: str) -> Any:
    raise BadInput("input.json_constant", _("The JSON holds NaN or Infinity."))
