"""The audit finds what it looks for, and says so by its exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import audit_secrets  # noqa: E402 - tools are programs, and no package
import security_audit  # noqa: E402 - the same


def of_this(*, severity: str = "high") -> security_audit.Report:
    return security_audit.Report([security_audit.Finding("code", severity, "a hole", "here:1")])


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        '{"kty": "EC", "d": "' + "x" * 43 + '"}',
        "ad_prod_" + "0123456789abcdef_" + "x" * 43,
        "Bearer eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 30,
        "AKIA" + "A" * 16,
        "postgresql://ad:" + "correcthorse@db.example/ad",
    ],
)
def test_a_secret_in_a_file_is_found_and_not_repeated(tmp_path: Path, line: str) -> None:
    file = tmp_path / "settings.txt"
    file.write_text(f"first\n{line}\n")
    [(path, number, what)] = audit_secrets.found([file])
    assert (path, number) == (file, 2)
    assert what not in line


def test_what_stands_for_a_secret_is_none(tmp_path: Path) -> None:
    file = tmp_path / "guide.md"
    file.write_text("DATABASE_URL=postgresql://ad:secret@db/ad and a key ad_<env>_<id>_<secret>\n")
    assert list(audit_secrets.found([file])) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_ALLOWED_ORIGINS", '["*"]'),
        ("API_TRUSTED_PROXIES", "*"),
        ("REDIS_URL", "redis://cache.example:6379/0"),
        ("DATABASE_URL", "postgresql://ad:secret@db.example/ad"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092"),
    ],
)
def test_a_setting_that_is_unsafe_is_named(variable: str, value: str) -> None:
    [(_, name, what)] = security_audit.unsafe_settings({variable: value})
    assert name in {variable, "KAFKA_SECURITY_PROTOCOL"}
    assert what


def test_servers_of_this_machine_need_no_encryption() -> None:
    near = {
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "DATABASE_URL": "postgresql://ad:secret@localhost/ad",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    }
    assert list(security_audit.unsafe_settings(near)) == []


def test_the_worst_comes_first_and_decides() -> None:
    report = security_audit.Report([*of_this(severity="low").findings, *of_this().findings])
    assert report.worst() == security_audit.SEVERITIES.index("high")
    assert security_audit.shown(report).splitlines()[0].startswith("high")


def test_this_project_passes_its_own_audit(tmp_path: Path) -> None:
    checks = ("secrets", "permissions", "headers", "containers")
    only = [word for check in checks for word in ("--only", check)]
    report = tmp_path / "report.json"
    command = [sys.executable, "tools/security_audit.py", "--fail-on", "low", "--json", str(report), *only]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0 findings"), done.stdout + done.stderr
    assert report.is_file()
