"""A PostgreSQL of Debian's package on a free port, for the tests that run on it as well.

``STROWGER_TESTS_DATABASE=postgresql`` gives every World a database there instead of a file.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

import psycopg

from tests.ports import free_port

SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "shared_buffers=64MB")
TEMPLATE = "strowger_template"


def wanted() -> bool:
    """Whether the tests are to run on PostgreSQL."""
    return os.environ.get("STROWGER_TESTS_DATABASE") == "postgresql"


class Cluster:
    """A server with its data in a temporary folder; it ends with the process."""

    def __init__(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not binaries:
            raise RuntimeError("Debian's package postgresql is not installed")
        self._folder = Path(tempfile.mkdtemp(prefix="strowger-postgresql-"))
        self._binaries = binaries[-1]
        self._port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._folder / "data"), "-A", "trust", "-U", "strowger", "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self._folder}"))
        self._run(
            "pg_ctl",
            "-D",
            str(self._folder / "data"),
            "-w",
            "-o",
            f"-p {self._port} {options}",
            "-l",
            str(self._folder / "log"),
            "start",
        )
        atexit.register(self._stop)

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://strowger@127.0.0.1:{self._port}/{name}"

    def make(self, name: str, template: str = "template1") -> bool:
        """Make a database, unless there is one of the name; whether it was made."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return False
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)


@functools.cache
def cluster() -> Cluster:
    """The one of this process."""
    return Cluster()


def name_for(folder: Path) -> str:
    """The database of a test's folder."""
    return f"test_{zlib.crc32(str(folder.absolute()).encode()):08x}"
