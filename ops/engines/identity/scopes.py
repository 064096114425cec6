"""Kinds of things an account may be confined to: apps register theirs, grants name them."""

from django.apps import apps
from django.db import models

WORK_IN = "work_in"

_kinds: dict[str, str] = {}


def register_scope_kind(kind: str, model_label: str) -> None:
    """Let objects of a model be granted as scope `kind`; called from `AppConfig.ready`.

    The model's Meta declares the permission `work_in`. Raises RuntimeError when the kind is taken.
    """
    label = model_label.lower()
    if _kinds.setdefault(kind, label) != label:
        raise RuntimeError(f"scope kind {kind} is registered twice")


def scope_kinds() -> dict[str, str]:
    """Return the registered kinds and the lower-case label of each one's model."""
    return dict(_kinds)


def kind_of_label(label: str) -> str | None:
    """Return the kind a model label stands for."""
    return next((kind for kind, held in _kinds.items() if held == label), None)


def scope_model(kind: str) -> type[models.Model]:
    """Return the model of a kind.

    Raises KeyError for an unregistered kind.
    """
    return apps.get_model(_kinds[kind])
