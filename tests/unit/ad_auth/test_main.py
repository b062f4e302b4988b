"""The whole service: first start, several processes on one database, restart."""

import asyncio
import contextlib
import io

import pytest
from pydantic import SecretStr

from ad_auth.adapters import tables
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.main import check_event_log
from ad_chassis.database.migrations import differences
from ad_chassis.errors import SettingsError
from ad_chassis.logs import configure_logs
from ad_chassis.security.permissions import EVERYTHING
from ad_chassis.security.token_source import parse_api_key
from ad_chassis.settings import EventLogSettings, RuntimeSettings, TokenSettings
from tests.support.logging_state import kept_logging


async def enter(client, key: str):
    key_id, secret = parse_api_key(key)
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    return await client.post("/auth/token", data=form)


async def test_two_that_start_on_one_database_share_administrator_and_signing_key(hosted, tmp_path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        both = await asyncio.gather(*(stack.enter_async_context(hosted(tmp_path)) for _ in range(2)))
        key = (tmp_path / "admin.key").read_text()
        [(first, one), (_, other)] = both
        token = (await enter(one, key)).json()["access_token"]
        header = {"Authorization": f"Bearer {token}"}
        assert (await other.get("/auth/me", headers=header)).json()["name"] == "first administrator"
        assert len((await other.get("/api-keys", headers=header)).json()["items"]) == 1
        assert len(await SqlSigningKeys(first.database("auth")).all()) == 1


async def test_after_a_restart_keys_and_tokens_go_on_and_revoked_ones_stay_revoked(hosted, tmp_path) -> None:
    async with hosted(tmp_path) as (_, client):
        key = (tmp_path / "admin.key").read_text()
        good, bad = [(await enter(client, key)).json()["access_token"] for _ in range(2)]
        assert (await client.post("/auth/revoke", json={"token": bad})).status_code == 204
    async with hosted(tmp_path) as (_, client):
        assert (tmp_path / "admin.key").read_text() == key
        assert (await enter(client, key)).status_code == 200
        for token, status in ((good, 200), (bad, 401)):
            answer = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status


async def test_the_migrations_make_the_tables_that_the_code_uses(running) -> None:
    async with running[0].database("auth").engine.connect() as connection:
        assert await connection.run_sync(differences, tables.metadata, "auth") == []


@pytest.mark.parametrize(
    "table", [each for each in tables.metadata.tables.values() if "outbox" not in each.name]
)
def test_every_table_names_the_tenant(table) -> None:
    assert "tenant" in table.columns


async def test_other_services_of_the_process_log_in_with_the_service_key(running) -> None:
    platform, _ = running
    token = await platform.tokens.token()
    principal = await platform.verifier.verify(token)
    assert (principal.kind, principal.tenant) == ("service", "default")
    assert principal.permissions == EVERYTHING


async def test_without_a_service_key_in_the_settings_one_is_made_and_either_algorithm_signs(
    hosted, tmp_path
) -> None:
    for algorithm in ("Ed25519", "ES256"):
        tokens = TokenSettings(algorithm=algorithm, service_key=None, secret=None)
        async with hosted(tmp_path, tokens=tokens) as (platform, client):
            principal = await platform.verifier.verify(await platform.tokens.token())
            assert (principal.kind, principal.subject) == ("service", "service")
            shown = (await client.get("/auth/jwks.json")).json()["keys"]
            assert shown[-1]["alg"] == algorithm


async def test_no_secret_stands_in_any_log(hosted, tmp_path) -> None:
    lines = io.StringIO()
    with kept_logging():
        configure_logs("auth", RuntimeSettings(debug=True, log_level="DEBUG"), lines)
        async with hosted(tmp_path) as (_, client):
            key = (tmp_path / "admin.key").read_text().strip()
            token = (await enter(client, key)).json()["access_token"]
            wrong = {"grant_type": "password", "username": "ann", "password": "a password to hide"}
            assert (await client.post("/auth/token", data=wrong)).status_code == 400
            assert (await client.post("/auth/token", json=wrong | {"x": 1})).status_code == 400
    text = lines.getvalue()
    assert "login failed" in text
    assert str(tmp_path / "admin.key") in text
    for secret in (parse_api_key(key)[1], token, "a password to hide"):
        assert secret not in text


def test_auth_cannot_log_in_at_kafka_with_a_token_of_its_own() -> None:
    kafka = {"bootstrap_servers": "x:9092", "security_protocol": "SASL_SSL"}
    with pytest.raises(SettingsError, match="KAFKA_SASL_MECHANISM"):
        check_event_log(EventLogSettings(**kafka))
    named = {"sasl_mechanism": "PLAIN", "sasl_username": "auth", "sasl_password": SecretStr("x")}
    assert check_event_log(EventLogSettings(**kafka, **named)) is None
    assert check_event_log(EventLogSettings(bootstrap_servers="x:9092")) is None
