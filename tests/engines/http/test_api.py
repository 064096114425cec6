"""What every REST resource does the same way."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ops.engines.audit.models import Fact
from ops.engines.http.api import PolicyAPIView, PolicyViewSet
from ops.engines.http.matching import etag
from ops.engines.identity.models import Department
from ops.engines.kernel.policy import SIGNED_IN

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.engines.http.sample")]
PLACES = "/api/v1/places/"


def _post(api: APIClient, body: Any, url: str = PLACES, **headers: str) -> Any:
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return api.post(url, raw, content_type="application/json", headers=headers)


def test_a_view_without_policy_cannot_even_be_written() -> None:
    with pytest.raises(TypeError, match="declares no policy"):

        class Bare(PolicyAPIView):
            def post(self, request: object) -> None: ...

    with pytest.raises(TypeError, match="declares no policy"):

        class BareSet(PolicyViewSet):
            policies = {"list": SIGNED_IN}

            def list(self) -> None: ...
            def create(self) -> None: ...

    with pytest.raises(TypeError, match="no action"):

        class Stale(PolicyAPIView):
            policies = {"get": SIGNED_IN, "post": SIGNED_IN}

            def get(self) -> None: ...


def test_nobody_gets_401_and_a_problem() -> None:
    answer = APIClient().get(PLACES)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Token")
    assert answer.json()["code"] == "http.not_signed_in"


def test_a_wrong_token_gets_401() -> None:
    answer = APIClient(headers={"Authorization": "Token guess"}).get(PLACES)

    assert answer.status_code == 401


def test_a_refusal_by_policy_is_403_and_audited(outsider: APIClient) -> None:
    answer = _post(outsider, {"code": "a", "name": "a"})

    assert answer.status_code == 403
    assert answer.json()["code"] == "policy.forbidden"
    fact = Fact.objects.get(action="http.denied")
    assert "ops:C" in fact.body
    assert not Department.objects.exists()


def test_input_errors_point_at_their_fields(api: APIClient) -> None:
    answer = _post(
        api,
        {
            "code": "a",
            "name": "n",
            "id": 5,
            "owner": "me",
        },
    )
    nested = _post(
        api,
        {"code": "a", "name": "n", "lines": [{"quantity": 1, "price": "1"}, {"quantity": 1.5}]},
    )

    assert answer.status_code == 400
    assert {(e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("/id", "input.read_only"),
        ("/owner", "input.unknown_field"),
    }
    assert {(e["pointer"], e["code"]) for e in nested.json()["errors"]} == {
        ("/lines/1/quantity", "input.quantity"),
        ("/lines/1/price", "required"),
    }
    assert set(answer.json()) == {"type", "title", "status", "code", "detail", "errors"}
    assert not Department.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", "a\u202eb"),
        ("name", ""),
        ("name", 7),
        ("name", ["a"]),
        ("name", None),
        ("name", "x" * 81),
        ("code", " a"),
        ("code", True),
        ("since", "2026-02-30"),
        ("since", "2026/2/3"),
        ("since", "0000-01-01"),
        ("at", "2026-11-21T10:00:00"),
        ("at", 1_700_000_000_000),
        ("at", "9999-12-31T23:59:59+14:00"),
        ("is_open", "true"),
        ("is_open", 1),
        ("kind", "planet"),
        ("kind", 1),
        ("lines", {"quantity": 1}),
        ("lines", "text"),
        ("lines", [{"quantity": 0, "price": "1.00"}]),
        ("lines", [{"quantity": "１２", "price": "1.00"}]),
        ("lines", [{"quantity": "1", "price": "1.00"}]),
        ("lines", [{"quantity": True, "price": "1.00"}]),
        ("lines", [{"quantity": 1, "price": 1.5}]),
        ("lines", [{"quantity": 1, "price": 1}]),
        ("lines", [{"quantity": 1, "price": "1.005"}]),
        ("lines", [{"quantity": 1, "price": "-0.00"}]),
        ("lines", [{"quantity": 1, "price": "1e3"}]),
        ("lines", [{"quantity": 1, "price": "¥9.90"}]),
        ("lines", [{"quantity": 10**17, "price": "1.00"}]),
    ],
)
def test_odd_values_are_400(api: APIClient, field: str, value: object) -> None:
    answer = _post(api, {"code": "a", "name": "n"} | {field: value})

    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")
    assert not Department.objects.exists()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"code": "a", "code": "b", "name": "n"}', 400),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": -Infinity}', 400),
        (b'{"a": 1e999}', 400),
        (b"\xef\xbb\xbf{}", 400),
        ('{"code": "a"}'.encode("utf-16"), 400),
        (b'{"code": "\xff"}', 400),
        (b'{"name": "\\ud800", "code": "a"}', 400),
        (b"{", 400),
        (b"", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b'{"name": "' + b"x" * 2_100_000 + b'"}', 413),
    ],
)
def test_bodies_that_are_no_strict_json_are_refused(
    api: APIClient, raw: bytes, status: int
) -> None:
    answer = _post(api, raw)

    assert answer.status_code == status, answer.content[:200]
    assert answer["Content-Type"] == "application/problem+json"
    assert not Department.objects.exists()


def test_brackets_inside_texts_are_no_depth(api: APIClient) -> None:
    assert _post(api, {"code": "a", "name": "[{" * 30 + '"'}).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_other_content_types_are_415(api: APIClient, kind: str) -> None:
    answer = api.generic("POST", PLACES, '{"code": "a", "name": "n"}', content_type=kind)

    assert answer.status_code == 415


def test_compressed_bodies_are_415(api: APIClient) -> None:
    answer = _post(api, b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_verbs_without_action_are_405(api: APIClient, method: str) -> None:
    assert api.generic(method, PLACES).status_code == 405


def test_a_method_override_header_overrides_nothing(api: APIClient) -> None:
    answer = api.get(PLACES, headers={"X-HTTP-Method-Override": "POST"})

    assert answer.status_code == 200


@pytest.mark.parametrize("key", ["0", "-1", "1e3", "99999999999999999999", "x", "1/../2"])
def test_ids_that_are_none_are_404(api: APIClient, key: str) -> None:
    answer = api.get(f"{PLACES}{key}/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "http.not_found"


def test_a_bug_is_an_apology_without_its_cause(api: APIClient) -> None:
    answer = _post(api, {}, f"{PLACES}fail/")

    assert answer.status_code == 500
    assert answer.json()["code"] == "http.bug"
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1",
        "code=a&code=b",
        "ordering=parent",
        "ordering=-code__x",
        "page_size=7",
        "page_size=1000",
        "cursor=guess",
        "parent=x",
        "parent=0",
        "_connector=OR",
        "code__startswith=a",
        "format=xml",
    ],
)
def test_queries_outside_the_allow_list_are_400(api: APIClient, query: str) -> None:
    answer = api.get(f"{PLACES}?{query}")

    assert answer.status_code == 400, answer.content


@pytest.mark.parametrize("ordering", ["id", "-id", "name", "-name"])
def test_pages_by_key_meet_every_row_once_in_both_directions(api: APIClient, ordering: str) -> None:
    Department.objects.bulk_create(
        Department(code=f"c{number:03}", name=f"n{number % 7}") for number in range(130)
    )
    column = ordering.lstrip("-")
    rows = sorted(
        Department.objects.all(),
        key=lambda row: (getattr(row, column), row.pk),
        reverse=ordering.startswith("-"),
    )
    forth: list[int] = []
    page = api.get(f"{PLACES}?ordering={ordering}&page_size=50").json()
    sizes = [len(page["results"])]
    forth += [row["id"] for row in page["results"]]
    while page["next"]:
        page = api.get(page["next"]).json()
        sizes.append(len(page["results"]))
        forth += [row["id"] for row in page["results"]]
    back = [row["id"] for row in page["results"]]
    while page["previous"]:
        page = api.get(page["previous"]).json()
        back = [row["id"] for row in page["results"]] + back

    assert sizes == [50, 50, 30]
    assert forth == [row.pk for row in rows]
    assert back == forth


def test_a_page_mark_fits_one_ordering(api: APIClient) -> None:
    Department.objects.bulk_create(Department(code=f"c{n}", name="n") for n in range(30))
    following = api.get(f"{PLACES}?ordering=id&page_size=25").json()["next"]

    answer = api.get(following.replace("ordering=id", "ordering=name"))

    assert answer.status_code == 400


def test_a_page_costs_one_statement_beside_who_asks(api: APIClient) -> None:
    Department.objects.bulk_create(Department(code=f"c{n}", name="n") for n in range(60))

    with CaptureQueriesContext(connection) as queries:
        api.get(PLACES)

    # The token, who asks with positions and scopes, the page.
    assert len(queries) == 3


def test_a_change_needs_the_version_it_was_made_from(api: APIClient) -> None:
    place = Department.objects.create(code="a", name="before")
    url = f"{PLACES}{place.pk}/rename/"

    missing = _post(api, {"name": "x"}, url)
    stale = _post(api, {"name": "x"}, url, **{"If-Match": '"stale"'})
    right = _post(api, {"name": "after"}, url, **{"If-Match": etag(place.pk, "before")})

    assert [missing.status_code, stale.status_code, right.status_code] == [428, 412, 200]
    place.refresh_from_db()
    assert place.name == "after"


def test_addresses_work_with_and_without_a_closing_slash(api: APIClient) -> None:
    assert api.get("/api/v1/places").status_code == api.get("/api/v1/places/").status_code == 200


def test_the_document_describes_filters_pages_and_amounts() -> None:
    answer = APIClient().get("/api/schema/", headers={"Accept": "application/json"})

    document = json.loads(answer.content)
    names = {one["name"] for one in document["paths"]["/api/v1/places/"]["get"]["parameters"]}
    assert names == {"code", "parent", "ordering", "cursor", "page_size"}
    assert "/api/v1/auth/login/" in document["paths"] or "/api/v1/auth/login" in document["paths"]
