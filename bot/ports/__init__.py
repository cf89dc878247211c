"""What the pipelines need from outside, as Protocols. Implementations live in `providers/`.

Every method may raise `errors.RetryLater` (try again) or `errors.OperatorError`; what else is
raised is said at the method. Arrays are numpy float32.
"""

from bot.ports.chat import ChatProvider, OnText
from bot.ports.files import Extractor, FileSource, OnProgress
from bot.ports.jobs import JobStore
from bot.ports.slack import (
    Content,
    MembershipProvider,
    MessagePoster,
    MessageStream,
    PosterOf,
    StatusListener,
    Suggestion,
)
from bot.ports.vectors import NOTHING_ELSE, Also, Current, EmbeddingProvider, VectorIndex, Vectors

__all__ = [
    "NOTHING_ELSE",
    "Also",
    "ChatProvider",
    "Content",
    "Current",
    "EmbeddingProvider",
    "Extractor",
    "FileSource",
    "JobStore",
    "MembershipProvider",
    "MessagePoster",
    "MessageStream",
    "OnProgress",
    "OnText",
    "PosterOf",
    "StatusListener",
    "Suggestion",
    "VectorIndex",
    "Vectors",
]
