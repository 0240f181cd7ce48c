"""Where the embedded servers keep their files, and which system account runs them.

An ordinary user keeps everything in the state folder. PostgreSQL refuses to run as root, so for
root the servers run as `nobody`, with binaries and data under /var/lib/micic-portal, since a
checkout in root's home is out of nobody's reach.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT_FOLDER = Path("/var/lib/micic-portal")
_SOCKET_PATH_LIMIT = 107  # bytes, without the closing zero (Linux, sun_path)
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432"


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be provided. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that the servers run under."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Account:
        uid = os.geteuid()
        try:
            entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
        except KeyError as error:
            raise EmbeddedServerError(
                f"The embedded servers need an account: user {uid} is not in /etc/passwd. "
                "Set DATABASE_URL and REDIS_URL to servers of your own."
            ) from error
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def run(self, command: Sequence[str | Path], *, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, with a bare environment, and return what it printed."""
        change: dict[str, Any] = {}
        if os.geteuid() != self.uid:
            change = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603
            [str(part) for part in command],
            cwd=cwd,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            umask=0o077,
            start_new_session=True,  # Ctrl-C in the terminal is for the portal, not its servers
            check=False,
            **change,
        )


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one pair of servers. Those that hold data or sockets are 0700.

    Root writes configuration into `home` only, never into a folder that `nobody` owns, where a
    link could lead the writing elsewhere.
    """

    state: Path  # locks; owned by whoever started the portal
    home: Path  # configuration, and the folders below; the state folder itself, save for root
    database: Path
    broker: Path
    sockets: Path
    account: Account

    @classmethod
    def of(cls, state: Path) -> Folders:
        """Lay out the servers' folders for a state folder, creating none of them."""
        state = state.resolve() / "servers"
        account = Account.for_servers()
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
        home = ROOT_FOLDER / digest if os.geteuid() == 0 else state
        sockets = home / "run"
        if len(os.fsencode(sockets / _LONGEST_SOCKET_NAME)) > _SOCKET_PATH_LIMIT:
            sockets = Path(tempfile.gettempdir()) / f"micic-{account.uid}-{digest}"
        return cls(state, home, home / "postgresql", home / "broker", sockets, account)

    def prepare(self) -> None:
        """Create what is missing, and refuse a folder that someone else could have prepared."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_private(self.state, os.geteuid())
        if self.home != self.state:
            for folder in (ROOT_FOLDER, self.home):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o711 if folder == self.home else 0o755)
                require_owner(folder, 0)
        for folder in (self.database, self.broker, self.sockets):
            try:
                folder.mkdir(mode=0o700)
                os.chown(folder, self.account.uid, self.account.gid)
            except FileExistsError:
                require_private(folder, self.account.uid)

    def belongs_to_state(self) -> bool:
        """Whether the data in `home` was made for this state folder and not for one since deleted.

        Only root's servers keep their data elsewhere, where deleting the checkout leaves it.
        """
        mine, theirs = self.state / "identity", self.home / "identity"
        return mine.exists() and theirs.exists() and mine.read_bytes() == theirs.read_bytes()

    def claim(self) -> None:
        identity = uuid.uuid4().hex
        for folder in {self.state, self.home}:
            (folder / "identity").write_text(identity, encoding="ascii")
        (self.home / "state-folder").write_bytes(os.fsencode(self.state))

    def empty(self) -> None:
        """Delete the servers' data. The servers must be stopped."""
        for folder in (self.database, self.broker):
            if folder.exists():
                shutil.rmtree(folder)
        (self.home / "identity").unlink(missing_ok=True)


def sweep_abandoned() -> None:
    """Delete root's data whose state folder is gone, with the checkout that it was part of."""
    if os.geteuid() != 0:
        return
    for note in ROOT_FOLDER.glob("*/state-folder"):
        running = note.with_name("postgresql") / "data" / "postmaster.pid"
        if not Path(os.fsdecode(note.read_bytes())).exists() and not running.exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def require_owner(folder: Path, uid: int) -> os.stat_result:
    """Refuse a folder that is a link, is another user's, or that other users may write to."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o022:
        raise EmbeddedServerError(
            f"{folder} is not a folder that only user {uid} writes to: move it away."
        )
    return found


def require_private(folder: Path, uid: int) -> None:
    if require_owner(folder, uid).st_mode & 0o077:
        raise EmbeddedServerError(f"{folder} is open to other users: set its mode to 0700.")
