"""`fm api-key`: keys are shown once, listed without themselves, and end when told."""

from __future__ import annotations

import time
from pathlib import Path

from support.command_line import Run

from bot.documents.lock import FolderLock
from bot.web.api.keys import KEY


def test_a_key_is_shown_once_listed_by_its_beginning_and_revoked_beside_a_running_bot(
    fm: Run, tmp_path: Path
) -> None:
    made = fm("api-key", "create", "intranet", "--space", "handbook", "--days", "30")
    key = made.out.strip()
    assert (made.code, bool(KEY.fullmatch(key))) == (0, True)
    assert "Made the space handbook." in made.err
    assert "not shown again" in made.err

    lock = FolderLock(tmp_path / "data")
    lock.acquire()
    try:
        second = fm(
            "api-key", "create", "ci", "--space", "handbook", "--space", "board", "--right", "write", "--json"
        )
        assert second.json["spaces"] == ["board", "handbook"]
        assert second.json["rights"] == ["write"]
        assert KEY.fullmatch(second.json["key"])
        listed = fm("api-key", "list")
        assert key not in listed.out
        [ci, intranet] = listed.out.splitlines()
        assert ci.startswith(f"{second.json['id']}  ci  write in board,handbook  expires ")
        assert intranet.startswith(f"{key[:12]}  intranet  read in handbook  expires ")
        assert intranet.endswith("never used")
        assert fm("api-key", "revoke", key[:12]).out == f"Revoked: {key[:12]}\n"
    finally:
        lock.release()
    assert fm("api-key", "revoke", "intranet").code == 1
    [ci, intranet] = fm("api-key", "list", "--json").json
    assert ci["revoked_at"] is None
    assert intranet["revoked_at"] <= time.time()
    assert 29 * 86_400 < intranet["expires_at"] - time.time() < 30 * 86_400
    assert not [path for path in (tmp_path / "data").iterdir() if key[12:].encode() in path.read_bytes()]


def test_a_name_that_no_search_could_hold_is_refused_for_a_space(fm: Run, tmp_path: Path) -> None:
    for name in ("Hand book", "HANDBOOK", "", "#handbook", "a" * 65, "a\n"):
        refused = fm("api-key", "create", "ci", "--space", name)
        assert refused.code == 2
        assert "is no name for a space" in refused.err
    assert fm("api-key", "create", " ", "--space", "handbook").code == 2
    assert fm("api-key", "create", "ci").code == 2
    assert not (tmp_path / "data").exists()
