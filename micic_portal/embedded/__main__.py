"""`python -m micic_portal.embedded reset FOLDER` deletes the servers and data of a state folder."""

from __future__ import annotations

import sys
from pathlib import Path

from micic_portal.embedded.folders import EmbeddedServerError
from micic_portal.embedded.provide import reset

if len(sys.argv) != 3 or sys.argv[1] != "reset":
    sys.exit(__doc__)
try:
    reset(Path(sys.argv[2]))
except EmbeddedServerError as error:
    sys.exit(f"error: {error}")
