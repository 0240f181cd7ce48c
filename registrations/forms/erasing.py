"""What someone who erases a registration may leave with an open request for help."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registrations.erasing import LastWords
from registrations.forms.fields import LineField
from registrations.validation import MailAddress, PhoneNumber


class LastWordsForm(forms.Form):
    """Both may be left empty: the request stays all the same."""

    whereabouts = LineField(
        label=_("Where help is needed"),
        required=False,
        help_text=_("This is what you wrote. Change it, or empty it, if you like."),
    )
    contact = LineField(
        label=_("A telephone or email for this request"),
        required=False,
        help_text=_("Only if you want to be reached about it. It is kept with the request alone."),
    )

    def clean_contact(self) -> str:
        typed = str(self.cleaned_data["contact"])
        if not typed:
            return ""
        try:
            return (MailAddress if "@" in typed else PhoneNumber).parse(typed).address
        except ValidationError:
            raise ValidationError(
                _("Write an email address, or a number that begins with + and the country code.")
            ) from None

    @property
    def last_words(self) -> LastWords:
        return LastWords(self.cleaned_data["whereabouts"], self.cleaned_data["contact"])
