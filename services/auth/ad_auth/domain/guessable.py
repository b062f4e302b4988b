"""Passwords that are long and still guessed first: common words, rows of keys, repetitions, the user's name."""

import re
import unicodedata

from ad_auth.domain.common_passwords import COMMON

LEAST_OWN = 5
"""So many characters must be left when all that is easily guessed is taken out."""
LEAST_PART = 4
WORDS = (
    "anomaly detection anomalydetection administrator admin root guest user test demo default system server service "
    "password passwort passwd passw pass parola contrasena kennwort secret login logon welcome letmein changeme "
    "change access master super manager operator analyst viewer trustno hello iloveyou loveyou love sunshine "
    "princess dragon monkey football baseball basketball soccer hockey superman batman starwars pokemon michael "
    "jordan jennifer charlie shadow summer winter spring autumn monday friday january february march april june july "
    "august september october november december company office computer internet google facebook microsoft "
    "windows samsung iphone android mustang ferrari cheese cookie banana orange flower freedom whatever ninja qwerty "
    "azerty qwertz asdfgh zxcvbn"
)
# Longest first, or a part of a word would be taken and the rest be left.
_WORDS = sorted(WORDS.split(), key=len, reverse=True)
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
    "abcdefghijklmnopqrstuvwxyz",
)
_ALIKE = str.maketrans("0134578@$!", "oieastbasi")
_REPEATED = re.compile(r"(.{1,6}?)\1{2,}|(.{3,32})\2+")
_SIGNS = re.compile(r"[\s!-/:-@\[-`{-~]+")
_DIGITS_A_LETTER = 3


def guessable(password: str, username: str) -> bool:
    """Whether a password is on the list, or hardly anything of it is its user's own idea."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    names = [part for part in re.split(r"[^a-z0-9]+", username.casefold()) if len(part) >= LEAST_PART]
    whole = [username.casefold(), *names]
    if plain in COMMON:
        return True
    return min(_own(plain, whole), _own(plain.translate(_ALIKE), whole)) < LEAST_OWN


def _own(text: str, names: list[str]) -> float:
    """How many characters are left, a digit being worth less than a letter.

    What is taken out leaves a space, so that no new word comes together; what is repeated counts once.
    """
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    for word in _WORDS:
        text = text.replace(word, " ")
    text = _REPEATED.sub(r" \1\2 ", text)
    text = _SIGNS.sub("", _without_rows(text))
    digits = sum(each.isdecimal() for each in text)
    return len(text) - digits + digits / _DIGITS_A_LETTER


def _without_rows(text: str) -> str:
    """Takes out neighbours on a keyboard or in the alphabet, either way, of `LEAST_PART` and more."""
    kept, place = "", 0
    while place < len(text):
        length = max(_row_at(text, place), 1)
        kept += " " if length > 1 else text[place]
        place += length
    return kept


def _row_at(text: str, place: int) -> int:
    length = LEAST_PART
    while place + length <= len(text) and _in_a_row(text[place : place + length]):
        length += 1
    return length - 1 if length > LEAST_PART else 0


def _in_a_row(part: str) -> bool:
    return any(part in row or part in row[::-1] for row in _ROWS)
