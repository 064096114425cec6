"""The product served from this process, on a database of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections


class _Quiet(WSGIRequestHandler):
    """A handler that prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the framework's name
        """Say nothing."""


class _Server(ThreadedWSGIServer):
    """A server whose threads give their database connections back."""

    daemon_threads = True

    def close_request(self, request: object) -> None:
        """Close what the thread had open, then the request."""
        for link in connections.all(initialized_only=True):
            link.close()
        super().close_request(request)  # type: ignore[arg-type]


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """Serve until the block ends and give the address; port 0 takes a free one."""
    server = _Server(("127.0.0.1", port), _Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
