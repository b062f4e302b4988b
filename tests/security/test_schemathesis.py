"""Whatever is sent to the documented routes: no answer is a 5xx, each is one that the document tells of, and what the
document does not allow is refused."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.matrix.attacks import signed
from tests.support.matrix.examples import with_examples
from tests.support.matrix.world import World

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "use_after_free",
    "ignored_auth",
)
Json = dict[str, Any]
# What cannot be called from a document alone; that it succeeds is shown by the attacker matrix.
NEEDS_MORE = {
    "POST /api/v1/models/{name}/versions": "a signed archive",
    "DELETE /api/v1/train/{job_id}": "a job that still runs when its turn comes",
    "POST /api/v1/train/{job_id}/cancel": "the same",
    "GET /api/v1/users/me/totp": "a user who has logged in",
    "POST /api/v1/users/me/totp": "the same",
    "POST /api/v1/users/me/totp/confirm": "the same",
    "POST /api/v1/users/me/totp/remove": "the same",
    "DELETE /api/v1/users/{user_id}/totp": "a second factor that no call before took away",
    "POST /api/v1/auth/authorize": "the cookie of a browser that was shown the page",
    "POST /api/v1/auth/device/decision": "the same",
    "GET /api/v1/auth/external": "an external provider",
    "GET /api/v1/auth/external/callback": "the same",
    "GET /.well-known/oauth-authorization-server": "a public address",
    "GET /api/v1/tenants/{tenant}/objects/auth": "it holds no objects",
    "GET /api/v1/tenants/{tenant}/objects/training": "it holds no objects that stay",
}
# What takes more than its document says, on purpose.
TAKES_MORE = {
    "POST /api/v1/streams/{name}/records": "what is no record is set aside with its reason, and the others are taken",
}
pytestmark = pytest.mark.timeout(600)


async def fuzzed(world: World, folder: Path) -> tuple[Json, str]:
    """The report, and what was printed."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(await with_examples(world)))
    (folder / "schemathesis.toml").write_text(settings())
    # Nobody can take it away: its id is not among those that auth gave out, so deleting every key leaves it.
    token = signed(world, {"jti": "of-nobody", "sub": "fuzzer", "scope": "read write admin platform"})
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(document),
        *("--url", world.hosted.url),
        *("--header", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,stateful"),
        *("--seed", "1", "--max-examples", "5"),
        *("--report", "json", "--report-json-path", str(folder / "report.json")),
        *("--continue-on-failure", "--no-color", "--generation-database", "none"),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return json.loads((folder / "report.json").read_text()), said.decode(errors="replace")


def settings() -> str:
    """Which checks are made; those that are named on the command line could not be taken off an operation."""
    checks = "".join(f"{check}.enabled = true\n" for check in CHECKS)
    lax = "".join(
        f'[[operations]]\ninclude-name = "{operation}"\nchecks.negative_data_rejection.enabled = false\n'
        for operation in TAKES_MORE
    )
    return f"[checks]\nenabled = false\n{checks}{lax}"


async def test_every_route_answers_as_the_document_says_whatever_is_sent(
    world: World, tmp_path: Path, attacked: list[str]
) -> None:
    report, said = await fuzzed(world, tmp_path)
    accepted = {
        operation: sum(phase["accepted"] for phase in phases.values())
        for operation, phases in report["valid_rates"].items()
    }
    attacked.append(
        f"schemathesis, {report['test_cases']['generated']} calls, {report['operations']['tested']} operations,"
        f" {len(report['failures'])} kinds of failures"
    )
    assert report["failures"] == [], said
    assert report["errors"] == [], said
    assert report["operations"]["tested"] == report["operations"]["selected"]
    # Refusing everything would pass all of the above.
    assert {operation for operation, count in accepted.items() if count == 0} <= set(NEEDS_MORE), said
