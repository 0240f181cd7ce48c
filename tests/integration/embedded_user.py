"""A process that uses the embedded servers: starts or joins them, names them, leaves when told.

Run as `embedded_user.py STATE_FOLDER`: prints one line of JSON with the servers' names, then waits
for its standard input to close.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from micic_portal.embedded.folders import EmbeddedServerError
from micic_portal.embedded.provide import provide

try:
    provide(Path(sys.argv[1]))
except EmbeddedServerError as error:
    sys.exit(f"error: {error}")
names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
sys.stdout.write(json.dumps({name: os.environ[name] for name in names}) + "\n")
sys.stdout.flush()
sys.stdin.read()
