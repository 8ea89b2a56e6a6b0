"""Where a temporary PostgreSQL server lives and as whom it runs; PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.databases.binaries import Binaries
from harness.errors import DatabaseError

LONGEST_SOCKET_FOLDER = 80
SOCKET_FOLDER = "/harness-pg-xxxxxxxx/socket"
UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Lodging:
    """A temporary folder that belongs to the server's user; `user` is None where that is the user of the harness."""

    folder: Path
    user: int | None = None
    group: int | None = None

    @property
    def data(self) -> Path:
        """The data folder, which initdb makes."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """The folder of the unix socket, which only its owner may enter."""
        return self.folder / "socket"


def find() -> Lodging:
    """Make a temporary folder that the server's user can reach and whose socket path is short enough.

    Raises DatabaseError where there is none.
    """
    user, group = _unprivileged() if os.geteuid() == 0 else (None, None)
    for base in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if len(f"{base}{SOCKET_FOLDER}") <= LONGEST_SOCKET_FOLDER and reachable(base, user):
            place = Lodging(Path(tempfile.mkdtemp(prefix="harness-pg-", dir=base)), user, group)
            place.socket.mkdir(mode=0o700)
            if user is not None and group is not None:
                os.chown(place.folder, user, group)
                os.chown(place.socket, user, group)
            return place
    raise DatabaseError(
        "PostgreSQL needs a temporary folder with a short path that all users can reach; set TMPDIR=/tmp."
    )


def reachable(path: Path, user: int | None) -> bool:
    """Tell whether the server's user can enter that folder and those above it."""
    if not path.is_dir():
        return False
    return user is None or all(each.stat().st_mode & 0o001 for each in (path.resolve(), *path.resolve().parents))


def readable(binaries: Binaries, place: Lodging) -> Binaries:
    """Return binaries that the server's user can run: these, or a copy of them in the temporary folder.

    The user's own folders keep their permissions. A wheel's shared libraries lie beside its package and are copied too.
    """
    if reachable(binaries.folder, place.user):
        return binaries
    prefix = binaries.folder.parent
    package = prefix.parent
    copy = place.folder / "binaries" / package.name / prefix.name
    shutil.copytree(prefix, copy, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, place.folder / "binaries" / libraries.name)
    for each in (place.folder / "binaries", *(place.folder / "binaries").rglob("*")):
        if not each.is_symlink():
            each.chmod(0o755)
    return Binaries(copy / binaries.folder.name, binaries.version)


def _unprivileged() -> tuple[int, int]:
    try:
        account = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise DatabaseError(
            f"PostgreSQL does not run as root and there is no user {UNPRIVILEGED!r}; run the harness as another user."
        ) from None
    return account.pw_uid, account.pw_gid
