"""Text files: the corpus of encodings, delimiters, quotes and sizes."""

from __future__ import annotations

import gzip

import pytest

from ops.engines.tables.errors import TableKindRefused, TableRefused, TableTooLarge
from ops.engines.tables.limits import Limits
from ops.engines.tables.reader import ReadWish

from .conftest import Read

ROWS = "订单号,数量\nA1,5\nA2,7\n"


def cells(records: list[list[str]]) -> list[list[str]]:
    return [record[2:] for record in records]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (ROWS.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + ROWS.encode(), "utf-8-sig"),
        (ROWS.encode("gb18030"), "gb18030"),
        (ROWS.encode("gbk"), "gb18030"),
        (b"\xff\xfe" + ROWS.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + ROWS.encode("utf-16-be"), "utf-16-be"),
        ("订单号,数量\n䶮𠮷㐂,5\n".encode("gb18030"), "gb18030"),
    ],
)
def test_encodings_are_found_without_guessing(read: Read, data: bytes, encoding: str) -> None:
    info, records = read(data)

    assert info.encoding == encoding
    assert records[0][2:] == ["订单号", "数量"]
    assert records[1][2] in ("A1", "䶮𠮷㐂")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_rows"),
        (b"\xef\xbb\xbf", "no_rows"),
        (b"\n\n  \n", "no_rows"),
        ("订单号,数\n".encode() * 9 + "订单号甲".encode("gbk"), "undecodable"),
        ("订单,数量\n".encode() * 9 + "订单号甲".encode("gbk"), "mixed_encodings"),
        ("订单,数量\n".encode("gbk") * 9 + "订单,数量\n".encode(), "mixed_encodings"),
        (ROWS.encode() + b"\xff\xff", "undecodable"),
        (b"a,b\n\xed\xa0\x80,1\n", "undecodable"),
        (ROWS.encode("gbk")[:-6] + b"\x81", "undecodable"),
        (ROWS.encode("utf-16-le") * 2, "binary"),
        (b"\xff\xfe\x00\x00" + ROWS.encode("utf-32-le"), "unknown_encoding"),
        (b'a,b\n1,"half\n2,3\n', "open_quote"),
        (b"a,b\n" + b"x," * 1_000_000 + b"\n", "line_too_long"),
        (b"a,b\n" + b"x," * 201 + b"\n", "too_many_columns"),
        (b"a,b\n1," + b"x" * 3_000_000 + b"\n", "line_too_long"),
        (b"a,b\n1," + b"x" * 300_000 + b"\n", "broken_row"),
    ],
)
def test_a_file_that_is_no_clean_text_is_refused(read: Read, data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refusal:
        read(data)

    assert refusal.value.code.startswith(f"tables.{code}")
    assert str(refusal.value)


def test_a_refused_encoding_names_the_byte(read: Read) -> None:
    with pytest.raises(TableRefused) as refusal:
        read(ROWS.encode() + b"\xff\xff")

    assert refusal.value.context["offset"] == len(ROWS.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + b"x" * 50,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"%PDF-1.7\n",
        b"<!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf <svg><script>1</script></svg>",
        b"<?php echo 1;",
        b"GIF89a/*\0*/=1;alert(1)",
        b"\x1f\x8b\x08\x00" + b"\0" * 20,
        bytes(range(256)) * 4,
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(read: Read, data: bytes) -> None:
    with pytest.raises(TableRefused):
        read(data)


@pytest.mark.parametrize(
    "name",
    [
        "a.xls",
        "a.xlsm",
        "a.csv.php",
        "a",
        "",
        "../../x",
        "CON",
        "\u202exslx.exe",
        "a.csv.gz",
        "a\0.b",
    ],
)
def test_other_kinds_of_names_are_refused(read: Read, name: str) -> None:
    with pytest.raises(TableKindRefused) as refusal:
        read(ROWS.encode(), name)

    assert refusal.value.status == 415
    assert "\0" not in str(refusal.value)


@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "C:\\x.CSV", "CON.csv", "甲" * 300 + ".csv", "x\n;.csv", "😀.tsv"]
)
def test_strange_names_do_not_matter(read: Read, name: str) -> None:
    assert len(read(ROWS.encode(), name)[1]) == 3


def test_a_file_one_byte_too_large_is_refused(read: Read) -> None:
    data = ROWS.encode()

    read(data, limits=Limits(file_bytes=len(data)))
    with pytest.raises(TableTooLarge) as refusal:
        read(data, limits=Limits(file_bytes=len(data) - 1))

    assert refusal.value.status == 413


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(read: Read, delimiter: str, newline: str) -> None:
    data = newline.join(delimiter.join(row) for row in (["a", "b"], ["1", "x,y;z"], ["2", "w"]))
    if delimiter in ",;":
        data = data.replace("x,y;z", '"x,y;z"')

    info, records = read(data.encode())

    assert info.delimiter == delimiter
    assert cells(records) == [["a", "b"], ["1", "x,y;z"], ["2", "w"]]


def test_known_titles_decide_the_delimiter(read: Read) -> None:
    data = b"a, the first, the best;b\n1, 2, 3;4\n5, 6, 7;8\n"

    info, _records = read(data, wish=ReadWish(titles=frozenset({"b", "a, the first, the best"})))

    assert info.delimiter == ";"


def test_quotes_and_lines_inside_cells_keep_their_line_numbers(read: Read) -> None:
    _info, records = read(b'a,b\n"x\ny","say ""hi"""\n\n3,"z"\t\nlast,row')

    assert [(r[0], r[2:]) for r in records] == [
        ("1", ["a", "b"]),
        ("2", ["x\ny", 'say "hi"']),
        ("5", ["3", "z\t"]),
        ("6", ["last", "row"]),
    ]


def test_lost_characters_and_nul_cost_their_row(read: Read) -> None:
    _info, records = read("a,b\nok,1\n�x,2\nz,\0\n".encode())

    assert [record[1] for record in records] == ["", "", "0:replacement_character", "1:nul"]


def test_a_stray_utf8_line_in_a_large_gb18030_file_costs_its_row(read: Read) -> None:
    lines = ["订单号,商品"] + [f"A{i},红色螺丝" for i in range(150)]
    data = "\n".join(lines).encode("gb18030") + "\nB1,红色螺丝\n".encode()

    _info, records = read(data)

    assert records[-1][1] == "-1:mixed_encoding"
    assert {record[1] for record in records[:-1]} == {""}


def test_mojibake_that_is_valid_text_is_read_as_it_stands(read: Read) -> None:
    _info, records = read("a,b\nè®¢å•,1\n".encode())

    assert records[1][2] == "è®¢å•"


def test_rows_past_the_cap_are_refused(read: Read) -> None:
    data = b"a,b\n" + b"1,2\n" * 100

    read(data, limits=Limits(text_rows=101))
    with pytest.raises(TableRefused) as refusal:
        read(data, limits=Limits(text_rows=100))

    assert refusal.value.code == "tables.too_many_rows"


def test_packed_text_is_read_where_a_profile_admits_it(read: Read) -> None:
    data = gzip.compress(ROWS.encode("gb18030"))

    info, records = read(data, "a.csv.gz", ReadWish(gz=True))

    assert info.encoding == "gb18030"
    assert len(records) == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(gzip.compress(ROWS.encode() * 100)[:-9], "broken_archive", id="cut"),
        pytest.param(gzip.compress(ROWS.encode()) + b"garbage", "broken_archive", id="trailing"),
        pytest.param(gzip.compress(b"1,2\n" * 8_000_000), "unpacks_too_large", id="swelling"),
        pytest.param(ROWS.encode(), "broken_archive", id="not packed"),
        pytest.param(gzip.compress(gzip.compress(ROWS.encode())), "content_differs", id="twice"),
    ],
)
def test_broken_or_swelling_packed_text_is_refused(read: Read, data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refusal:
        read(data, "a.csv.gz", ReadWish(gz=True))

    assert refusal.value.code == f"tables.{code}"


def test_text_cut_anywhere_never_breaks_the_reader(read: Read) -> None:
    whole = ("订单号,说明\n" + 'A1,"两行\n说明"\nA2,完\n' * 20).encode("gb18030")
    outcomes = set()

    for sixteenth in range(1, 16):
        try:
            _info, records = read(whole[: len(whole) * sixteenth // 16])
            outcomes.add("rows")
            assert records[0][2:] == ["订单号", "说明"] or sixteenth == 1
        except TableRefused as refusal:
            outcomes.add(refusal.code)

    assert outcomes <= {"rows", "tables.open_quote", "tables.undecodable"}


def test_a_child_out_of_time_or_memory_is_a_refused_file(read: Read) -> None:
    data = b"a,b\n" + b"1,2\n" * 300_000

    with pytest.raises(TableRefused) as slow:
        read(data, limits=Limits(wall_seconds=0, cpu_seconds=0))
    with pytest.raises(TableRefused) as large:
        read(data, limits=Limits(output_bytes=1000))

    assert slow.value.code in ("tables.too_costly", "tables.reader_died")
    assert large.value.code in ("tables.too_costly", "tables.reader_died")
