"""Files on records: what is taken in, what is refused, who gets them back."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from ops.engines.files import disk, names, selectors, services, sniffing
from ops.engines.files.errors import (
    FileDamaged,
    FileMissing,
    FileRefused,
    FileTooLarge,
    QuotaReached,
)
from ops.engines.files.models import Attachment
from ops.engines.files.types import AttachmentInfo
from ops.engines.kernel.actor import Actor
from tests.engines.files.conftest import AT, TYPE
from tests.support.uploads import jpeg, pdf, png, webp

PNG, PDF, JPG, WEBP = png(), pdf(), jpeg(), webp()


def _book(*extra: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *extra):
            book.writestr(name, "<x/>")
    return held.getvalue()


def _store(
    keeper: Actor, *, name: str = "货单.png", data: bytes = PNG, obj: int = 1, at: dt.datetime = AT
) -> AttachmentInfo:
    return services.store(
        object_type=TYPE, object_id=obj, name=name, data=data, actor=keeper, at=at
    )


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpg", JPG, "image/jpeg"),
        ("a.jpeg", JPG, "image/jpeg"),
        ("a.webp", WEBP, "image/webp"),
        ("a.csv", "编码,数量\nA1,3\n".encode("gb18030"), "text/csv"),
        ("a.xlsx", _book(), sniffing.KINDS[4].content_type),
    ],
)
def test_accepted_kinds_are_told_from_their_bytes(
    name: str, data: bytes, content_type: str
) -> None:
    assert sniffing.sniff(data, name=name).content_type == content_type


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a.html", b"<html></html>"),
        ("a.csv", b"  <html><script>alert(1)</script></html>"),
        ("a.csv", b"\xef\xbb\xbf<svg/>"),
        ("a.csv", b"a,b\x00c"),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.png", PDF),
        ("a.pdf", PNG),
        ("a.png", b"<svg/>"),
        ("a.exe", PNG),
        ("a", PNG),
        ("a.pdf.exe", PDF),
        ("a.xlsx", _book("xl/vbaProject.bin")),
        ("a.xlsx", b"PK\x03\x04 not a zip"),
        ("a.zip", _book()),
        ("a.png", b""),
    ],
)
def test_other_kinds_and_false_names_are_refused(
    keeper: Actor, media: Path, name: str, data: bytes
) -> None:
    with pytest.raises(FileRefused):
        _store(keeper, name=name, data=data)

    assert Attachment.objects.count() == 0
    assert not any(path.is_file() for path in media.rglob("*"))


def test_stored_file_comes_back_under_a_name_made_here(keeper: Actor, media: Path) -> None:
    info = _store(keeper, name="../../etc/货单 1.png")
    opened = services.open_file(attachment_id=info.id, actor=keeper)

    assert (info.name, info.size, info.content_type) == ("货单 1.png", len(PNG), "image/png")
    assert opened.path.read_bytes() == PNG
    assert opened.path.is_relative_to(media / disk.FOLDER)
    assert "货单" not in str(opened.path)
    assert opened.path.stat().st_mode & 0o077 == 0


def test_storing_leaves_one_audit_fact(keeper: Actor) -> None:
    _store(keeper)

    with connection.cursor() as cursor:
        cursor.execute("SELECT action, object_type, object_id FROM audit_fact ORDER BY id DESC")
        assert cursor.fetchone() == ("files.stored", TYPE, "1")


def test_same_bytes_on_the_same_record_are_kept_once(keeper: Actor) -> None:
    first = _store(keeper)
    again = _store(keeper, name="renamed.png")
    elsewhere = _store(keeper, obj=2)

    assert first == again
    assert elsewhere.id != first.id
    assert selectors.counts(object_type=TYPE, object_ids=[1, 2, 3]) == {"1": 1, "2": 1, "3": 0}


def test_file_of_a_record_out_of_sight_is_missing(keeper: Actor, outsider: Actor) -> None:
    mine = _store(keeper)
    hidden = _store(keeper, obj=13)

    for number, actor in ((mine.id, outsider), (hidden.id, keeper), (0, keeper)):
        with pytest.raises(FileMissing):
            services.open_file(attachment_id=number, actor=actor)
    assert selectors.attachments(object_type=TYPE, object_id=1, actor=outsider) == []
    assert selectors.attachments(object_type=TYPE, object_id=1, actor=keeper) == [mine]


def test_undeclared_record_holds_no_files(keeper: Actor) -> None:
    with pytest.raises(LookupError):
        services.store(
            object_type="toy.other", object_id=1, name="a.png", data=PNG, actor=keeper, at=AT
        )


def test_altered_bytes_are_not_handed_out(keeper: Actor) -> None:
    info = _store(keeper)
    services.open_file(attachment_id=info.id, actor=keeper).path.write_bytes(PNG + b"!")

    with pytest.raises(FileDamaged):
        services.open_file(attachment_id=info.id, actor=keeper)


def test_limits_refuse_and_change_nothing(keeper: Actor, settings: LazySettings) -> None:
    settings.FILES_MAX_BYTES, settings.FILES_PER_OBJECT = 2 * len(PNG), 2
    settings.FILES_DAILY_BYTES = 3 * len(PNG) + 40
    _store(keeper)
    _store(keeper, data=png(note="2"))

    with pytest.raises(FileTooLarge):
        _store(keeper, data=PNG * 3)
    with pytest.raises(QuotaReached, match="2"):
        _store(keeper, data=png(note="3"))
    with pytest.raises(QuotaReached):
        _store(keeper, data=png(note="3" * 30), obj=2)
    assert Attachment.objects.count() == 2
    _store(keeper, data=png(note="3" * 30), obj=2, at=AT + dt.timedelta(days=2))


def test_erased_bytes_are_gone_and_the_row_stays(
    keeper: Actor, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    info = _store(keeper)
    path = services.open_file(attachment_id=info.id, actor=keeper).path

    with django_capture_on_commit_callbacks(execute=True):
        services.erase_file(attachment_id=info.id, reason="person asked", actor=keeper, at=AT)

    assert not path.exists()
    assert Attachment.objects.get().sha256 == info.sha256
    with pytest.raises(FileMissing):
        services.open_file(attachment_id=info.id, actor=keeper)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("C:\\temp\\a.png", "a.png"),
        ("/etc/passwd", "passwd"),
        ("a\u202egnp.exe", "a_gnp.exe"),
        ('a"; filename=b.png', "a__ filename=b.png"),
        ("", "file"),
        ("...", "file"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_shown_names_hold_no_path_and_no_trick(written: str, shown: str) -> None:
    assert names.display_name(written) == shown
