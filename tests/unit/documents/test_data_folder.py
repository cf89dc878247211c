from __future__ import annotations

from pathlib import Path

from bot.documents.lock import FolderLock


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    lock = FolderLock(folder)
    lock.acquire()
    lock.release()
    assert folder.stat().st_mode & 0o077 == 0
