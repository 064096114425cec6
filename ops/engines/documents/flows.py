"""The approval flow of rule documents: publication, revision, abolition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops.engines.approvals.flows import Example, Flow, Step, register
from ops.engines.documents import rules
from ops.engines.documents.policies import WRITERS
from ops.engines.documents.services import deciding
from ops.engines.identity.choices import Role


def is_company_rule(shown: Mapping[str, Any]) -> bool:
    """Say whether the rule binds the whole company, so that the director decides too."""
    return bool(shown["is_company"])


def is_department_rule(shown: Mapping[str, Any]) -> bool:
    """Say whether the rule binds one department, whose head decides first."""
    return not shown["is_company"]


def describe(content: Mapping[str, Any]) -> str:
    """Say in one sentence what is asked for."""
    words = (
        _("Abolish %(code)s %(title)s v%(version)s: %(reason)s")
        if content["action"] == "abolish"
        else _("Publish %(code)s %(title)s v%(version)s: %(reason)s")
    )
    return words % {key: content[key] for key in ("code", "title", "version", "reason")}


def _example(*, is_company: bool) -> Example:
    return Example(
        content={
            "action": "publish",
            "code": "QHSE-07",
            "title": "Fire safety of warehouses",
            "version": 2,
            "text": "1. Extinguishers are looked at every month.",
            "reason": "the insurer asks for it",
            "impact": "",
            "effective_on": "2100-01-01",
            "expires_on": None,
            "is_company": is_company,
            "lines": [{"version": 1, "digest": "0" * 64}],
        },
        figures={"added": 1, "removed": 0},
    )


RULE_DOCUMENT = register(
    Flow(
        rules.FLOW,
        title=gettext_lazy("Rule document"),
        requester=frozenset(WRITERS),
        steps=(
            Step(Role.DEPARTMENT_HEAD, when=is_department_rule, area="ops"),
            Step(Role.COMPLIANCE_OFFICER),
            Step(Role.OPERATIONS_DIRECTOR, when=is_company_rule),
        ),
        area="compliance",
        effect=deciding.decided,
        on_return=deciding.returned,
        guards="documents_documentversion",
        clauses=("GEN-1.3-05", "HR-1.2-06", "ANX-8.2-01"),
        describe=describe,
        examples=(_example(is_company=True), _example(is_company=False)),
    )
)
