"""Ask the API as one of the company's people, and expect to be served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.badinput.ground import Ground

API = "/api/v1"


def ask(ground: Ground, name: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Post as an account and return the answer; a refusal fails."""
    answer = ground.api(name).post(API + path, body or {}, format="json")
    assert answer.status_code < 300, f"{name} {path}: {answer.content.decode()}"
    return answer.json()
