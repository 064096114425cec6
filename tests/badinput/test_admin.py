"""The record screens give nothing away and change nothing, whatever is asked (section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from ops.engines.identity.models import User
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground
from tests.badinput.judging import FULL, Verdicts, asked, one_by_one, parted

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READERS = ("auditor", "it_supervisor", "director", "finance_manager", "specialist", "compliance")
SECRETS = (
    {"person__user__password__startswith": "p"}, {"user__password__startswith": "p"},
    {"password__startswith": "p"}, {"totp_secret__regex": "."}, {"token_hash__startswith": "a"},
    {"drafted_by__password__startswith": "p"},
)  # fmt: skip
QUERIES: tuple[dict[str, Any], ...] = (
    {"_popup": "1", "_to_field": "password"}, {"_to_field": "id"}, {"id__gt": "0"}, {"id": "x"},
    {"_connector": "OR"}, {"p": "-1"}, {"p": "99999999999999999999"}, {"o": "99.-99.x"}, {"all": ""},
    {"q": "\x00"}, {"q": "'; --"}, {"q": "%" * 3000}, {"e": "1"}, {"_changelist_filters": "\x00"},
    {"id__in": "1,x"}, {"pk__isnull": "maybe"}, {"id__regex": "(a+)+$"}, {"date_hierarchy__year": "x"},
)  # fmt: skip
MOST = 1000 if FULL else 1
KEYS = ("0", "-1", "x", "1_2F", "99999999999999999999", "1%00", "_5F", "٣", "1/change/../delete")


def reader(ground: Ground, model: type[Model]) -> Client | None:
    """Return a browser of somebody who may see these records."""
    policy = getattr(admin.site._registry[model], "policy")  # noqa: B009 not every admin has one
    allowed = [name for name in READERS if policy.allows(ground.actors[name])]
    allowed += [name for name in ground.who_may(policy) if name not in allowed]
    staff = User.objects.filter(username__in=allowed, is_staff=True).values_list(
        "username", flat=True
    )
    names = [name for name in allowed if name in set(staff)]
    return ground.browser(names[0]) if names else None


def listed(model: type[Model], page: str = "changelist", *key: object) -> str:
    """Return the address of a record screen."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=key)


def column_not_offered(model: type[Model], turn: int) -> dict[str, str]:
    """Return a lookup by a column that the model has and its list does not offer."""
    declared = admin.site._registry[model].list_filter
    offered = {each[0] if isinstance(each, tuple) else each for each in declared}
    names = [each.name for each in model._meta.concrete_fields if each.name not in offered]
    return {f"{names[turn % len(names)]}__isnull": "0"}


def label_of(model: type[Model]) -> str:
    """Return the name verdicts use."""
    return model._meta.label


@pytest.mark.parametrize("part", parted(MODELS), ids=lambda part: label_of(part[0]))
def test_a_record_screen_is_read_only_and_keeps_its_secrets(
    ground: Ground, part: Sequence[type[Model]]
) -> None:
    verdicts = Verdicts()

    # Signing in is remembered on the account: everybody signs in before the first look.
    readers = {model: reader(ground, model) for model in part}
    for model in one_by_one(verdicts, part, label_of):
        name, turn, client = label_of(model), MODELS.index(model), readers[model]
        assert client is not None, f"nobody may see the records {name}"
        plain = asked(client.get, listed(model))
        if plain.status_code != 200:
            verdicts.say(name, "", plain, f"answered {plain.status_code}")
        for query in sampled(list(QUERIES), MOST, turn):
            answer = asked(client.get, listed(model), query)
            if answer.status_code >= 500:
                verdicts.say(name, query, answer, f"broke with {answer.status_code}")
        for query in [column_not_offered(model, turn), *sampled(list(SECRETS), MOST - 1, turn)]:
            answer = asked(client.get, listed(model), query)
            if answer.status_code not in {302, 400}:
                verdicts.say(name, query, answer, f"answered a secret with {answer.status_code}")
        for key in sampled(list(KEYS), MOST, turn):
            address = f"{listed(model)}{key}/change/"
            answer = asked(client.get, address)
            if answer.status_code not in {302, 400, 404}:
                verdicts.say(name, key, answer, f"answered {answer.status_code}")
        _write(client, model, verdicts, turn)

    verdicts.hold()


def _write(client: Client, model: type[Model], verdicts: Verdicts, turn: int) -> None:
    first = model._default_manager.order_by("pk").first()
    pk = first.pk if first is not None else 1
    formset = {"form-TOTAL_FORMS": "1000000000", "form-INITIAL_FORMS": "-1", "form-0-id": "-1"}
    action = {
        "action": "delete_selected",
        "select_across": "1",
        "index": "-1",
        "_selected_action": ["1", "x"],
    }
    writes: list[tuple[str, dict[str, Any]]] = [
        (listed(model), {**action, "post": "yes"}),
        (listed(model), {**formset, "_save": "1"}),
        (listed(model, "add"), {"id": str(pk), "_popup": "1", "_to_field": "password"}),
        (listed(model, "change", pk), {"id": "1", "file": "/etc/passwd", **formset}),
        (listed(model, "delete", pk), {"post": "yes"}),
    ]
    for address, body in sampled(writes, 2 * MOST, turn):
        answer = asked(client.post, address, body)
        if answer.status_code >= 500:
            verdicts.say(model._meta.label, body, answer, f"broke with {answer.status_code}")
        elif answer.status_code == 200 and "errornote" not in answer.content.decode():
            verdicts.say(model._meta.label, body, answer, "was taken")


def test_a_form_from_elsewhere_is_refused(ground: Ground) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies = ground.browser("auditor").cookies
    with_other = Client(enforce_csrf_checks=True, raise_request_exception=False)
    with_other.cookies = ground.browser("auditor").cookies
    token = {"csrfmiddlewaretoken": "a" * 64}

    for model in MODELS[::10]:
        assert strict.post(listed(model), {"action": "delete_selected"}).status_code == 403
        assert with_other.post(listed(model), {"action": "x", **token}).status_code == 403
