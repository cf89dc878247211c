"""Embedding spaces: in which one each workspace is searched now. Vectors of two are never compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.documents.tables import Reembedding
from bot.domain import EmbeddingSpace, WorkspaceId
from bot.ports import EmbeddingProvider


class Spaces:
    """What the rows say, at hand for every search; only re-embedding changes it.

    `target` is the configured model: it embeds what is indexed from now on. A workspace is behind while
    its searches still use another space (`behind` holds their labels, as noted in its row); `former` are
    the providers of such spaces that can still be used.
    """

    def __init__(
        self,
        target: EmbeddingProvider,
        former: Iterable[EmbeddingProvider] = (),
        behind: Mapping[WorkspaceId, str] | None = None,
    ) -> None:
        self.target = target
        self._former = {provider.space.label: provider for provider in former}
        self._behind = {
            workspace: label for workspace, label in (behind or {}).items() if label != target.space.label
        }

    @property
    def former(self) -> tuple[EmbeddingSpace, ...]:
        """The spaces besides the target in which questions can be embedded."""
        return tuple(provider.space for provider in self._former.values())

    def label(self, workspace: WorkspaceId) -> str:
        """The space that a workspace is searched in."""
        return self._behind.get(workspace, self.target.space.label)

    def is_behind(self, workspace: WorkspaceId) -> bool:
        """Whether searches of a workspace still use another space than the target."""
        return workspace in self._behind

    def searched(self, workspace: WorkspaceId) -> EmbeddingProvider | None:
        """What embeds a workspace's questions; None where its former model can't be used any more."""
        label = self._behind.get(workspace)
        return self.target if label is None else self._former.get(label)

    def beside(self, workspace: WorkspaceId) -> EmbeddingProvider | None:
        """What else has to embed the documents of a workspace, so that searches find them now, too."""
        label = self._behind.get(workspace)
        return None if label is None else self._former.get(label)

    def fall_behind(self, workspace: WorkspaceId, label: str) -> None:
        """Note where a workspace's documents were found to be."""
        if label != self.target.space.label:
            self._behind[workspace] = label

    def noted(self, labels: Mapping[WorkspaceId, str | None]) -> None:
        """Take over what the rows say, which another replica may have written."""
        ours = self.target.space.label
        self._behind = {w: label for w, label in labels.items() if label is not None and label != ours}

    def switched(self, workspace: WorkspaceId) -> None:
        """From now on searches of a workspace use the target: the row says so already."""
        self._behind.pop(workspace, None)


def preparing(under_way: Reembedding | None) -> str | None:
    """What people read while their workspace's files are embedded anew, if they are.

    A share of all files, not their number: nobody need know how many there are that they can't see.
    """
    if under_way is None or (under_way.done >= under_way.total and not under_way.error):
        return None
    percent = 100 * under_way.done // max(under_way.total, 1)
    waits = f" It waits just now: {under_way.error}." if under_way.error else ""
    return f"The files are prepared for another search model: {percent} % done; searches go on.{waits}"


def progress(under_way: Reembedding) -> str:
    """What whoever runs the bot reads."""
    done = f"re-embedding {under_way.done:,} of {under_way.total:,} documents for {under_way.space}"
    return f"{done}; waits: {under_way.error}" if under_way.error else done
