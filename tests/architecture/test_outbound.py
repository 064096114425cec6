"""S17: the product speaks to its database and its broker, and to nobody else.

No code of ours opens an outbound connection, so there is no address a user could turn. Whoever adds
the first one adds the one client with an allow-list, and names its module in `CLIENT`.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.test_rules import ROOT, imported, place, sources

CLIENT: str | None = None  # the one module that may speak to other hosts; there is none
SPEAKERS = {
    "aiohttp", "asyncio", "ftplib", "httpcore", "httpx", "http.client", "imaplib", "nntplib",
    "paramiko", "poplib", "pycurl", "requests", "smtplib", "socket", "socketserver", "ssl",
    "telnetlib", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc",
}  # fmt: skip
# Who may touch one of them, and what for: their own machine only.
OWN_MACHINE = {
    "ops/management/commands/up.py": {"socket", "urllib.request"},  # its own port, its own health
    "ops/engines/http/deadline.py": {"socket"},  # ends connections that are open
    "ops/settings.py": {"socket"},  # names of keep-alive options
}
# Calls that fetch by themselves when they are given an address instead of a path.
FETCHERS = {"read_csv", "read_excel", "read_json", "read_html", "read_xml", "read_parquet"}
ELSEWHERE = ('src="http', "src='http", 'href="http', "url(http", "@import url")


def speakers(tree: ast.AST) -> list[tuple[ast.AST, str]]:
    """Return what a module imports that can open a connection."""
    return [
        (node, speaker)
        for node, name in imported(tree)
        for speaker in SPEAKERS
        if name == speaker or name.startswith(speaker + ".")
    ]


def test_no_module_can_open_an_outbound_connection() -> None:
    found = [
        f"{place(path, node)} {speaker}"
        for path, tree in sources()
        for node, speaker in speakers(tree)
        if str(path.relative_to(ROOT)) != CLIENT
        and speaker not in OWN_MACHINE.get(str(path.relative_to(ROOT)), set())
    ]

    assert found == []


def test_no_reader_is_given_an_address() -> None:
    found = [
        place(path, node)
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in FETCHERS
    ]

    assert found == []


def test_the_supervisor_asks_its_own_machine_alone() -> None:
    tree = ast.parse((ROOT / "ops/management/commands/up.py").read_text())
    asked = [
        ast.unparse(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id == "urlopen"
    ]  # fmt: skip

    assert len(asked) == 1
    assert asked[0].startswith("f'http://127.0.0.1:")


def test_no_template_of_ours_loads_anything_from_elsewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)} {line.strip()[:80]}"
        for folder in ("templates", "static/js", "static/css")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".html", ".js", ".css", ".svg", ".typ"} and "vendor" not in path.parts
        for line in path.read_text().splitlines()
        if any(mark in line for mark in ELSEWHERE)
    ]

    assert found == []


@pytest.mark.parametrize(
    "text",
    ["import requests", "from urllib.request import urlopen", "import http.client as c",
     "from urllib import request", "import urllib3.util"],
)  # fmt: skip
def test_the_rule_sees_every_way_to_import(text: str) -> None:
    assert speakers(ast.parse(text))
