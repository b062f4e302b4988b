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


class InvalidToken(InvalidRequest):
    """A token that was given to another client than the one that sends it."""


class UnsupportedTokenType(Refused):
    """RFC 7009 section 2.2.1: it cannot be revoked here."""

    error = "unsupported_token_type"


class AuthorizationPending(Refused):
    """RFC 8628 section 3.5: nobody has answered yet."""

    error = "authorization_pending"


class SlowDown(Refused):
    error = "slow_down"


class AccessDenied(Refused):
    error = "access_denied"


class ExpiredToken(Refused):
    error = "expired_token"
