"""What everybody does before leaving, whatever the country. The country's own lines come after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

BEFORE_LEAVING: tuple[str | StrPromise, ...] = (
    _("Passport: valid for six months after you return, with a copy kept apart from it."),
    _("Visa: ask the country's embassy whether you need one, also where you only change planes."),
    _("Children: their own passports, and the consent of a parent who does not travel with them."),
    _("Insurance: for hospital, for the flight home, and for what you mean to do there."),
    _("Vaccines and medicines: ask a doctor six weeks before. Carry prescriptions with you."),
    _("Money: two ways to pay, and cash for some days. In a disaster cards stop working."),
    _("Telephone: save the local emergency number and the post's 24-hour number."),
    _("Family: leave your dates and addresses with someone at home."),
    _("Register this trip, so that the consulate knows you are there."),
)
