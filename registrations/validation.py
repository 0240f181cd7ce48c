"""What a registration accepts: addresses, names, documents, coordinates. No database is asked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from registrations.days import western_digits

NAME_LENGTH = 300
DOCUMENT_LENGTH = 40

_check_mail = EmailValidator()
_COORDINATE = re.compile(
    r"^\s*(?P<sign>[+-]?)(?P<number>\d{1,3}(?:[.,]\d{1,15})?)\s*°?\s*(?P<side>[NSEWO]?)\s*$", re.I
)
# Joiners shape letters in Persian and several Indian scripts, so a name keeps them.
_JOINERS = "\u200c\u200d"


def tidy(text: str) -> str:
    """Compose accents, drop what cannot be seen, and make every run of spaces one."""
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(
        letter
        for letter in composed
        if letter in _JOINERS or letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    return " ".join(seen.split())


def clean_name(text: str) -> str:
    """Any name of at least one letter or sign, in any script."""
    name = tidy(text)
    if not name.strip(_JOINERS):
        raise ValidationError(_("Write a name."), code="required")
    return check_length(name, NAME_LENGTH)


def check_length(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValidationError(
            _("Write at most %(limit)s letters."), code="too_long", params={"limit": limit}
        )
    return text


def clean_document(text: str) -> str:
    """A passport's or an identity card's number: letters of any script in capitals, and digits.

    Raises ValidationError.
    """
    number = western_digits(unicodedata.normalize("NFKC", tidy(text))).upper()
    if not all(sign.isalnum() or sign in " -/" for sign in number):
        raise ValidationError(
            _("Write only letters, digits, spaces, dashes and slashes."), code="document"
        )
    if number and not any(sign.isalnum() for sign in number):
        raise ValidationError(_("Write the number of your document."), code="document")
    return check_length(number, DOCUMENT_LENGTH)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One email address. `indexed` is what two spellings of the same mailbox share."""

    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValidationError unless it is one address that a mail server would take."""
        typed = unicodedata.normalize("NFC", text).strip()
        local, at, domain = typed.rpartition("@")
        if not at or "," in typed or ";" in typed or len(typed) > 254:
            raise ValidationError(_("Write one email address, like name@example.org."), code="mail")
        address = f"{local}@{domain.lower()}"
        try:
            _check_mail(address)
        except ValidationError:
            raise ValidationError(
                _("Write an email address, like name@example.org."), code="mail"
            ) from None
        return cls(address)

    @property
    def indexed(self) -> str:
        # Mailbox names that differ only in case belong to one person everywhere that matters.
        return f"mail:{self.address.lower()}"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One telephone number in E.164: +34600123456."""

    address: str

    @classmethod
    def parse(cls, text: str, *, mobile: bool = False) -> Self:
        """Raises ValidationError unless it is a possible number with its country code."""
        typed = unicodedata.normalize("NFKC", text).strip()
        digits = re.sub(r"[^\d+]", "", typed)
        if digits.startswith("00"):
            typed = "+" + digits[2:]
        if not typed.startswith("+"):
            raise ValidationError(
                _("Begin the number with + and the country code, like +34 600 123 456."),
                code="country_code",
            )
        try:
            number = phonenumbers.parse(typed, None)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                _("This is not a telephone number. Check the country code and the digits."),
                code="phone",
            )
        if mobile and phonenumbers.number_type(number) in _CANNOT_TAKE_SMS:
            raise ValidationError(
                _("This number cannot receive text messages. Write a mobile number."),
                code="not_mobile",
            )
        return cls(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    @property
    def indexed(self) -> str:
        return f"phone:{self.address}"

    @property
    def prefix(self) -> str:
        """The block of numbers it lies in: all but the last four digits."""
        return self.address[:-4]


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """Where a channel reaches somebody that nobody types: a browser, a chat."""

    channel: str
    address: str

    @property
    def indexed(self) -> str:
        return f"{self.channel}:{self.address}"


_CANNOT_TAKE_SMS = {
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.UAN,
    phonenumbers.PhoneNumberType.VOICEMAIL,
}


def clean_coordinate(text: str, *, latitude: bool) -> float:
    """Decimal degrees, with a point or a comma, a sign or a letter of the compass."""
    match = _COORDINATE.match(unicodedata.normalize("NFKC", text).replace("−", "-"))
    sides = "NS" if latitude else "EWO"
    if match is None or (match["side"] and match["side"].upper() not in sides):
        raise ValidationError(
            _("Write the latitude in decimal degrees, like 27.7172.")
            if latitude
            else _("Write the longitude in decimal degrees, like 85.3240."),
            code="coordinate",
        )
    value = float(match["number"].replace(",", "."))
    if match["sign"] == "-" or match["side"].upper() in {"S", "W", "O"}:
        value = -value
    limit = 90 if latitude else 180
    if abs(value) > limit:
        raise ValidationError(
            _("A latitude lies between -90 and 90.")
            if latitude
            else _("A longitude lies between -180 and 180."),
            code="range",
        )
    return value
