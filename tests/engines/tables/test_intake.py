"""Profiles and intake: headers, surroundings, values, rejects, digests."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from ops.engines.kernel import parse
from ops.engines.kernel.errors import BadInput
from ops.engines.tables.errors import TableRefused
from ops.engines.tables.intake import Intake, open_intake
from ops.engines.tables.profile import Column, Profile
from ops.engines.tables.registry import matching, register_profile
from ops.engines.tables.rejects import write_rejects

from . import builders as b

ORDERS = Profile(
    "toy_orders",
    "Toy orders",
    columns=(
        Column("order_no", headers=("订单编号", "order no"), parse=parse.code),
        Column("quantity", headers=("数量", "qty"), parse=parse.quantity),
        Column("amount", headers=("金额", "amount"), parse=parse.money, required=False),
    ),
)
BILL = Profile(
    "toy_bill",
    "Toy bill",
    columns=(
        Column("number", headers=("商户订单号",), parse=parse.code),
        Column("amount", headers=("收入金额（+元）",), parse=parse.money),
    ),
    comment="#",
    trailer=("总交易单数",),
    trim=" \t`",
)

Open = Callable[..., Intake]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens text or bytes under a profile."""
    intakes: list[Intake] = []
    numbers = itertools.count()

    def opening(data: str | bytes, profile: Profile = ORDERS, name: str = "a.csv") -> Intake:
        path = tmp_path / f"upload{next(numbers)}"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        intakes.append(open_intake(path, profile, name=name))
        return intakes[-1]

    yield opening
    for intake in intakes:
        intake.close()


def values(intake: Intake) -> list[tuple[object, ...]]:
    return [tuple(row.values.values()) for row in intake.rows()]


def reasons(intake: Intake) -> list[tuple[int, str, str]]:
    list(intake.rows())
    return [(reject.line, reject.column, reject.code) for reject in intake.rejects]


@pytest.mark.parametrize(
    "header",
    [
        "订单编号,数量,金额",
        "\ufefforder no ,QTY,Amount",
        " 订单编号\u200b,\u00a0数量,金额",
        "Ｏｒｄｅｒ　ｎｏ,ｑｔｙ,ＡＭＯＵＮＴ",
        "`订单编号,`数量,`金额",
    ],
)
def test_columns_are_found_by_any_of_their_titles(opened: Open, header: str) -> None:
    assert values(opened(f"{header}\nA1,5,9.90\n")) == [("A1", 5, Decimal("9.90"))]


def test_columns_may_stand_in_any_order_and_be_absent(opened: Open) -> None:
    assert values(opened("备注,数量,order no\n-,5,A1\n")) == [("A1", 5, None)]


@pytest.mark.parametrize(
    ("header", "code", "name"),
    [
        ("订单编号,金额", "missing_columns", "数量"),
        ("订单编号,数量,qty", "duplicate_columns", "数量"),
        ("订单编号,数量,数量", "duplicate_columns", "数量"),
        ("a,b", "missing_columns", "订单编号"),
    ],
)
def test_wrong_headers_are_refused_by_name(opened: Open, header: str, code: str, name: str) -> None:
    with pytest.raises(TableRefused) as refusal:
        opened(header + "\n1,2,3\n")

    assert refusal.value.code == f"tables.{code}"
    assert name in str(refusal.value)


def test_the_exact_case_comes_first(opened: Open) -> None:
    intake = opened("order no,QTY,qty\nA1,wrong,5\n")

    assert values(intake) == [("A1", 5, None)]
    assert intake.layout.unused == ("QTY",)


def test_unknown_columns_are_named_or_refused(opened: Open) -> None:
    strict = Profile("strict", "Strict", columns=ORDERS.columns, extra_allowed=False)
    data = "订单编号,数量,颜色\nA1,5,红\n"

    assert "颜色" in opened(data).notes[-1]
    with pytest.raises(TableRefused, match="颜色"):
        opened(data, strict)


def test_only_a_header_is_no_file(opened: Open) -> None:
    with pytest.raises(TableRefused) as refusal:
        opened("订单编号,数量\n").survey()

    assert refusal.value.code == "tables.no_rows"


def test_lines_around_the_rows_are_kept_apart(opened: Open) -> None:
    text = (
        "#支付宝账务明细查询\n#账号：[2088]\n#-----明细列表-----\n"
        "商户订单号,商品,收入金额（+元）\n"
        "A1\t,螺丝,1.50\n`A2,`螺丝,`2.50\n"
        "#-----列表结束-----\n#收入合计：2笔，共4.00元\n"
    )
    intake = opened(text.encode("gb18030"), BILL)

    assert values(intake) == [("A1", Decimal("1.50")), ("A2", Decimal("2.50"))]
    assert len(intake.preamble) == 3
    assert intake.trailer[-1] == ["#收入合计：2笔，共4.00元"]


def test_everything_after_the_totals_title_is_trailer(opened: Open) -> None:
    text = "商户订单号,收入金额(+元)\n`A1,`0.01\n总交易单数,应结订单总金额\n`1,`0.01\n"
    intake = opened(text, BILL)

    assert values(intake) == [("A1", Decimal("0.01"))]
    assert intake.trailer == [["总交易单数", "应结订单总金额"], ["`1", "`0.01"]]
    assert intake.rejects == []


def test_every_wrong_cell_is_a_reject_with_line_column_and_reason(opened: Open) -> None:
    intake = opened(
        "订单编号,数量,金额\n"
        "A1,5,9.90\n"
        ",1.5,9.999\n"
        "A3,１２,\n"
        "1.23457E+17,1,1\n"
        "�,1,1\n"
        "A6,1\n"
        "A7,1,1,extra\n"
        "A8,1,1,\n"
    )

    assert reasons(intake) == [
        (3, "订单编号", "tables.required"),
        (3, "数量", "input.quantity"),
        (3, "金额", "input.money_places"),
        (4, "数量", "input.quantity"),
        (5, "订单编号", "tables.precision_lost"),
        (6, "订单编号", "tables.replacement_character"),
        (7, "", "tables.too_few_cells"),
        (8, "", "tables.too_many_cells"),
    ]
    assert intake.rejected == 6
    assert values(intake) == [("A1", 5, Decimal("9.90")), ("A8", 1, Decimal(1))]


def test_reject_reasons_are_chinese_for_chinese_readers(opened: Open) -> None:
    intake = opened("订单编号,数量\n,5\n")

    with translation.override("zh-hans"):
        list(intake.rows())

    assert intake.rejects[0].reason == "必须有值。"


def test_workbook_values_are_rejected_row_by_row(opened: Open) -> None:
    rows = (
        b.row(1, b.text("A1", "订单编号"), b.text("B1", "数量"))
        + b.row(2, b.text("A2", "A1"), b.number("B2", "5"))
        + b.row(3, b.number("A3", "1.23E+17"), b.number("B3", "5"))
        + b.row(4, b.text("A4", "A2"), b.number("B4", "45982", 1))
        + b.row(5, b.text("A5", "A3"), '<c r="B5" t="e"><v>#N/A</v></c>')
        + b.row(6, b.text("A6", "A4"))
    )

    intake = opened(b.packed(b.parts(b.sheet_xml(rows))), name="a.xlsx")

    assert values(intake) == [("A1", 5, None)]
    assert [(r.line, r.code) for r in intake.rejects] == [
        (3, "tables.precision_lost"),
        (4, "input.quantity"),
        (5, "tables.error_value"),
        (6, "tables.required"),
    ]


def test_personal_values_are_not_repeated_in_rejects(opened: Open, tmp_path: Path) -> None:
    def phone(text: str) -> str:
        raise BadInput("input.phone", f"bad phone {text}")

    columns = (*ORDERS.columns, Column("phone", parse=phone, personal=True))
    intake = opened("订单编号,数量,phone\nA1,5,13800000000\n", Profile("p", "P", columns=columns))

    list(intake.rows())
    write_rejects(
        intake.rejects,
        tmp_path / "rejects.csv",
        titles=intake.layout.titles,
        hidden=intake.personal_places(),
    )

    assert intake.rejects[0].value == "***"
    assert "138" not in intake.rejects[0].reason
    assert "138" not in (tmp_path / "rejects.csv").read_text("utf-8-sig")


def test_too_many_rejects_refuse_the_file(opened: Open) -> None:
    profile = Profile("few", "Few", columns=ORDERS.columns, most_rejects=2)
    intake = opened("订单编号,数量\n" + "A1,x\n" * 3, profile)

    with pytest.raises(TableRefused) as refusal:
        intake.survey()

    assert refusal.value.code == "tables.too_many_rejects"


def test_mended_rejects_can_be_sent_as_they_are(opened: Open, tmp_path: Path) -> None:
    intake = opened("订单编号,数量\n=1,5\nA2,1.5\n-A3,x\n")
    list(intake.rows())
    out = tmp_path / "rejects.csv"

    count = write_rejects(intake.rejects, out, titles=intake.layout.titles)
    mended = out.read_text("utf-8-sig").replace("A2,1.5\n", "A2,2\n").replace("3,x\n", "3,3\n")

    assert count == 2
    assert values(opened(mended)) == [("A2", 2, None), ("-A3", 3, None)]


def test_a_check_across_columns_rejects_the_row(opened: Open, tmp_path: Path) -> None:
    def paid(row: object) -> None:
        assert isinstance(row, dict)
        if row["amount"] is None:
            raise BadInput("toy.unpaid", "unpaid")

    intake = opened("订单编号,数量,金额\nA1,5,1\nA2,5,\n")
    intake.check = paid

    assert reasons(intake) == [(3, "", "toy.unpaid")]


def digest(opened: Open, data: str | bytes, name: str = "a.csv") -> str:
    return opened(data, name=name).survey().digest


def test_the_same_content_has_the_same_digest_however_it_is_packed(opened: Open) -> None:
    rows = [f"A{i},{i},{i}.50" for i in range(50)]
    head = "订单编号,数量,金额\n"
    plain = head + "\n".join(rows)
    shuffled = random.Random(7).sample(rows, len(rows))  # noqa: S311 a shuffle, no secret
    turned = "金额;订单编号;数量\n" + "\n".join(f"{i}.5;A{i};{i}" for i in range(50))
    book = b.row(1, b.text("A1", "订单编号"), b.text("B1", "数量"), b.text("C1", "金额")) + "".join(
        b.row(
            i + 2,
            b.text(f"A{i + 2}", f"A{i}"),
            b.number(f"B{i + 2}", str(i)),
            b.number(f"C{i + 2}", f"{i}.5"),
        )
        for i in range(50)
    )
    same = digest(opened, plain)

    assert digest(opened, (head + "\r\n".join(shuffled)).encode("gb18030"), "b.txt") == same
    assert digest(opened, turned) == same
    assert digest(opened, b.packed(b.parts(b.sheet_xml(book))), "c.xlsx") == same


@pytest.mark.parametrize(
    "other",
    [
        "订单编号,数量\nA1,5\nA1,5\nA2,6\n",
        "订单编号,数量\nA1,5\n",
        "订单编号,数量\nA1,6\nA2,5\n",
        "订单编号,数量\nA1,5\nA2,x\n",
    ],
)
def test_other_content_has_another_digest(opened: Open, other: str) -> None:
    assert digest(opened, other) != digest(opened, "订单编号,数量\nA1,5\nA2,6\n")


def test_two_equal_lines_do_not_cancel_out(opened: Open) -> None:
    twice = digest(opened, "订单编号,数量\nA1,5\nA1,5\n")
    other = digest(opened, "订单编号,数量\nA2,5\nA2,5\n")

    assert twice != other


def test_the_preview_shows_rows_as_they_stand(opened: Open) -> None:
    preview = opened("订单编号,数量\n" + "A1,x\n" * 30).preview()

    assert len(preview.cells) == 20
    assert preview.cells[0] == ["A1", "x"]
    assert len(preview.rejects) == 20
    assert preview.info.encoding == "utf-8"


def test_an_intake_can_be_walked_again_and_again(opened: Open) -> None:
    intake = opened("订单编号,数量\nA1,5\nA2,x\n")

    first, second = intake.survey(), intake.survey()

    assert first == second
    assert values(intake) == [("A1", 5, None)]
    assert len(intake.rejects) == 1


def test_copy_lines_are_what_copy_reads(opened: Open) -> None:
    intake = opened('订单编号,数量,金额\n"a\\b",5,10.00\nx,bad,1\nA3,7,\n')

    assert list(intake.copy_lines()) == ["2\ta\\\\b\t5\t10\n", "4\tA3\t7\t\\N\n"]
    assert intake.rejected == 1


def test_statements_are_read_line_by_line(opened: Open) -> None:
    lines = Profile(
        "toy_lines",
        "Toy lines",
        columns=(Column("line", parse=functools.partial(parse.text, most=500)),),
        delimiter="",
        suffixes=(".sta",),
    )

    intake = opened(":20:A,B\n\n:61:2;3\n", lines, name="a.sta")

    assert [(row.line, row.values["line"]) for row in intake.rows()] == [
        (1, ":20:A,B"),
        (3, ":61:2;3"),
    ]


def test_profiles_are_found_by_the_header() -> None:
    def load(*_args: object, **_kwargs: object) -> object:
        raise NotImplementedError

    for profile in (ORDERS, BILL):
        register_profile(profile, load=load)  # type: ignore[arg-type]
    rows: Sequence[Sequence[str]] = [["# 账单"], ["商户订单号", "收入金额(+元)"]]

    assert [entry.profile.name for entry in matching(rows) if "toy" in entry.profile.name] == [
        "toy_bill"
    ]
    with pytest.raises(ValueError, match="twice"):
        register_profile(Profile("toy_bill", "Other", columns=()), load=load)  # type: ignore[arg-type]
