"""Identifiers: kept as they are only by a deployment that runs live booking, and keyed hashes otherwise."""

from __future__ import annotations

import hashlib
import hmac
import re

from django.conf import settings

from trustwide.commons.patients.exceptions import PatientError

SYNTHETIC = "999"  # NHS numbers of this range belong to nobody
_WEIGHTS = range(10, 1, -1)
BRITAIN = "44"
_LONE_MOBILE = re.compile(r"7\d{9}")  # a spreadsheet takes the first 0 away
_BRITISH = re.compile(r"44(7\d{9}|[1-689]\d{8,9})")  # what follows the 0 (Ofcom, National Telephone Numbering Plan)
_FOREIGN = re.compile(r"(?!44)[1-9]\d{6,14}")  # at most fifteen digits (ITU-T E.164)


def keeps_identifiers() -> bool:
    """Whether this deployment books live, so that it has to know names and addresses."""
    return bool(settings.LIVE_BOOKING)


def key_of(identifier: str, partnership: str) -> str:
    """HMAC-SHA-256 of an identifier, 64 hexadecimal digits: the same person gives the same key, nobody can go back.

    `partnership` (its slug) is hashed in, so that two partnerships' keys cannot be joined. Spaces and case do not
    count. Raises PatientError for an identifier without a letter or digit.
    """
    plain = re.sub(r"[^0-9a-z]", "", identifier.lower())
    if not plain:
        raise PatientError("A patient identifier is empty; expected the local number or the NHS number.")
    message = f"{partnership}:{plain}".encode()
    return hmac.new(settings.PATIENT_KEY.encode(), message, hashlib.sha256).hexdigest()


def is_nhs_number(number: str) -> bool:
    """Ten digits whose last is the modulus 11 check digit (NHS Data Dictionary, NHS NUMBER)."""
    digits = re.sub(r"[ -]", "", number)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return int(digits[9]) == (0 if check == 11 else check)


def check_may_keep(nhs_number: str, *, synthetic_only: bool) -> None:
    """Raise PatientError for a number that is wrong, or real where only invented ones may stand."""
    if not is_nhs_number(nhs_number):
        raise PatientError("The NHS number is not ten digits with a right check digit; check it against the letter.")
    if synthetic_only and not re.sub(r"[ -]", "", nhs_number).startswith(SYNTHETIC):
        raise PatientError("This is a demo: only invented NHS numbers, which begin with 999, may be kept in it.")


def digits_abroad(number: str) -> str:
    """The digits of a telephone number as dialled from abroad; empty for no number. "(0)" after a + is dropped.

    What begins with neither + nor 0 is taken as it is, for services send numbers without their +.
    """
    digits = re.sub(r"[^0-9]", "", number.replace("(0)", "") if number.strip().startswith(("+", "00")) else number)
    if number.strip().startswith("+") or digits.startswith("00"):
        return digits.removeprefix("00")
    if digits.startswith("0"):
        return f"{BRITAIN}{digits[1:]}"
    return f"{BRITAIN}{digits}" if _LONE_MOBILE.fullmatch(digits) else digits


def full_number(number: str) -> str:
    """A telephone number as it is kept: + and the digits as dialled from abroad; empty stays empty.

    Raises PatientError for what is no number, and for one of another country that does not say of which.
    """
    plain = number.strip()
    if not plain:
        return ""
    digits = digits_abroad(plain)
    foreign = plain.startswith(("+", "00")) and _FOREIGN.fullmatch(digits)
    if not re.fullmatch(r"[+0-9()./ \u00a0-]+", plain) or not (foreign or _BRITISH.fullmatch(digits)):
        raise PatientError(
            "The telephone number is none; expected one like 07700 900123, or + and the country for one from abroad."
        )
    return f"+{digits}"
