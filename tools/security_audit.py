"""Looks at this project, and at the settings in the environment, for what makes it unsafe.

python tools/security_audit.py [--json FILE] [--fail-on high|medium|low] [--only CHECK]

Exit code: 0 without a finding of the severity of --fail-on or above it, else 1; 2 when a check could not be run at all.
What is not there to be looked at, such as containers or a network, is told and is no finding.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import audit_secrets
import httpx2

from ad_auth.domain.roles import ROLES
from ad_chassis.hosting import hosted
from ad_chassis.logs import configure_logs
from ad_chassis.testing.platform import embedded_settings
from anomaly_detection.serve.services import SERVICES, build_of

ROOT = Path(__file__).parents[1]
SOURCES = ("contracts", "libs", "services", "apps")
SEVERITIES = ("low", "medium", "high")
OPEN = {
    "health",
    "health/live",
    "health/ready",
    "auth/token",
    "auth/refresh",
    "auth/revoke",
    "auth/jwks.json",
    "auth/authorize",
    "auth/device",
    "auth/device/decision",
    "auth/external",
    "auth/external/callback",
    "/.well-known/oauth-authorization-server",
}
"""Routes that need no token, those without a slash below /api/v1.

/metrics of the services behind the gateway is theirs alone.
"""
WANTED_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src",
}
STRICT = "strict-transport-security"
LOOPBACK = {"localhost", "127.0.0.1", "::1", ""}


@dataclass(frozen=True)
class Finding:
    check: str
    severity: str
    what: str
    where: str


@dataclass
class Report:
    """What was looked at, what could not be, and what was found."""

    findings: list[Finding] = field(default_factory=list)
    looked_at: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def worst(self) -> int:
        return max((SEVERITIES.index(each.severity) for each in self.findings), default=-1)


class CannotRun(Exception):
    """A check that should have run did not."""


def code(report: Report) -> None:
    """bandit over what is delivered."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", str(ROOT / "pyproject.toml")]
    done = _run([*command, "--recursive", "--format", "json", *(str(ROOT / each) for each in SOURCES)])
    if done.returncode not in {0, 1}:
        raise CannotRun(done.stderr.strip()[-500:])
    found = json.loads(done.stdout)
    for each in found["results"]:
        where = f"{Path(each['filename']).relative_to(ROOT)}:{each['line_number']}"
        severity = each["issue_severity"].lower()
        report.findings.append(Finding("code", severity, each["issue_text"], where))
    report.looked_at["code"] = f"{found['metrics']['_totals']['loc']:,} lines with bandit"


def dependencies(report: Report) -> None:
    """Known vulnerabilities of what is locked; needs a network."""
    lock = ROOT / "requirements" / "run.lock"
    done = _run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            "--require-hashes",
            "--disable-pip",
            "-r",
            str(lock),
            "-f",
            "json",
        ]
    )
    if not done.stdout.strip():
        report.left_out["dependencies"] = "the database of vulnerabilities cannot be reached"
        return
    found = json.loads(done.stdout)["dependencies"]
    for each in found:
        for known in each.get("vulns", ()):
            what = f"{known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
            report.findings.append(Finding("dependencies", "high", what, f"{each['name']} {each['version']}"))
    report.looked_at["dependencies"] = f"{len(found)} locked packages"


def secrets(report: Report) -> None:
    """Keys, tokens and passwords in files that are under version control."""
    files = _run(["git", "-C", str(ROOT), "ls-files", "-z"]).stdout.split("\0")
    paths = [ROOT / name for name in files if name]
    for path, line, what in audit_secrets.found(paths):
        report.findings.append(Finding("secrets", "high", what, f"{path.relative_to(ROOT)}:{line}"))
    report.looked_at["secrets"] = f"{len(paths):,} files"


def permissions(report: Report) -> None:
    """Every documented route, and which of the built-in roles it lets in."""
    routes = dict(_routes())
    for route, permission in routes.items():
        path = route.partition(" ")[2].removeprefix("/api/v1/")
        if permission is None and path not in OPEN:
            report.findings.append(Finding("permissions", "high", "needs no token", route))
    let_in = {
        role: sum(permission in (*allowed, "") for permission in routes.values())
        for role, allowed in ROLES.items()
    }
    counted = ", ".join(f"{role} {count}" for role, count in let_in.items())
    report.looked_at["permissions"] = f"{len(routes)} routes; open with a token to: {counted}"


def headers(report: Report) -> None:
    """What the gateway says to browsers, plain and behind a proxy that ends TLS."""
    answers = asyncio.run(_answers())
    for path, scheme, found in answers:
        for name, start in WANTED_HEADERS.items():
            if not found.get(name, "").startswith(start):
                report.findings.append(Finding("headers", "medium", f"no {name}: {start}…", path))
        if scheme == "https" and STRICT not in found:
            report.findings.append(Finding("headers", "medium", f"no {STRICT} over https", path))
        if "server" in found:
            report.findings.append(Finding("headers", "low", f"says what it is: {found['server']}", path))
    report.looked_at["headers"] = f"{len(answers)} answers of a gateway that was started for it"


def settings(report: Report, environment: Mapping[str, str] = os.environ) -> None:
    """What the environment sets: transport, origins, proxies, debugging."""
    for severity, name, what in unsafe_settings(environment):
        report.findings.append(Finding("settings", severity, what, name))
    report.looked_at["settings"] = "the variables of this environment"


def containers(report: Report) -> None:
    """Dockerfiles and manifests, where there are any."""
    files = [*ROOT.glob("deploy/**/Dockerfile*"), *ROOT.glob("Dockerfile*"), *ROOT.glob("k8s/**/*.yaml")]
    if not files:
        report.left_out["containers"] = "there are neither Dockerfiles nor manifests"
        return
    for file in files:
        text, where = file.read_text(), str(file.relative_to(ROOT))
        if file.name.startswith("Dockerfile") and "\nUSER " not in text:
            report.findings.append(Finding("containers", "high", "runs as root: no USER", where))
        if file.suffix == ".yaml" and "kind: Deployment" in text and "runAsNonRoot: true" not in text:
            report.findings.append(Finding("containers", "high", "no runAsNonRoot: true", where))
    report.looked_at["containers"] = f"{len(files)} files"


def unsafe_settings(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Severity, variable, and what is wrong with it."""
    production = environment.get("ANOMALY_DETECTION_ENV", "").startswith("prod")
    if production and environment.get("ANOMALY_DETECTION_DEBUG", "").lower() in {"1", "true", "yes"}:
        yield "medium", "ANOMALY_DETECTION_DEBUG", "is on in production"
    if "*" in environment.get("GATEWAY_ALLOWED_ORIGINS", ""):
        yield "high", "GATEWAY_ALLOWED_ORIGINS", "lets pages of every origin in; list them"
    if "*" in environment.get("API_TRUSTED_PROXIES", ""):
        yield "high", "API_TRUSTED_PROXIES", "believes anybody who says for whom they call; name the proxies"
    redis = urlsplit(environment.get("REDIS_URL", ""))
    if redis.scheme == "redis" and redis.hostname not in LOOPBACK:
        yield "medium", "REDIS_URL", "goes over the network without TLS; use rediss://"
    database = urlsplit(environment.get("DATABASE_URL", ""))
    if (
        database.scheme.startswith("postgres")
        and database.hostname not in LOOPBACK
        and "ssl" not in database.query
    ):
        yield "medium", "DATABASE_URL", "goes over the network without TLS; add ?ssl=verify-full"
    brokers = environment.get("KAFKA_BOOTSTRAP_SERVERS", "").split(",")
    far = [each for each in brokers if each.rpartition(":")[0].strip() not in LOOPBACK]
    protocol = environment.get("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    if far and protocol in {"PLAINTEXT", "SASL_PLAINTEXT"}:
        yield "medium", "KAFKA_SECURITY_PROTOCOL", f"{protocol} to {far[0].strip()}; use SSL or SASL_SSL"


CHECKS: Mapping[str, Callable[[Report], None]] = {
    each.__name__: each for each in (code, dependencies, secrets, permissions, headers, settings, containers)
}


def audit(names: Iterable[str]) -> Report:
    report = Report()
    for name in names:
        CHECKS[name](report)
    return report


def shown(report: Report) -> str:
    """For people: the worst first."""
    lines = [f"looked at  {name}: {what}" for name, what in report.looked_at.items()]
    lines += [f"left out   {name}: {why}" for name, why in report.left_out.items()]
    ordered = sorted(report.findings, key=lambda each: -SEVERITIES.index(each.severity))
    lines += [f"{each.severity:<10} {each.check}: {each.where}: {each.what}" for each in ordered]
    lines.append(f"{len(ordered)} findings")
    return "\n".join(lines)


async def _answers() -> list[tuple[str, str, Mapping[str, str]]]:
    found: list[tuple[str, str, Mapping[str, str]]] = []
    with tempfile.TemporaryDirectory() as folder:
        builds = [build_of(name) for name in SERVICES]
        chosen = embedded_settings(Path(folder))
        proxied = chosen.model_copy(
            update={"http": chosen.http.model_copy(update={"trusted_proxies": "127.0.0.1"})}
        )
        configure_logs("audit", proxied.runtime.model_copy(update={"log_level": "ERROR", "debug": False}))
        async with (
            hosted(builds, proxied, edge="gateway") as host,
            httpx2.AsyncClient(base_url=host.url) as http,
        ):
            for path in ("/", "/docs", "/health", "/api/v1/models", "/api/v1/nothing"):
                for scheme in ("http", "https"):
                    answer = await http.get(path, headers={"X-Forwarded-Proto": scheme})
                    found.append((path, scheme, answer.headers))
    return found


def _routes() -> Iterator[tuple[str, str | None]]:
    """Method and path, and the permission: None without a token, empty for whoever has one."""
    for file in sorted((ROOT / "contracts" / "openapi").glob("*.json")):
        for path, item in json.loads(file.read_text())["paths"].items():
            for method, operation in item.items():
                if path == "/api/v1/metrics" and file.stem != "gateway":
                    continue
                yield f"{method.upper()} {path}", _permission(operation)


def _permission(operation: Mapping[str, Any]) -> str | None:
    if "security" not in operation:
        return None
    return " ".join(name for each in operation["security"] for names in each.values() for name in names)


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the report here")
    parser.add_argument("--fail-on", choices=SEVERITIES, default="medium", help="medium unless given")
    parser.add_argument("--only", action="append", choices=CHECKS, help="this check; may be repeated")
    options = parser.parse_args()
    try:
        report = audit(options.only or CHECKS)
    except CannotRun as error:
        print(f"a check could not be run: {error}", file=sys.stderr)
        return 2
    print(shown(report))
    if options.json:
        document = asdict(report) | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    return int(report.worst() >= SEVERITIES.index(options.fail_on))


if __name__ == "__main__":
    sys.exit(main())
