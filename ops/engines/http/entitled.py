"""What runs on after its request was let in: it stops within a second of losing its right (S12)."""

import time
from collections.abc import Iterator
from typing import IO, Final, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request

from ops.engines.identity import selectors
from ops.engines.kernel.errors import Forbidden

from .actors import actor_of, plain_request

T = TypeVar("T")
EVERY: Final = 0.5  # seconds between two looks


class Entitlement:
    """The epoch, and the key or session, under which a request began; `check` refuses what ended.

    The epoch moves when the account is switched off, its password changes, or a position or scope
    is given or taken; a key is revoked and a session signed out apart from it.
    """

    def __init__(self, request: HttpRequest | Request) -> None:
        self.user_id = actor_of(request).user_id
        self.epoch = getattr(request.user, "session_epoch", None)
        self.token_id = getattr(request, "auth", None)
        session = getattr(plain_request(request), "session", None)
        self.session_key = "" if session is None else session.session_key or ""
        self.looked = time.monotonic()

    def check(self) -> None:
        """Look at most twice a second. Raises Forbidden."""
        if time.monotonic() - self.looked < EVERY:
            return
        self.looked = time.monotonic()
        if selectors.epoch_of(self.user_id) != self.epoch or not selectors.is_signed_in(
            token_id=self.token_id, session_key=self.session_key
        ):
            raise Forbidden(
                "http.right_ended", _("Your rights changed while this ran; it was stopped.")
            )


def while_entitled(rows: Iterator[T], request: HttpRequest | Request) -> Iterator[T]:
    """Pass rows on as long as the account holds what it held when the request came.

    Raises Forbidden in the middle.
    """
    held = Entitlement(request)
    for row in rows:
        held.check()
        yield row


class EntitledFile:
    """A file that is read only as long as its reader's rights stand; for a FileResponse."""

    def __init__(self, stream: IO[bytes], request: HttpRequest | Request) -> None:
        self.stream, self.held = stream, Entitlement(request)
        self.name = getattr(stream, "name", "")

    def read(self, size: int = -1) -> bytes:
        """Read on. Raises Forbidden when a right ended; the connection then breaks off."""
        self.held.check()
        return self.stream.read(size)

    def seekable(self) -> bool:
        """Say that the length can be measured."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the place of reading."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the place of reading."""
        return self.stream.tell()

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
