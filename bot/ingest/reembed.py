"""Re-embed: another model was set. Every document gets vectors of it, from the text that the index has.

Which documents are done is what the index says, so a kill at any moment loses no more than what was under
way. Until all are done searches go on as before; then one row says that they use the new vectors.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.documents.repository import Transaction
from bot.documents.spaces import Spaces
from bot.documents.tables import Reembedding
from bot.domain import DocumentId, WorkspaceId
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, RetryLater
from bot.ingest.embed import embed, embedded_text
from bot.ingest.view import indexed_document
from bot.ports import VectorIndex

log = structlog.get_logger(__name__)

LOOK_S = 5.0
"""Between two looks whether something is to do; and between the switch and the removal of former vectors,
so that searches that had begun before it end as they began."""
RETRY_S, LONGEST_RETRY_S = 15.0, 300.0
PART_CHUNKS = 384
"""Of a document, embedded and stored at once: four calls of 96."""
GIVE_WAY_S = 0.5
WAYS_GIVEN = 20
"""People's files come first: whether there are any is looked at twice a second, and waited for up to ten."""
NOTE_EVERY_S = 1.0
GROUP = " anew"
"""Behind a workspace's name: its files that are new share what a vendor allows with this, half and half."""


@dataclass(frozen=True, slots=True)
class Reembedder:
    """Runs beside the runner. `only_workspace` leaves the others alone."""

    transaction: Transaction
    index: VectorIndex
    spaces: Spaces
    look_s: float = LOOK_S
    retry_s: float = RETRY_S
    give_way_s: float = GIVE_WAY_S
    clock: Callable[[], float] = time.time
    only_workspace: WorkspaceId | None = None

    async def run(self) -> None:
        """Look for ever, until cancelled; resumes where a former process was."""
        while True:
            try:
                await self.look()
            except FaultMavenError as error:  # the database may be full or locked; the rows stay
                log.warning("reembedding_stalled", cause=error.public_message)
            await asyncio.sleep(self.look_s)

    async def look(self) -> None:
        """Do what is due in every workspace. Repeatable."""
        async with self.transaction(reading=True) as tx:
            noted = await tx.reembeddings.spaces(installed=True)
            rows = {WorkspaceId(row.workspace_id): row for row in await tx.reembeddings.all()}
        for workspace, label in noted.items():
            row = rows.get(workspace)
            settled = label == self.spaces.target.space.label and row is None
            due = row is None or row.not_before <= self.clock()
            if settled or not due or self.only_workspace not in {None, workspace}:
                continue
            try:
                await self._step(workspace, label, row)
            except (RetryLater, OperatorError) as error:
                await self._postpone(workspace, error)

    async def _step(self, workspace: WorkspaceId, label: str | None, row: Reembedding | None) -> None:
        target = self.spaces.target.space.label
        if label is None:
            label = await self._found(workspace)
        if label == target:
            if row is not None:
                await self._clear(workspace, row)
            return
        self.spaces.fall_behind(workspace, label)
        async with self.transaction() as tx:
            await tx.reembeddings.begin(workspace, target, now=self.clock())
        log.info("reembedding", workspace=workspace, former=label, space=target)
        await self._embed_all(workspace)
        async with self.transaction() as tx:
            await tx.reembeddings.switch(workspace, target, now=self.clock())
        self.spaces.switched(workspace)
        log.info("reembedded", workspace=workspace, space=target)

    async def _found(self, workspace: WorkspaceId) -> str:
        """Where a workspace's documents are, which is not noted yet; noted from now on."""
        target = self.spaces.target.space.label
        label = next(iter(sorted(await self.index.spaces(workspace) - {target})), target)
        async with self.transaction() as tx:
            await tx.reembeddings.note(workspace, label)
        return label

    async def _clear(self, workspace: WorkspaceId, row: Reembedding) -> None:
        """Remove the vectors that no search uses any more."""
        target = self.spaces.target.space.label
        for label in {*row.leftover, row.space} - {target}:
            await self.index.leave(workspace, label)
        async with self.transaction() as tx:
            await tx.reembeddings.end(workspace)

    async def _embed_all(self, workspace: WorkspaceId) -> None:
        """Until the index says that nothing is behind. Raises RetryLater, OperatorError."""
        former: list[DocumentId] = []
        while behind := await self.index.behind(workspace):
            if behind == former:
                raise ProviderUnavailable("Some documents could not be embedded anew")
            former = behind
            noted_at = looked_at = -math.inf
            for done, document_id in enumerate(behind):
                if time.monotonic() - looked_at >= self.give_way_s:
                    await self._give_way()
                    looked_at = time.monotonic()
                if time.monotonic() - noted_at >= NOTE_EVERY_S:
                    await self._note(workspace, len(behind) - done)
                    noted_at = time.monotonic()
                await self._embed(workspace, document_id)
        await self._note(workspace, 0)

    async def _note(self, workspace: WorkspaceId, left: int) -> None:
        async with self.transaction() as tx:
            total = max(await tx.reembeddings.visible(workspace), left)
            await tx.reembeddings.advance(workspace, total - left, total, now=self.clock())

    async def _give_way(self) -> None:
        for _ in range(WAYS_GIVEN):
            async with self.transaction(reading=True) as tx:
                if not await tx.reembeddings.people_wait(now=self.clock()):
                    return
            await asyncio.sleep(self.give_way_s)

    async def _embed(self, workspace: WorkspaceId, document_id: DocumentId) -> None:
        stored = await self.index.stored(workspace, document_id)
        if stored is None:
            return
        async with self.transaction() as tx:
            document = await indexed_document(tx, document_id)
        if document is None:  # deleted
            await self.index.delete(workspace, document_id)
            return
        document = replace(document, generation=stored.generation)
        for start in range(0, len(stored.chunks), PART_CHUNKS):
            part = stored.chunks[start : start + PART_CHUNKS]
            texts = [embedded_text(document.title, chunk) for chunk in part]
            vectors = await embed(self.spaces.target, texts, _untold, workspace + GROUP)
            await self.index.enter(document, part, vectors)
        await self.index.entered(document)

    async def _postpone(self, workspace: WorkspaceId, error: RetryLater | OperatorError) -> None:
        """Everything stays as it was; tried again later, and shown until then."""
        async with self.transaction() as tx:
            row = await tx.reembeddings.get(workspace)
            attempts = row.attempts + 1 if row else 1
            wait_s = min(self.retry_s * 2.0 ** min(attempts - 1, 10), LONGEST_RETRY_S)
            if isinstance(error, RateLimited):
                wait_s = max(wait_s, error.retry_after_s)
            now = self.clock()
            await tx.reembeddings.postpone(
                workspace, error=error.public_message, attempts=attempts, not_before=now + wait_s, now=now
            )
        log.warning("reembedding_postponed", workspace=workspace, cause=error.public_message, wait_s=wait_s)


async def _untold(_done: int, _total: int) -> None:
    """Nobody is told."""
