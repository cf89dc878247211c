"""Bytes from outside onto this machine's disk, counted and hashed as they come."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.domain import SpooledFile
from bot.errors import FileRejected, ProviderUnavailable

MIB = 1024 * 1024


class SpoolWriter:
    """One file being received. Until `finish`, `discard` leaves nothing behind; after it, nothing happens."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = NamedTemporaryFile(dir=folder, prefix="spool-", delete=False)  # noqa: SIM115  # closed below
        self._path = Path(self._file.name)
        self._hash = hashlib.sha256()
        self._max_bytes = max_bytes
        self._finished = False
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Append. Raises FileRejected as soon as the limit is passed, whatever size was announced."""
        self.size += len(piece)
        if self.size > self._max_bytes:
            raise FileRejected(
                "too_large",
                f"it is larger than the limit of {self._max_bytes // MIB} MB",
                "Split it, or ask whoever runs me to raise FM_MAX_FILE_MB.",
            )
        self._hash.update(piece)
        try:
            self._file.write(piece)
        except OSError as error:
            raise ProviderUnavailable("the disk is full or can't be written") from error

    def finish(self) -> SpooledFile:
        """Close and hand over; the receiver deletes it."""
        try:
            self._file.close()
        except OSError as error:
            raise ProviderUnavailable("the disk is full or can't be written") from error
        self._finished = True
        return SpooledFile(path=self._path, size=self.size, content_hash=self._hash.hexdigest())

    def discard(self) -> None:
        """Delete what was received, unless it was handed over."""
        if not self._finished:
            self._file.close()
            self._path.unlink(missing_ok=True)
