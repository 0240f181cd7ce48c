"""Rules for posts and users. No database."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers
import pycountry
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.enums import Role


def country_code(value: str) -> str:
    """An ISO 3166 alpha-2 code in capitals. Raises ValidationError."""
    code = value.strip().upper()
    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
        raise ValidationError(_("“%(value)s” is not a country code.") % {"value": value})
    return code


def country_codes(values: Iterable[str]) -> list[str]:
    """Distinct ISO 3166 alpha-2 codes, sorted; at least one. Raises ValidationError."""
    codes = sorted({country_code(value) for value in values})
    if not codes:
        raise ValidationError(_("Name at least one country."))
    return codes


def telephone(value: str) -> str:
    """An international number as E.164. Raises ValidationError."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(
            _("Give the telephone number with + and its country code.")
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Give the telephone number with + and its country code."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mail_address(value: str) -> str:
    """A mail address in lower case, so that one person is one user. Raises ValidationError."""
    address = value.strip().lower()
    validate_email(address)
    return address


def role(value: str) -> Role:
    """A role by its stored word. Raises ValidationError."""
    if value not in Role.values:
        raise ValidationError(
            _("“%(value)s” is no role. The roles are: %(roles)s.")
            % {"value": value, "roles": ", ".join(Role.values)}
        )
    return Role(value)


def language(value: str) -> str:
    """One of the portal's languages. Raises ValidationError."""
    if value not in dict(settings.LANGUAGES):
        raise ValidationError(_("“%(value)s” is not one of the languages.") % {"value": value})
    return value
