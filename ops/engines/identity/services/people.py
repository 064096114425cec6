"""Persons and departments."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ops.engines.audit import services as audit
from ops.engines.identity.errors import PersonMissing, translated
from ops.engines.identity.models import Department, Person
from ops.engines.identity.policies import MANAGE_PEOPLE
from ops.engines.identity.types import DepartmentInfo, PersonInfo
from ops.engines.kernel import parse
from ops.engines.kernel.actor import Actor


def create_person(
    *, name: str, name_en: str = "", employee_no: str = "", actor: Actor, at: datetime
) -> PersonInfo:
    """Enter a human being.

    Raises BadInput, Forbidden, NameTaken (employee number).
    """
    MANAGE_PEOPLE.require(actor)
    number = parse.code(employee_no, most=40) if employee_no else None
    with transaction.atomic(), translated():
        person = Person.objects.create(
            name=parse.text(name, most=80, least=1),
            name_en=parse.text(name_en, most=80),
            employee_no=number,
        )
        audit.record(
            actor=actor,
            at=at,
            action="identity.person_created",
            obj=("identity.person", person.pk),
            body={"name": person.name, "employee_no": number},
        )
    return PersonInfo(person_id=person.pk, name=person.name)


def create_department(
    *,
    code: str,
    name: str,
    name_en: str = "",
    parent_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> DepartmentInfo:
    """Add a node to the tree of departments; without a parent it is a company.

    Raises BadInput, Forbidden, NameTaken, PersonMissing (parent).
    """
    MANAGE_PEOPLE.require(actor)
    with transaction.atomic(), translated():
        if parent_id is not None and not Department.objects.filter(pk=parent_id).exists():
            raise PersonMissing("identity.department_missing", _("There is no such department."))
        made = Department.objects.create(
            code=parse.code(code, most=40),
            name=parse.text(name, most=80, least=1),
            name_en=parse.text(name_en, most=80),
            parent_id=parent_id,
        )
        audit.record(
            actor=actor,
            at=at,
            action="identity.department_created",
            obj=("identity.department", made.pk),
            body={"code": made.code, "name": made.name, "parent": parent_id},
        )
    return DepartmentInfo(
        department_id=made.pk, code=made.code, name=made.name, parent_id=parent_id
    )
