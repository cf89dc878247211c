"""One process a data folder: SQLite would let two in, and each would recover the other's work."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from bot.errors import DatabaseInUse, OperatorError

LOCK_NAME = "lock"
ADVICE = "Set FM_DATA_DIR to a folder that this user may write to."


class FolderLock:
    """An exclusive lock on a folder; the system takes it back when the process dies, however it does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """Make the folder if need be and lock it. Raises DatabaseInUse, OperatorError."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = (self._folder / LOCK_NAME).open("a+", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sign(self._file)
        except BlockingIOError as error:
            owner = self._owner()
            self.release()
            raise DatabaseInUse(
                f"Another FaultMaven process{owner} already works with the data folder {self._folder}",
                "Stop it first, or set FM_DATA_DIR to another folder.",
            ) from error
        except OSError as error:
            self.release()
            raise OperatorError(
                f"The data folder {self._folder} can't be used: {error.strerror}", ADVICE
            ) from error

    def release(self) -> None:
        """Let the next one in. Repeatable."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @staticmethod
    def _sign(file: TextIO) -> None:
        with suppress(OSError):  # a disk without room for a number is locked all the same
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()

    def _owner(self) -> str:
        if self._file is None:
            return ""
        self._file.seek(0)
        pid = self._file.read(20).strip()
        return f" (number {pid})" if pid.isdigit() else ""
