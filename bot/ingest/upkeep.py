"""Upkeep: what no event tells of: files that retention removed, lost events, workspaces that left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.documents.tables import Document
from bot.domain import DocumentId, FileId, FileInfo, WorkspaceId
from bot.errors import FaultMavenError, FileRejected
from bot.ingest.locate import confirm_shares, restore_shares
from bot.ingest.pipeline import IngestPipeline
from bot.ingest.reconcile import Reconciled, reconcile
from bot.ingest.remove import follow_shares
from bot.ingest.retention import expire

log = structlog.get_logger(__name__)

LOOK_S = 60.0
"""Between two looks at what is due."""
CHECK_EVERY_S = 24 * 3600.0
"""How often Slack is asked whether a file is still there."""
CHECKS_A_LOOK = 40
"""Files asked for a minute: under half of what Slack allows of files.info (Tier 4, 100 a minute)."""
GONE_MODES = frozenset({"tombstone", "hidden_by_limit"})
OnWorkspace = Callable[[Reconciled], None]
"""Told after each workspace of what was found so far."""
RECONCILE_EVERY_S = 3600.0
EXPIRE_EVERY_S = 3600.0
DAY_S = 24 * 3600.0


@dataclass(slots=True)
class Upkeep:
    """Runs for ever beside the runner. `purge_after_s` is how long an uninstalled workspace is kept."""

    ingest: IngestPipeline
    purge_after_s: float
    look_s: float = LOOK_S
    _reconciled_at: float = 0.0
    _expired_at: float = 0.0

    async def run(self) -> None:
        """Look now and then until cancelled; what fails is tried again at the next look."""
        while True:
            try:
                await self.look()
            except FaultMavenError as error:
                log.warning("upkeep_postponed", cause=error.public_message)
            await asyncio.sleep(self.look_s)

    async def look(self) -> None:
        """Do what is due. Repeatable."""
        await self.purge()
        if self.ingest.clock() - self._expired_at >= EXPIRE_EVERY_S:
            await expire(self.ingest)
            self._expired_at = self.ingest.clock()
        if self.ingest.clock() - self._reconciled_at >= RECONCILE_EVERY_S:
            await self.reconcile()
            self._reconciled_at = self.ingest.clock()
        await self.sweep()

    async def sweep(self) -> int:
        """Ask Slack for the files that were not asked for in a day, a few at a time; how many."""
        now = self.ingest.clock()
        async with self.ingest.transaction(reading=True) as tx:
            due = await tx.documents.to_check(before=now - CHECK_EVERY_S, limit=CHECKS_A_LOOK)
        for document in due:
            await self._check(document)
        return len(due)

    async def reconcile(
        self, *, repair: bool = True, on_workspace: OnWorkspace = lambda _found: None
    ) -> Reconciled:
        """Compare database and index in every workspace; repair what differs."""
        total = Reconciled()
        async with self.ingest.transaction(reading=True) as tx:
            workspaces = await tx.workspaces.all()
        for workspace in workspaces:
            total += await reconcile(
                self.ingest.transaction,
                self.ingest.index,
                WorkspaceId(workspace.id),
                now=self.ingest.clock(),
                repair=repair,
            )
            on_workspace(total)
        if not total.agree:
            log.warning("index_and_database_differed", repaired=repair, **_counts(total))
        self.ingest.wake_runner()
        return total

    async def purge(self) -> None:
        """Remove everything of workspaces that uninstalled us long enough ago, and verify that it went."""
        before = self.ingest.clock() - self.purge_after_s
        async with self.ingest.transaction(reading=True) as tx:
            gone = await tx.workspaces.uninstalled_before(before)
        for workspace in gone:
            for document_id in await self.ingest.index.inventory(workspace):
                await self.ingest.index.delete(workspace, document_id)
            if left := await self.ingest.index.inventory(workspace):
                log.warning("purge_unfinished", workspace=workspace, documents=len(left))
                continue
            async with self.ingest.transaction() as tx:
                await tx.workspaces.purge(workspace)
            log.info("workspace_purged", workspace=workspace)

    async def _check(self, document: Document) -> None:
        ingest, workspace = self.ingest, WorkspaceId(document.workspace_id)
        file_id, document_id = FileId(document.file_id), DocumentId(document.id)
        try:
            info = await ingest.sources(workspace).info(workspace, file_id)
        except FileRejected as rejected:
            if rejected.code == "deleted":
                await ingest.remove_file(workspace, file_id)
                return
            async with ingest.transaction() as tx:
                await tx.documents.checked(document_id, now=ingest.clock())
            await ingest.change_file(workspace, file_id)  # the job finds the words for it
            return
        certain = await self._compare_shares(document, info)
        if info.mode in GONE_MODES or (info.size, info.title) != (document.size, document.title):
            await ingest.change_file(workspace, file_id)
        await follow_shares(ingest.transaction, ingest.index, workspace, [document_id], drop=certain)

    async def _compare_shares(self, document: Document, info: FileInfo) -> bool:
        """Make the shares those that Slack lists; False when that can't be said for certain yet."""
        document_id, now = DocumentId(document.id), self.ingest.clock()
        async with self.ingest.transaction() as tx:
            confirmed = await confirm_shares(tx, document_id, info, now=now)
            restored = await restore_shares(tx, document, info, now=now)
            if confirmed and restored:
                await tx.documents.checked(document_id, now=now)
        return confirmed and restored


def _counts(found: Reconciled) -> dict[str, int]:
    return {
        "missing": found.missing,
        "orphans": found.orphans,
        "strays": found.strays,
        "moved": found.moved,
    }
