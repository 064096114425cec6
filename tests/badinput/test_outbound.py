"""Whatever address somebody types or sends in a file, the product asks no other host (S17)."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework import serializers

from ops.engines.documents import typesetting
from ops.engines.documents.papers import STANDARD
from ops.engines.events import delivery
from ops.engines.jobs import declarations as jobs
from ops.engines.jobs import services as job_services
from ops.engines.jobs.choices import RunState
from ops.engines.kernel.actor import Actor
from ops.engines.notices import services as notices
from ops.engines.tables import reader
from ops.engines.tables.errors import TableRefused
from ops.engines.tables.registry import profiles
from tests.badinput.bodies import example, send
from tests.badinput.corpus import sampled
from tests.badinput.ground import Ground, undone
from tests.badinput.judging import FULL, drawn, seed_of
from tests.badinput.operations import UNSAFE, Operation, fields_of, name_of, operations
from tests.engines.tables import builders
from tests.support.listening import Ear, ear

MOST_OPERATIONS, OF_ONE_FIELD = 40, 48 if FULL else 2
BEAT = Actor.system("tests.badinput")
NOT_NOW = {
    "stock_month_close": "the month is not over",
    "finance_month_close": "the month is not over",
}
# It writes by a connection of its own, which nothing undoes: anchors would stay for other tests.
NOT_RUN = "audit_seal"


@pytest.fixture
def heard() -> Iterator[Ear]:
    """Listen while the test runs; nothing may have been asked at its end."""
    with ear() as listening:
        yield listening
    assert listening.asked == []


def texts(operation: Operation) -> list[str]:
    """Return the fields of an operation that take free text."""
    found = fields_of(operation.serializer) if operation.serializer is not None else {}
    choices = serializers.ChoiceField | serializers.FileField
    return [
        name
        for name, one in found.items()
        if isinstance(one, serializers.CharField) and not isinstance(one, choices)
    ]


def test_the_ear_hears_and_the_listener_is_there() -> None:
    with ear() as listening:
        with socket.create_connection(("127.0.0.1", listening.port)) as guest:
            assert guest.recv(1) == b""
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("nobody.invalid", 80)

    assert "somebody came to the listener" in listening.asked
    assert any("nobody.invalid" in one for one in listening.asked)
    assert any(one.startswith("socket.connect") for one in listening.asked)


def test_no_address_in_a_body_is_asked(ground: Ground, heard: Ear) -> None:
    writing = [one for one in operations() if one.method in UNSAFE and not one.is_form]
    typed = taken = 0

    for operation in drawn([one for one in writing if texts(one)], MOST_OPERATIONS, name_of):
        asked = example(ground, operation)
        for name in texts(operation):
            for address in sampled(heard.addresses, OF_ONE_FIELD, seed_of(operation.name + name)):
                with undone():
                    answer = send(ground, operation, asked, {**asked.body, name: address})
                    delivery.drain(at=timezone.now())
                    notices.send_due(at=timezone.now())
                typed += 1
                taken += answer.status_code < 300

    assert typed > 100
    assert taken > 10


def test_no_address_in_a_file_is_asked(ground: Ground, heard: Ear) -> None:
    for name, data in _files(heard):
        for entry in profiles() if FULL else profiles()[:3]:
            file = SimpleUploadedFile(name, data)
            sent = {"profile": entry.profile.name, "file": file}
            with undone():
                answer = ground.browser("supervisor").post("/imports/", sent)
            assert answer.status_code < 500
        with tempfile.NamedTemporaryFile() as kept:
            Path(kept.name).write_bytes(data)
            try:
                with reader.open_table(Path(kept.name), name=name) as table:
                    list(table.records())
            except TableRefused:
                continue


def _files(heard: Ear) -> Iterator[tuple[str, bytes]]:
    port = heard.port
    where = f"http://127.0.0.1:{port}/a"
    lines = "\n".join(
        f'A-{n},"{a.replace(chr(34), chr(34) * 2)}"' for n, a in enumerate(heard.addresses)
    )
    yield "调价.csv", f"sku,price\n{lines}\n".encode()
    yield f"{where}/x.csv", b"sku,price\nA,1\n"
    entity = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "{where}">]>'
    rows = builders.HEADER + builders.row(2, builders.text("A2", "&a;"))
    formula = f'<c r="A2"><f>WEBSERVICE("{where}")</f><v>1</v></c>'
    link = f'<hyperlinks><hyperlink ref="A1" location="{where}"/></hyperlinks>'
    for sheet in (
        builders.sheet_xml(rows, start=entity),
        builders.sheet_xml(builders.HEADER + builders.row(2, formula), after=link),
        builders.sheet_xml(rows, start=f'<?xml-stylesheet href="{where}"?>'),
    ):
        yield "表.xlsx", builders.packed(builders.parts(sheet))
    for name, text in (
        ("图.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{where}"/></svg>'),
        ("页.html", f'<html><img src="{where}"></html>'),
        ("文.pdf", f"%PDF-1.7\n1 0 obj <</S /URI /URI ({where})>> endobj\n%%EOF"),
    ):
        yield name, text.encode()


def test_no_paper_is_set_with_what_lies_elsewhere(heard: Ear) -> None:
    text = "\n".join(heard.addresses)
    data: dict[str, Any] = {
        "title": text, "number": "PO-1", "state": text, "facts": [[text, text]], "tables": [],
        "notes": heard.addresses, "signatures": [text], "bars": [], "modules": 0, "qr": [],
        "qr_size": 0, "lang": "zh", "year": 2026, "month": 11, "day": 27, "digest": text,
        "printed": text, "nothing": text,
    }  # fmt: skip

    assert typesetting.typeset(STANDARD, data).startswith(b"%PDF-")


def test_no_job_asks_anybody(ground: Ground, heard: Ear) -> None:
    at, failed = timezone.now(), {}

    for name, job in jobs.jobs().items():
        if name == NOT_RUN:
            continue
        period = job.cadence.next_after(at).period
        with undone():
            run = job_services.run_now(name=name, period=period, actor=BEAT, at=at)
        if run.state != RunState.DONE:
            failed[name] = run.error

    assert set(failed) <= set(NOT_NOW), failed
