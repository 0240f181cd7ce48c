"""The engine's numbers, and the reasons for them."""

from __future__ import annotations

import random

from notifications.enums import Lane

# Rows in one claim: enough that the claim costs little, few enough to be opened in a moment.
CLAIM = 500
# A claim takes this many codes at most: a code never waits behind 100,000 notices, and a flood of
# codes never takes more than a tenth of the notices' way.
CODES_PER_CLAIM = 50
# Advice is claimed by less, and only while no notice is due: what is in hand is soon over.
ADVICE_PER_CLAIM = 128
# While letters of one lane are in hand, the others are looked at this often.
LOOK_AT_LANES_SECONDS = 0.2
# A drain with nothing in hand stays for what falls due within this time, such as the next turns at
# a provider with a limit, and looks at the lanes at least this often while providers are slow.
STAY_SECONDS = 1.0
# Rows whose attempt is committed and which are then sent at the same time. A killed worker leaves
# at most SLICE * SLICES_IN_FLIGHT of them in doubt, of each lane.
SLICE = 64
SLICES_IN_FLIGHT = 2
# A worker that lives renews its lease; what a dead one held is free again this many seconds later.
LEASE_SECONDS = 30
RENEW_AFTER_SECONDS = 10
# A drain ends after this long and rings for the next one, so that a worker asked to stop can.
DRAIN_SECONDS = 10.0
# A busy worker repairs what others left as the sweeper does, which may have to wait for it.
REPAIR_EVERY_SECONDS = 2.0
# A provider is given a moment to finish before it is asked whether it has a message.
LOOK_UP_AFTER_SECONDS = 3.0
LOOK_UPS_PER_ROUND = 64
# How often a crisis notice that its provider left unanswered is sent again where nobody can be
# asked. Where the provider says that it does not have it, that is as good as a passing error.
BLIND_RESENDS = 1

# So many failures of a provider's own, one after the other, open its circuit: more than bad luck
# makes of a provider that fails every second time (one in a million), and less than one slice.
FAILURES_TO_OPEN = 20
# It stays open this long, doubling each time up to the longest: what is repaired is found soon.
FIRST_OPEN_SECONDS = 2.0
LONGEST_OPEN_SECONDS = 30.0
# Letters that try a provider that was down, and how often those who wait for it look again.
TRIAL = 8
TRIAL_LOOK_SECONDS = 1.0
# What other workers have found out about the providers is at most this old.
STANDS_READ_EVERY_SECONDS = 0.1
SHORTEST_WAIT_SECONDS = 0.2
# A provider with a limit may get this many seconds' worth at once.
TOKENS_SECONDS = 1.0
# Turns at a provider with a limit are given out no further ahead: what was aborted meanwhile may
# not keep others waiting for its turns.
TURNS_AHEAD_SECONDS = 60.0

FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0
# With the longest wait between attempts that is about five hours of a provider's absence; a
# message that expires earlier ends earlier.
MAX_ATTEMPTS: dict[int, int] = {Lane.CRISIS: 60, Lane.VERIFICATION: 12, Lane.ADVICE: 20}


def retry_delay(attempt: int, asked: float | None) -> float:
    """Seconds until the next attempt: doubling, spread out, never before the provider's wish."""
    doubled = FIRST_RETRY_SECONDS * 2 ** min(max(attempt - 1, 0), 10)
    spread = min(doubled, LONGEST_RETRY_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311  # nosec
    return max(spread, asked * random.uniform(1.0, 1.2)) if asked else spread  # noqa: S311  # nosec
