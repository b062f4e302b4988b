import pytest

from ad_data.forms import Form, form_of


@pytest.mark.parametrize(
    ("value", "content_type", "form"),
    [
        (b"{}", None, "json"),
        (b" \n{}", None, "json"),
        (b"\xc3\x01rest", None, "avro"),
        (b"\xff\xff\xff\xff", None, "arrow"),
        (b"ARROW1", None, "arrow"),
        (b"", None, None),
        (b"hello", None, None),
        (b"hello", "application/json; charset=utf-8", "json"),
        (b"{}", "Avro/Binary", "avro"),
        (b"{}", "text/unknown", "json"),
    ],
)
def test_the_content_type_tells_the_form_else_the_first_bytes(
    value: bytes, content_type: str | None, form: Form | None
) -> None:
    assert form_of(value, content_type) == form
