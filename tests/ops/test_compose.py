"""The container set-up parses, has no default secret, and every variable is documented."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.embedded.roles import ROLES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCUMENTED = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/configuration.md").read_text()))
SECRET = re.compile(r"PASSWORD|SECRET|(?<!PASS)KEY")


def variables() -> list[tuple[str, str]]:
    """Return each variable that Compose fills in, with what stands after its name."""
    found: list[tuple[str, str]] = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", TEXT)
    return found


def test_compose_has_every_part() -> None:
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "web", "worker", "beat"}
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"].startswith("valkey/valkey:9")


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker", "beat"])
def test_every_running_part_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_serves_before_the_migration_is_done(name: str) -> None:
    waits = SERVICES[name]["depends_on"]

    assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert "DATABASE_OWNER_URL" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"worker", "postgres"}))
def test_the_worker_alone_holds_the_sealers_role_and_key(name: str) -> None:
    holder, other = SERVICES["worker"], SERVICES[name]

    assert "DATABASE_SEALER_URL" in holder["environment"]
    assert "keys:/srv/keys" in holder["volumes"]
    assert not {"DATABASE_SEALER_URL", "AUDIT_KEY_DIR"} & other.get("environment", {}).keys()
    assert "keys:/srv/keys" not in other.get("volumes", [])


def test_every_role_is_made_by_the_script_and_documented() -> None:
    script = (ROOT / "scripts/postgres_roles.sh").read_text()

    for role in ROLES:
        assert f"CREATE ROLE {role.name} LOGIN NOINHERIT NOSUPERUSER" in script
        assert role.url_variable in DOCUMENTED
        for setting, value in role.settings:
            assert re.search(f"ALTER ROLE {role.name} SET {setting} = '?{value}'?;", script)


def test_no_secret_has_a_default() -> None:
    assert [name for name, rest in variables() if SECRET.search(name) and rest != ":?"] == []


def test_every_variable_is_documented() -> None:
    given = {name for service in SERVICES.values() for name in service.get("environment", {})} - {
        "POSTGRES_USER",
        "POSTGRES_DB",
        "POSTGRES_INITDB_ARGS",
    }

    assert {name for name, _rest in variables()} - DOCUMENTED == set()
    assert given - DOCUMENTED == set()


def test_every_setting_read_from_the_environment_is_documented() -> None:
    code = (ROOT / "ops/settings.py").read_text() + (ROOT / "ops/web_server.py").read_text()
    read = set(re.findall(r"environ(?:ment)?\.\w+\(\s*\"([A-Z_]+)\"", code))

    assert read - DOCUMENTED == set()
