"""What looks like a secret in a file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# Words that stand for a password in documents and tests.
PLACEHOLDERS = "secret|password|hunter2"
FORMS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a private JWK": re.compile(r'"d"\s*:\s*"[\w-]{40,}"'),
    "an API key of ours": re.compile(r"\bad_(?:dev|test|prod)_[0-9a-f]{16}_[\w-]{40,}"),
    "an access token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a password in an address": re.compile(
        rf"\b(?:postgres(?:ql)?|rediss?|amqp)(?:\+\w+)?://\w+:(?!(?:{PLACEHOLDERS})@)[\w.~+-]{{6,}}@"
    ),
}
MOST_BYTES = 2**20


def found(paths: Iterable[Path]) -> Iterator[tuple[Path, int, str]]:
    """The file, the number of the line, and what it looks like; never the secret itself."""
    for path in paths:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for what, form in FORMS.items():
                if form.search(line):
                    yield path, number, what
