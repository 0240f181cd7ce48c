"""What each alarm may mean, and what to do: for a data protection officer, in two sentences."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from oversight.enums import AlarmKind

EXPLANATIONS: dict[AlarmKind, Any] = {
    AlarmKind.READ_IN_HOUR: _(
        "One account read far more people than a person can help in an hour. Ask the officer and "
        "their superior why; if nobody knows, have the account closed first."
    ),
    AlarmKind.READ_IN_DAY: _(
        "One account read many people in a day, slowly enough not to be noticed by the hour. "
        "Look at the purposes in the ledger, then ask."
    ),
    AlarmKind.READ_IN_CALM: _(
        "One account read many people while no crisis was open in its countries. Everyday "
        "assistance reads few: ask what the work was."
    ),
    AlarmKind.COMPARED: _(
        "One account laid many pairs of people side by side. That is right while lists are being "
        "cleaned, and else a way to browse the register."
    ),
    AlarmKind.COUNTED_SMALL: _(
        "One account counted many areas with hardly anybody in them. A small enough area tells "
        "where a single person is."
    ),
    AlarmKind.EXPORTED: _(
        "Somebody at the server copied every registration into an encrypted file. Ask the operator "
        "for whom it was, and when it will be destroyed."
    ),
    AlarmKind.APPROVED_ALONE: _(
        "A notice went out that its author approved alone, for extreme urgency. Read the reason "
        "with the coordinator, and say whether it holds."
    ),
    AlarmKind.CHAIN_BROKEN: _(
        "Entries or seals are not what they were, so somebody wrote into the database past the "
        "portal. Tell the operator at once, change nothing, and compare the heads that you kept."
    ),
}
