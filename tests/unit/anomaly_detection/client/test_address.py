"""Where the platform is, and the key to it."""

import pytest

from anomaly_detection.client.address import Address, address_of, address_with, url_of
from anomaly_detection.errors import ClientError
from tests.support.canned_server import KEY


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://example.org/ad/", "https://example.org/ad"),
        (" http://[::1]:80/api/v1 ", "http://[::1]:80"),
    ],
)
def test_an_address_is_taken_with_or_without_its_end(server, url) -> None:
    assert address_of(server, KEY).url == url


@pytest.mark.parametrize(
    "server",
    [
        "",
        "localhost:8000",
        "ftp://a",
        "http://",
        "http://a:99999",
        "http://a b",
        "http://[::1",
        "http://a?x=1",
        "http://me:pw@a",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(server) -> None:
    with pytest.raises(ClientError, match=r"http://127\.0\.0\.1:8000"):
        address_of(server, KEY)


@pytest.mark.parametrize("key", ["secret", "ad_", "ad_one", "ad_ö_x", "ad_a_b\nX-Other: 1", "Bearer ad_a_b"])
def test_what_is_no_key_is_refused_without_repeating_it(key) -> None:
    with pytest.raises(ClientError, match="ad_<id>_<secret>") as refused:
        address_of("http://a", key)
    said = str(refused.value).replace("ad_<id>_<secret>", "")
    assert key not in said.replace("ad_<environment>_<id>_<secret>", "")


def test_the_feed_stands_beside_rest_and_the_key_in_no_text() -> None:
    assert Address("https://a/b", KEY).feed == "wss://a/b/api/v1/ws/anomalies"
    assert KEY not in repr(Address("https://a", KEY))


@pytest.mark.parametrize(
    ("url", "here"),
    [("http://127.0.0.1:1", True), ("http://localhost", True), ("http://[::1]:1", True), ("http://a", False)],
)
def test_only_this_machine_is_called_without_a_proxy(url, here) -> None:
    assert Address(url, KEY).on_this_machine is here


def test_the_administrators_key_of_this_machine_is_not_sent_to_another(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    (tmp_path / "admin.key").write_text("ad_one_two\n")
    assert address_of("http://127.0.0.1:8000", None).api_key == "ad_one_two"
    with pytest.raises(ClientError, match=r"no API key for http://detect\.example"):
        address_of("http://detect.example", None)


def test_what_is_not_given_comes_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_URL", "https://detect.example/")
    monkeypatch.setenv("ANOMALY_DETECTION_API_KEY", "ad_five_six")
    found = address_of(None, None)
    assert (found.url, found.api_key) == ("https://detect.example", "ad_five_six")
    given = address_of("https://a", KEY)
    assert (given.url, given.api_key) == ("https://a", KEY)
    assert address_with(None, "eyJ").url == "https://detect.example"


@pytest.mark.parametrize("name", ["ANOMALY_DETECTION_URL", "ANOMALY_DETECTION_API_KEY"])
@pytest.mark.parametrize("text", ["", " "])
def test_a_variable_that_is_set_but_empty_means_nobody_else(name, text, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    (tmp_path / "admin.key").write_text("ad_one_two\n")
    monkeypatch.setenv(name, text)
    with pytest.raises(ClientError, match=f"{name} is set but empty"):
        address_of(None, None)


def test_a_key_that_is_given_but_empty_means_nobody_else(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    (tmp_path / "admin.key").write_text("ad_one_two\n")
    with pytest.raises(ClientError, match="the API key is empty"):
        address_of("http://127.0.0.1:8000", "")


def test_an_address_says_by_what_one_is_signed_in(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    (tmp_path / "admin.key").write_text("ad_one_two\n")
    assert address_of("http://127.0.0.1:8000", None).found == str(tmp_path / "admin.key")
    assert address_of("http://127.0.0.1:8000", KEY).found == "the key that was given"
    monkeypatch.setenv("ANOMALY_DETECTION_API_KEY", KEY)
    assert address_of("http://127.0.0.1:8000", KEY).found == "ANOMALY_DETECTION_API_KEY"


def test_without_an_environment_it_is_this_machine(monkeypatch) -> None:
    monkeypatch.delenv("ANOMALY_DETECTION_URL", raising=False)
    assert url_of(None) == "http://127.0.0.1:8000"
