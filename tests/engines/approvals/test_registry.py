"""Every declared flow keeps the rules that hold for all of them."""

import pytest
from django.db import connection

from ops.engines.approvals.flows import Flow, Step, flow_named, flows, register
from ops.engines.identity.choices import Role
from ops.engines.kernel.policy import declared

TRIGGERS = """
SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relname = %s AND NOT t.tgisinternal AND t.tgenabled <> 'D'
"""


def test_every_flow_ends_in_a_decision_and_declares_who_may_ask() -> None:
    for key, flow in flows().items():
        assert not flow.steps[-1].opinion, key
        assert flow.requester, key
        assert ("flow", key) in declared(["flow"]), key


@pytest.mark.django_db
def test_every_guarded_table_has_its_trigger() -> None:
    for key, flow in flows().items():
        if flow.guards is not None:
            with connection.cursor() as cursor:
                cursor.execute(TRIGGERS, [flow.guards])
                assert cursor.fetchone()[0] > 0, f"{key} guards {flow.guards} in name only"


def test_no_level_is_above_itself() -> None:
    for flow in flows().values():
        for role in Role:
            seen, above = {str(role)}, flow.level_above(role)
            while above is not None:
                assert above not in seen, f"{flow.key}: {role} climbs in a circle"
                seen.add(above)
                above = flow.level_above(above)


def test_a_flow_is_declared_once_and_must_decide() -> None:
    toy = Flow("toy_once", "x", frozenset({Role.AUDITOR}), (Step(Role.EXECUTIVE),), area="ops")
    assert register(toy) is register(toy) is flow_named("toy_once")

    with pytest.raises(RuntimeError, match="declared twice"):
        register(
            Flow("toy_once", "x", frozenset({Role.AUDITOR}), (Step(Role.EXECUTIVE),), area="ops")
        )
    with pytest.raises(TypeError, match="decision"):
        register(
            Flow(
                "toy_opinion",
                "x",
                frozenset({Role.AUDITOR}),
                (Step(Role.EXECUTIVE, opinion=True),),
                area="ops",
            )
        )
    with pytest.raises(LookupError):
        flow_named("toy_nobody_declared")
