"""A network that fails on purpose: a TCP proxy that delays, resets, goes silent, or loses answers.

It listens on a port of its own and passes bytes to a TCP address or a Unix socket. What it does to
them is set from outside, at any moment, from any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Address = tuple[str, int] | Path
# Looks at bytes on their way; False loses them and resets the connection.
Look = Callable[["Line", bytes], bool]

_CHUNK = 256 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Line:
    """One connection through the proxy; `marks` is for whoever looks at its bytes."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_dead: bool = False
    marks: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """End both sides at once, with RST."""
        for side in (self.client, self.server):
            raw = side.get_extra_info("socket")
            with contextlib.suppress(OSError):
                if raw is not None and raw.family != socket.AF_UNIX:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            side.transport.abort()


def _end(lines: list[Line]) -> None:
    for line in lines:
        line.reset()


class Proxy:
    """One proxy in a thread of its own: `start`, then spoil, then `stop`."""

    def __init__(self, upstream: Address) -> None:
        self.upstream = upstream
        self.port = 0
        self.delay: tuple[float, float] | None = None  # seconds, drawn anew for each piece
        self.on_question: Look | None = None
        self.on_answer: Look | None = None
        self._lines: set[Line] = set()
        self._open = threading.Event()  # closed while the network is parted
        self._open.set()
        self._draws = random.Random(20261126)  # noqa: S311
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> Proxy:
        """Listen on a free port of this machine."""
        self._thread.start()
        server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        self.reset()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def reset(self) -> None:
        """End every connection with RST."""
        self._do(self._reset())

    def part(self) -> None:
        """Let nothing through, both ways, until `heal`; new connections hear nothing either."""
        self._open.clear()

    def heal(self) -> None:
        """Let everything through again, also what was sent meanwhile."""
        self._open.set()

    def go_silent(self, *, noticed_after: float | None = None) -> None:
        """Leave every connection half open: the other side is gone and nobody says so.

        `noticed_after` so many seconds the kernel of a host that sends keep-alives would end them.
        """
        silent = self._do(self._go_silent())
        if noticed_after is not None:
            self._loop.call_soon_threadsafe(self._loop.call_later, noticed_after, _end, silent)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _reset(self) -> None:
        _end(list(self._lines))

    async def _go_silent(self) -> list[Line]:
        silent = list(self._lines)
        for line in silent:
            line.is_dead = True
            line.server.transport.abort()
        return silent

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if isinstance(self.upstream, Path):
                back = await asyncio.open_unix_connection(str(self.upstream), limit=_CHUNK)
            else:
                back = await asyncio.open_connection(*self.upstream, limit=_CHUNK)
        except OSError:
            writer.transport.abort()
            return
        line = Line(client=writer, server=back[1])
        self._lines.add(line)
        try:
            await asyncio.gather(
                self._pass(line, reader, line.server, is_answer=False),
                self._pass(line, back[0], line.client, is_answer=True),
            )
        finally:
            self._lines.discard(line)
            line.server.close()
            if not line.is_dead:
                line.client.close()

    async def _pass(
        self,
        line: Line,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        is_answer: bool,
    ) -> None:
        try:
            while data := await source.read(_CHUNK):
                if self.delay is not None:
                    await asyncio.sleep(self._draws.uniform(*self.delay))
                while not self._open.is_set():
                    await asyncio.sleep(0.02)
                look = self.on_answer if is_answer else self.on_question
                # In a thread: who looks may wait, and the other connections must go on.
                if look is not None and not await asyncio.to_thread(look, line, data):
                    line.reset()
                    return
                if line.is_dead:
                    continue
                target.write(data)
                await target.drain()
        except OSError:
            pass
        if line.is_dead and is_answer:
            return  # the server's side of a half-open line ends; the client is not told
        with contextlib.suppress(OSError):
            target.close()
