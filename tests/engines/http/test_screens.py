"""Doors of the screens: sessions, headers, sign-in, the record screens."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from ops.engines.audit.models import Fact
from ops.engines.identity import services
from ops.engines.identity.choices import Role
from ops.engines.identity.models import User
from tests.engines.identity.factories import PASSWORD, SYSTEM, account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.engines.http.sample")]
LOGIN = "/accounts/login/"
Enter = Callable[[User], Client]


def test_who_is_not_signed_in_is_led_to_the_form_and_back() -> None:
    answer = Client().get("/screen/?a=1")
    fragment = Client().get("/screen/", headers={"HX-Request": "true"})

    assert answer["Location"] == "/accounts/login/?next=%2Fscreen%2F%3Fa%3D1"
    assert fragment.status_code == 401
    assert fragment["HX-Redirect"].startswith(LOGIN)


def test_a_screen_beyond_my_rights_is_403_and_audited(enter: Enter) -> None:
    answer = enter(account("keeper", Role.WAREHOUSE_KEEPER)).get("/screen/")

    assert answer.status_code == 403
    assert Fact.objects.filter(action="http.denied").count() == 1


def test_a_refusal_on_a_screen_is_a_page_with_its_reason(manager: User, enter: Enter) -> None:
    answer = enter(manager).post("/screen/")

    assert answer.status_code == 422
    assert "The rules say no." in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status"), [("/odd/?text=a%00b", 400), ("/odd/?number=99999999999999999999", 400)]
)
def test_values_no_column_holds_are_400(enter: Enter, path: str, status: int) -> None:
    assert enter(account("keeper")).get(path).status_code == status


def test_a_busy_database_is_503_and_says_when_to_try_again(enter: Enter) -> None:
    answer = enter(account("keeper")).get("/odd/?busy=1")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"


def test_signing_in_makes_a_new_session_and_signing_out_ends_it() -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)
    client = Client()
    client.get(LOGIN)
    planted = client.session.session_key

    entered = client.post(LOGIN, {"username": "keeper", "password": PASSWORD, "next": "/screen/"})
    cookie = client.cookies["sessionid"].value
    inside = client.get("/")
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = cookie
    after = client.get("/")

    assert entered["Location"] == "/screen/"
    assert cookie != planted
    assert inside.content == b"home"
    assert after.status_code == 302
    assert Fact.objects.filter(action="identity.signed_out").exists()


def test_a_stranger_who_uses_up_the_tries_locks_nobody_out_of_a_known_browser() -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)
    right = {"username": "keeper", "password": PASSWORD}
    known, stranger = Client(), Client()
    known.post(LOGIN, right)
    known.post("/accounts/logout/")

    guesses = [
        stranger.post(LOGIN, right | {"password": "guess"}, headers={"X-Forwarded-For": f"{n}"})
        for n in range(11)
    ]
    forged = Client()
    forged.cookies["device"] = "keeper:guess"

    assert [answer.status_code for answer in guesses] == [401] * 10 + [429]
    assert forged.post(LOGIN, right).status_code == 429
    assert known.post(LOGIN, right).status_code == 302
    assert guesses[-1]["Retry-After"] == "900"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_signing_in_leads_to_our_own_addresses_only(target: str) -> None:
    account("keeper", Role.WAREHOUSE_KEEPER)

    answer = Client().post(LOGIN, {"username": "keeper", "password": PASSWORD, "next": target})

    assert answer["Location"] == "/"


def test_wrong_tries_show_the_same_page_for_known_and_unknown_names() -> None:
    account("keeper")

    def page(name: str) -> str:
        answer = Client().post(LOGIN, {"username": name, "password": "wrong"})
        assert answer.status_code == 401
        return answer.content.decode().replace(name, "*").partition("csrfmiddlewaretoken")[0]

    assert page("keeper") == page("nobody")


def test_the_form_needs_its_own_csrf_mark() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(LOGIN, {"username": "x", "password": "y"}).status_code == 403


def test_an_approver_enrols_before_anything_else() -> None:
    account("manager", Role.OPERATIONS_MANAGER)
    client = Client()
    entered = client.post(LOGIN, {"username": "manager", "password": PASSWORD})
    held_back = client.get("/")
    page = client.get("/accounts/code/")
    secret = page.context["secret"]

    wrong = client.post("/accounts/code/", {"code": "000000"})
    right = client.post("/accounts/code/", {"code": pyotp.TOTP(secret).now()})
    inside = client.get("/")

    assert entered["Location"] == held_back["Location"] == "/accounts/code/"
    assert wrong.status_code == 422
    assert right["Location"] == "/"
    assert inside.content == b"home"


@pytest.mark.parametrize(
    ("path", "minutes", "status"),
    [("/", 29, 200), ("/", 31, 302), ("/admin/", 14, 200), ("/admin/", 16, 302)],
)
def test_idle_sessions_end(enter: Enter, path: str, minutes: int, status: int) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = enter(account("manager", Role.OPERATIONS_MANAGER, is_staff=True))
        clock.shift(timedelta(minutes=minutes))

        assert client.get(path).status_code == status


def test_busy_sessions_end_after_twelve_hours(manager: User, enter: Enter) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = enter(manager)
        statuses = []
        for _ in range(37):
            clock.shift(timedelta(minutes=20))
            statuses.append(client.get("/").status_code)

    assert statuses == [200] * 36 + [302]


def test_switching_off_and_changed_positions_end_sessions_at_once(enter: Enter) -> None:
    closed, moved = account("closed"), account("moved")
    browsers = [enter(closed), enter(moved)]
    before = [client.get("/").status_code for client in browsers]

    services.set_active(user_id=closed.pk, is_active=False, actor=SYSTEM, at=timezone.now())
    services.assign(
        person_id=moved.person_id,
        role=Role.EDITOR,
        first=timezone.now().date(),
        actor=SYSTEM,
        at=timezone.now(),
    )

    assert before == [200, 200]
    assert [client.get("/").status_code for client in browsers] == [302, 302]


def test_headers_are_strict_everywhere_and_wider_only_under_admin(enter: Enter) -> None:
    client = enter(account("manager", Role.OPERATIONS_MANAGER, is_staff=True))

    screen, records, missing = (client.get(path) for path in ("/screen/", "/admin/", "/nowhere/"))

    for answer in (screen, records, missing):
        assert (
            answer["Cache-Control"].startswith("no-store") or "no-cache" in answer["Cache-Control"]
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert len(answer["X-Request-ID"]) == 32
        parts = dict(one.split(" ", 1) for one in answer["Content-Security-Policy"].split("; "))
        assert "'unsafe-inline'" not in parts["script-src"]
        assert ("'unsafe-eval'" in parts["script-src"]) == (answer is records)
        assert "'unsafe-inline'" not in parts["style-src"]
        assert ("style-src-attr" in parts) == (answer is records)


def test_the_record_screens_need_the_staff_flag_and_each_policy(enter: Enter) -> None:
    keeper = enter(account("keeper", Role.WAREHOUSE_KEEPER))
    editor = enter(account("editor", Role.EDITOR, is_staff=True))
    auditor = enter(account("auditor", Role.AUDITOR, is_staff=True))
    url = "/admin/identity/user/"

    assert keeper.get(url)["Location"].startswith("/admin/login/")
    assert keeper.get("/admin/login/")["Location"].startswith(LOGIN)
    assert editor.get("/admin/").status_code == 200
    assert editor.get(url).status_code == 403
    assert auditor.get(url).status_code == 200
    assert auditor.get(f"{url}add/").status_code == 403


def test_record_screens_show_and_never_save(enter: Enter) -> None:
    user = account("auditor", Role.AUDITOR, is_staff=True)
    secret = services.enrol_totp(user_id=user.pk, actor=SYSTEM, at=timezone.now()).secret
    client = enter(user)
    url = f"/admin/identity/user/{user.pk}/change/"

    page = client.get(url)
    saved = client.post(url, {"username": "other", "is_superuser": "on", "is_staff": "on"})
    deleted = client.post(f"/admin/identity/user/{user.pk}/delete/", {"post": "yes"})

    assert page.status_code == 200
    assert secret not in page.content.decode()
    assert user.password not in page.content.decode()
    assert [saved.status_code, deleted.status_code] == [403, 403]
    assert User.objects.get(pk=user.pk).username == "auditor"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/identity/person/",
        "/admin/identity/department/",
        "/admin/identity/position/",
        "/admin/identity/position/1/change/",
        "/admin/identity/positionconflict/",
        "/admin/identity/assignment/",
        "/admin/identity/apitoken/",
    ],
)
def test_record_screens_open(enter: Enter, path: str) -> None:
    assert enter(account("auditor", Role.AUDITOR, is_staff=True)).get(path).status_code == 200


def test_demo_roles_are_one_click_away_on_this_machine_only(settings: Settings) -> None:
    settings.DEMO = True
    user = account("manager", Role.OPERATIONS_MANAGER)
    User.objects.filter(pk=user.pk).update(is_demo=True)
    plain = account("plain")
    here, away = Client(REMOTE_ADDR="127.0.0.1"), Client(REMOTE_ADDR="192.0.2.7")

    def enter(client: Client, who: object) -> int:
        return client.post("/accounts/demo/", {"user": who}).status_code

    assert "manager" in here.get(LOGIN).content.decode()
    assert "manager" not in away.get(LOGIN).content.decode()
    assert enter(away, user.pk) == 401
    assert enter(here, plain.pk) == 401
    assert enter(here, "x") == 400
    assert enter(here, user.pk) == 302
    assert here.get("/").content == b"home"


@pytest.mark.parametrize("mode", [{"DEMO": False}, {"DEMO": True, "PRODUCTION": True}])
def test_no_demo_page_without_demo_mode_or_in_production(
    settings: Settings, mode: dict[str, bool]
) -> None:
    for name, value in mode.items():
        setattr(settings, name, value)
    user = account("manager", Role.OPERATIONS_MANAGER)
    User.objects.filter(pk=user.pk).update(is_demo=True)
    client = Client(REMOTE_ADDR="127.0.0.1")

    assert "manager" not in client.get(LOGIN).content.decode()
    assert client.post("/accounts/demo/", {"user": user.pk}).status_code == 401


def test_the_set_up_page_makes_the_company() -> None:
    token = services.make_setup_link(at=timezone.now())
    url = f"/accounts/setup/{token}/"
    typed = {"company": "规范商贸"}
    for role in services.SETUP_ROLES:
        typed |= {f"{role}-name": role, f"{role}-username": role, f"{role}-password": PASSWORD}

    shown = Client().get(url)
    wrong = Client().post(url, typed | {"auditor-password": "short"})
    made = Client().post(url, typed)
    again = Client().get(url)

    assert shown.status_code == 200
    assert wrong.status_code == 400
    assert made["Location"] == LOGIN
    assert again.status_code == 404
    assert User.objects.count() == 4


def test_a_password_is_changed_by_who_knows_the_old_one(enter: Enter) -> None:
    user = account("keeper")
    client = enter(user)

    wrong = client.post("/accounts/password/", {"old": "guess", "new": PASSWORD + "2"})
    right = client.post("/accounts/password/", {"old": PASSWORD, "new": PASSWORD + "2"})

    assert wrong.status_code == 422
    assert right["Location"] == LOGIN
    assert User.objects.get(pk=user.pk).check_password(PASSWORD + "2")
    assert client.get("/").status_code == 302
