"""Why a grant is refused, in the words of RFC 6749 section 5.2."""

from typing import ClassVar


class Refused(Exception):
    """No token. The message is the same whichever part was wrong, so that nobody learns which."""

    error: ClassVar[str] = "invalid_request"


class InvalidRequest(Refused):
    """A parameter is missing, repeated or malformed."""


class UnsupportedGrant(Refused):
    error = "unsupported_grant_type"


class InvalidGrant(Refused):
    """A user name, password or refresh token that is not good."""

    error = "invalid_grant"


class MfaRequired(Refused):
    """The password is right, and the account has a second factor."""

    error = "mfa_required"


class InvalidClient(Refused):
    """An API key that is not good."""

    error = "invalid_client"
