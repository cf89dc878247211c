"""How long vendors may take, by who waits, and how long they are left alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.providers.waits import RETRY_AFTER_S


@dataclass(frozen=True, slots=True)
class Deadlines:
    """All in seconds, each call's repeats included. The defaults suit people; tests are in more of a hurry.

    Somebody waits for `question_s` (embedding one), `rerank_s` and `search_s`; nobody for `documents_s`
    (embedding a batch), `read_s`, `write_s` and `connect_s`. `attempt_s` is one request's, where a vendor's
    library repeats it. `backoff_s` is the first pause after a failure, `pause_s` the one after a request
    to slow down that doesn't say for how long, `open_s` that after several failures in a row.
    """

    question_s: float = 5.0
    rerank_s: float = 4.0
    search_s: float = 8.0
    documents_s: float = 120.0
    read_s: float = 60.0
    write_s: float = 120.0
    connect_s: float = 20.0
    attempt_s: float = 15.0
    backoff_s: float = 0.5
    pause_s: float = RETRY_AFTER_S
    open_s: float = 30.0


USUAL = Deadlines()
