"""A group: what it is and who organises it; and the list of its people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel
from registrations.answers import ContactAnswer
from registrations.enums import GroupKind
from registrations.forms.fields import MailField, NameField
from registrations.spreadsheets.reading import SIZE_LIMIT, read_list
from registrations.spreadsheets.tables import Table, Unreadable


class OrganiserForm(forms.Form):
    mail = MailField(
        label=_("Your email address"),
        help_text=_("We send a code to it, to be sure that it is yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": _("Write your email address.")},
    )

    @property
    def contact(self) -> ContactAnswer:
        return ContactAnswer(channel=Channel.MAIL.value, address=self.cleaned_data["mail"])


class GroupForm(OrganiserForm):
    kind = forms.ChoiceField(
        label=_("What kind of group is it?"),
        choices=GroupKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    group_name = NameField(
        label=_("Name of the group"),
        help_text=_("As its people know it: it stands in what we write to them."),
        error_messages={"required": _("Write the name of the group.")},
    )
    name = NameField(
        label=_("Your full name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the group"),
        choices=settings.LANGUAGES,
        help_text=_("We write to its people in it, unless your list says another."),
        error_messages={"required": _("Choose a language.")},
    )
    field_order = ("kind", "group_name", "name", "mail", "language")


class UploadForm(forms.Form):
    """Reads the list, so that a file that cannot be taken as a whole is refused at once."""

    file = forms.FileField(
        label=_("Your list"),
        help_text=_("XLSX or CSV, up to 10,000 people and 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        error_messages={
            "required": _("Choose the file with your list."),
            "empty": _("This file is empty."),
        },
        allow_empty_file=False,
    )

    table: Table

    def clean_file(self) -> Any:
        file: UploadedFile = self.cleaned_data["file"]
        # A file beyond the limit was written to disk as it came in, and is not read.
        if (file.size or 0) > SIZE_LIMIT:
            raise forms.ValidationError(
                _(
                    "This file is larger than 5 MB. Keep only the columns of our template, without "
                    "pictures, or split the list."
                ),
                code="too_large",
            )
        if (file.name or "").lower().endswith((".xlsm", ".xltm", ".xls", ".ods", ".numbers")):
            raise forms.ValidationError(
                _("We take XLSX and CSV files only. Save your list as one of them."), code="kind"
            )
        try:
            self.table = read_list(file.file)  # type: ignore[arg-type]
        except Unreadable as problem:
            raise forms.ValidationError(str(problem), code="unreadable") from None
        return file
