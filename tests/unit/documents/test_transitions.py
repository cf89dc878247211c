from __future__ import annotations

from bot.documents.transitions import MAY_FOLLOW, stages_before, statuses_before
from bot.domain import Stage, Status


def test_every_status_can_be_reached_and_left() -> None:
    assert set(MAY_FOLLOW) == set(Status)
    for status in Status:
        assert MAY_FOLLOW[status]
        assert statuses_before(status)


def test_only_a_job_finishes_a_document() -> None:
    assert statuses_before(Status.INDEXED) == {Status.PROCESSING}
    assert statuses_before(Status.PROCESSING) == {Status.PENDING}


def test_no_status_follows_itself() -> None:
    assert all(status not in MAY_FOLLOW[status] for status in Status)


def test_stages_only_go_on_or_repeat() -> None:
    assert stages_before(Stage.ACCEPT) == {Stage.ACCEPT}
    assert stages_before(Stage.EXTRACT) == {Stage.ACCEPT, Stage.DOWNLOAD, Stage.EXTRACT}
    assert stages_before(Stage.INDEX) == set(Stage)
