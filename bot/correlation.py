"""One id for all that follows from one happening: an event, a command, a press, down to the reply.

It is a context variable of structlog's, so every line that is logged meanwhile carries it and every task
that is begun meanwhile inherits it. Work that goes on later or in another process finds it in its row.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

NAME = "correlation_id"
MAX_CHARS = 64


@contextmanager
def correlated(correlation_id: str) -> Iterator[None]:
    """What happens in the block belongs together under this id."""
    with bound_contextvars(**{NAME: correlation_id}):
        yield


def current() -> str | None:
    """The id of what is being done now, if it has one."""
    found = get_contextvars().get(NAME)
    return found if isinstance(found, str) else None


def fresh(kind: str) -> str:
    """An id for what came without one: `command-4f3a…`."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"
