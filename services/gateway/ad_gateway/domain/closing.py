"""The codes with which the live feed is closed (RFC 6455, 7.4): ours are the HTTP status and 4000."""

BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, BUSY = 4400, 4401, 4403, 4429
UNSUPPORTED, BROKEN, STOPPING, TRY_AGAIN_LATER = 1003, 1011, 1012, 1013
REASON_CHARACTERS = 120
"""A close frame holds 123 bytes of reason."""


def code_of(status: int) -> int:
    """Close code for what would be this status over HTTP."""
    return {400: BAD_REQUEST, 422: BAD_REQUEST, 401: UNAUTHENTICATED, 403: FORBIDDEN, 429: BUSY}.get(
        status, TRY_AGAIN_LATER
    )


def reason_of(detail: str) -> str:
    return detail.encode()[:REASON_CHARACTERS].decode(errors="ignore")
