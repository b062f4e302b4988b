"""In which form a message is: by its content type, else by its first bytes."""

from typing import Literal

Form = Literal["json", "avro", "arrow"]
CONTENT_TYPES: dict[str, Form] = {
    "application/json": "json",
    "application/avro": "avro",
    "avro/binary": "avro",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.apache.arrow.file": "arrow",
}
AVRO_MARKER = b"\xc3\x01"
ARROW_MARKERS = (b"\xff\xff\xff\xff", b"ARROW1")
JSON_STARTS = b"{[ \t\r\n"


def form_of(value: bytes, content_type: str | None = None) -> Form | None:
    """None when neither says anything known."""
    if content_type is not None:
        named = CONTENT_TYPES.get(content_type.split(";")[0].strip().lower())
        if named is not None:
            return named
    return form_of_bytes(value[:6])


def form_of_bytes(start: bytes) -> Form | None:
    if start.startswith(AVRO_MARKER):
        return "avro"
    if start.startswith(ARROW_MARKERS):
        return "arrow"
    return "json" if start[:1] and start[:1] in JSON_STARTS else None
