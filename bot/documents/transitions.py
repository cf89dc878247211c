"""What may follow what in the life of a document. Pure; every write of a status or stage asks here."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain import Stage, Status

MAY_FOLLOW: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PROCESSING, Status.FAILED}),
    Status.PROCESSING: frozenset({Status.PENDING, Status.INDEXED, Status.FAILED}),
    Status.INDEXED: frozenset({Status.PENDING}),
    Status.FAILED: frozenset({Status.PENDING}),
}
"""Claimed, or deleted while it waited; given back, finished or given up; asked for again."""


class StageOutOfOrder(ValueError):
    """A job went back to an earlier stage: a bug in the pipeline, not something that happens to a file."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(f"the stage {stage} can't follow a later one")


def statuses_before(status: Status) -> frozenset[Status]:
    """The statuses that a document may have when it gets this one."""
    return frozenset(before for before, after in MAY_FOLLOW.items() if status in after)


def stages_before(stage: Stage) -> frozenset[Stage]:
    """The stages that a document may be in when it enters this one; progress repeats a stage."""
    order = list(Stage)
    return frozenset(order[: order.index(stage) + 1])
