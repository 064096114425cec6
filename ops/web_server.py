"""How gunicorn serves the product; each name is one of its settings."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")
wsgi_app = "ops.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # one import for all workers
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
accesslog = None
errorlog = "-"
# Uploads may be large; a request's line and headers may not.
limit_request_line = 4094
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
