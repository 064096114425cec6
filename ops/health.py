"""Liveness and readiness: is this process up, and can it do its work?"""

import logging

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

RETRY_AFTER_SECONDS = 5
log = logging.getLogger(__name__)


def database_answers() -> bool:
    """Tell whether the app role can run a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        log.warning("health: the database does not answer")
        return False
    return True


def broker_answers() -> bool:
    """Tell whether the broker answers now; an in-memory broker always does."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("memory:"):
        return True
    client = redis.Redis.from_url(
        url.replace("redis+socket://", "unix://").partition("?virtual_host=")[0],
        retry=Retry(NoBackoff(), 0),  # the client's own retries would make the prober wait
        socket_timeout=2,
        socket_connect_timeout=2,
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        log.warning("health: the broker does not answer")
        return False
    finally:
        client.close()


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is up, else 503 with Retry-After; `?live` asks only for life."""
    if "live" in request.GET:
        return JsonResponse({"status": "ok"})
    parts = {"database": database_answers(), "broker": broker_answers()}
    shown = {name: "ok" if up else "down" for name, up in parts.items()}
    if all(parts.values()):
        return JsonResponse({"status": "ok", "parts": shown})
    return JsonResponse(
        {"status": "down", "parts": shown},
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
