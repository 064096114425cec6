"""The three processes of the product: web, worker, beat. Each function runs until it is told."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from gunicorn.app.base import BaseApplication

from ops import web_server
from ops.celery import app as celery_app

LOG_LEVEL = "WARNING"


class _WebServer(BaseApplication):
    """gunicorn with the settings of ops.web_server, on an address or an open socket."""

    def __init__(self, bind: str) -> None:
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        for name in self.cfg.settings:
            value = getattr(web_server, name, None)
            if value is not None and name != "wsgi_app":
                self.cfg.set(name, value)
        self.cfg.set("bind", self._bind)

    def load(self) -> Any:
        # Loaded here, not above: the middleware reads the collected static files when it is made.
        return import_string(web_server.wsgi_app.replace(":", "."))


def web(bind: str) -> None:
    """Serve HTTP on "host:port" or on an inherited socket, "fd://N"."""
    _WebServer(bind).run()


def worker() -> None:
    """Work on tasks."""
    celery_app.worker_main(
        [
            "worker",
            f"--loglevel={LOG_LEVEL}",
            f"--concurrency={settings.CELERY_WORKER_CONCURRENCY}",
            "--without-gossip",
            "--without-mingle",
        ]
    )


def beat() -> None:
    """Tick."""
    celery_app.start(["beat", f"--loglevel={LOG_LEVEL}", "--pidfile="])
