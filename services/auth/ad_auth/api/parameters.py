"""Parameters of OAuth requests: as a form (RFC 6749) or, as everywhere else here, as JSON."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from ad_auth.domain.refusals import InvalidRequest
from ad_chassis.errors import UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MAX_PARAMETERS = 20
_texts = TypeAdapter(dict[str, str | None])


async def read_parameters(request: Request) -> dict[str, str]:
    """Those that were sent with a value; one without counts as left out (RFC 6749 section 3.2)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (FORM, JSON):
        raise UnsupportedMediaType(f"send the parameters as {FORM} or {JSON}")
    body = await request.body()
    sent = _from_form(body) if media_type == FORM else _from_json(body)
    given = {name: value for name, value in sent.items() if value}
    return given | _basic_client(request.headers.get("authorization"), given)


def read_query(request: Request) -> dict[str, str]:
    """The parameters of the address, each at most once, by the same rules."""
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) < len(pairs) or len(pairs) > MAX_PARAMETERS:
        raise InvalidRequest(f"send each parameter once, and at most {MAX_PARAMETERS}")
    return {name: value for name, value in pairs if value}


def required(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name)
    if value is None:
        raise InvalidRequest(f"the parameter {name!r} is missing")
    return value


def documented_body(needed: str, *others: str, choices: Sequence[str] = ()) -> dict[str, Any]:
    """The documentation of a body that is read by hand, as it comes in two forms; `choices` are of what is needed."""
    properties: dict[str, Any] = {name: {"type": "string"} for name in (needed, *others)}
    if choices:
        properties[needed]["enum"] = list(choices)
    schema = {"type": "object", "properties": properties, "required": [needed]}
    content = {media_type: {"schema": schema} for media_type in (FORM, JSON)}
    return {"requestBody": {"required": True, "content": content}}


def _from_form(body: bytes) -> Mapping[str, str | None]:
    try:
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise InvalidRequest(f"the body is not a form of at most {MAX_PARAMETERS} parameters") from None
    if len(dict(pairs)) < len(pairs):
        raise InvalidRequest("a parameter was sent more than once")
    return dict(pairs)


def _from_json(body: bytes) -> Mapping[str, str | None]:
    try:
        return _texts.validate_json(body)
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        what = (
            f"{', '.join(names)[:200]} must be a text" if names else "the body must be a JSON object of texts"
        )
        raise InvalidRequest(what) from None


def _basic_client(header: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """Id and secret of a client that sends them by HTTP Basic (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    if "client_secret" in given:
        raise InvalidRequest("send the client's secret in the header or in the body, not in both")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequest("the Authorization header is not valid HTTP Basic") from None
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}
