"""Migrate without building models again for what changes no model.

When a migration adds an index or a constraint, Django builds the model and everything related to
it anew, which was half of the time of the first start. Neither changes a field or a relation, and
PostgreSQL's schema editor reads nothing but the index or the constraint itself, so it is enough
to note it on the model that is already there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState


def _note_option(
    state: ProjectState, app_label: str, model_name: str, option_name: str, obj: Any
) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options.get(option_name, []), obj]
    if "apps" in state.__dict__:  # only when the models have been built
        model = state.apps.get_model(app_label, model_name)
        setattr(model._meta, option_name, list(options[option_name]))  # noqa: SLF001


@contextmanager
def quick_constraints() -> Iterator[None]:
    """Note added indexes and constraints on the built models, as long as this lasts."""
    usual = ProjectState._append_option  # type: ignore[attr-defined]  # noqa: SLF001
    ProjectState._append_option = _note_option  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield
    finally:
        ProjectState._append_option = usual  # type: ignore[attr-defined]  # noqa: SLF001
