"""When people are reminded of a stay: before it ends, and of a residence every year."""

from __future__ import annotations

import datetime as dt

# A few days before its last one: still time to change it, or to say that one has left.
REMINDER_DAYS = 3
# A residence without a word for so long is asked about, and asked again after as long.
YEAR = dt.timedelta(days=365)
# After this many questions in vain, and this long after the last one, the stay ends by itself.
QUESTIONS = 2
GRACE = dt.timedelta(days=60)
