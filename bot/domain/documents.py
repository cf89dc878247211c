"""Documents as the index and the jobs know them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.files import Chunk
from bot.domain.ids import ChannelId, DocumentId, WorkspaceId


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Vectors are comparable only within one space.

    `floor` is the cosine below which nearness says nothing: unrelated texts are as near; `near` the one
    from which on it says that a question is answered, whatever its words. `weight` is
    meaning's share beside words for questions in English, `foreign_weight` for those in languages of
    which the model may have seen little.
    """

    name: str
    dimension: int
    floor: float = field(default=0.0, compare=False)
    near: float = field(default=0.0, compare=False)
    weight: float = field(default=0.45, compare=False)
    foreign_weight: float = field(default=0.45, compare=False)

    @property
    def label(self) -> str:
        """How a space is called in rows and to people: `wordllama-256/256`."""
        return f"{self.name}/{self.dimension}"


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """What the index knows of a document besides its chunks."""

    workspace: WorkspaceId
    document_id: DocumentId
    generation: int
    title: str
    channels: frozenset[ChannelId]


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of one document: its visible generation (None: none yet), its chunks, its channels.

    `chunks` counts the visible generation's; `strays` counts chunks of other generations. `newest` is the
    highest generation that there is anything of, visible or not.
    """

    generation: int | None
    chunks: int
    channels: frozenset[ChannelId]
    strays: int = 0
    newest: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What an index holds of the visible generation of a document: its chunks, or some of them."""

    generation: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a task. `token` fences its writes; `attempt` counts from 1.

    `correlation_id` is that of whatever it follows from, for the logs.
    """

    key: str
    group: str
    token: str
    attempt: int
    correlation_id: str | None = None
