import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from ad_chassis.http.problems import install_problems
from ad_gateway.api import page

MODULES = sorted([*page.WEB.glob("*.js"), *page.WEB.glob("views/*.js"), *page.WEB.glob("vendor/*.mjs")])
OWN = [
    path
    for path in sorted(page.WEB.rglob("*"))
    if path.suffix in {".html", ".js", ".css"} and "vendor" not in path.parts
]


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    install_problems(app)
    app.include_router(page.routes())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_the_root_answers_the_page(browser) -> None:
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Anomaly detection</title>" in answer.text


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("main.js", "text/javascript; charset=utf-8"),
        ("views/dashboard.js", "text/javascript; charset=utf-8"),
        ("vendor/preact-11.2.0.mjs", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_a_file_has_the_type_that_browsers_insist_on(browser, path, media_type) -> None:
    answer = await browser.get(f"/web/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content == (page.WEB / path).read_bytes()


async def test_the_page_may_run_only_what_the_gateway_serves(browser) -> None:
    answer = await browser.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; connect-src 'self' ws: wss:;")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_known_file_is_not_sent_again(browser) -> None:
    first = await browser.get("/web/main.js")
    again = await browser.get("/web/main.js", headers={"If-None-Match": first.headers["etag"]})
    changed = await browser.get("/web/main.js", headers={"If-None-Match": 'W/"another"'})
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert not again.content


async def test_only_a_file_with_its_version_in_the_name_is_kept_without_asking(browser) -> None:
    own = await browser.get("/web/main.js")
    vendored = await browser.get("/web/vendor/htm-3.1.1.mjs")
    assert own.headers["cache-control"] == "no-cache"
    assert vendored.headers["cache-control"].endswith("immutable")


async def test_a_browser_that_takes_no_gzip_gets_the_plain_file(browser) -> None:
    zipped = await browser.get("/web/plot.js", headers={"Accept-Encoding": "gzip"})
    plain = await browser.get("/web/plot.js", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.content == plain.content


async def test_head_answers_the_headers_of_the_page(browser) -> None:
    answer = await browser.head("/")
    assert answer.status_code == 200
    assert "etag" in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web/none.js",
        "/web/../api/page.py",
        "/web/%2e%2e/api/page.py",
        "/web/..%2fapi%2fpage.py",
        "/web//etc/passwd",
        "/web/views/%2e%2e/%2e%2e/main.py",
        "/web/vendor",
        "/web/vendor/README.md",
        "/web/main.js%00.css",
    ],
)
async def test_no_path_leads_out_of_the_folder(browser, path) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_no_file_names_an_address_to_load_from(path) -> None:
    code = re.sub(r"http://www\.w3\.org/\S*", "", path.read_text())
    assert not re.findall(r"""(?:src|href|from|import|url)\s*[=(]?\s*["'(]\s*(?:https?:)?//""", code)


def test_the_page_holds_no_script_or_style_of_its_own() -> None:
    text = (page.WEB / "index.html").read_text()
    assert not re.findall(r"<script(?![^>]*\bsrc=)", text)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_import_names_a_file_that_is_served(path: Path) -> None:
    named = re.findall(
        r"""(?:^|[;}\n])(?:import|export)[^;"'`()]*?from\s*["']([^"']+)["']""", path.read_text()
    )
    missing = [name for name in named if not (path.parent / name).is_file()]
    assert not missing
    assert not [name for name in named if not name.startswith(".")]


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.suffix == ".js"], ids=lambda path: path.name
)
def test_every_module_of_the_page_is_type_checked(path) -> None:
    assert path.read_text().startswith("// @ts-check\n")


def test_every_vendored_library_stands_with_its_licence() -> None:
    vendor = page.WEB / "vendor"
    libraries = {path.name.split("-")[0] for path in vendor.glob("*.mjs")}
    assert libraries == {path.stem.removeprefix("LICENSE-") for path in vendor.glob("LICENSE-*.txt")}
