"""From which sizes on a search in Postgres is another one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of chunks. Up to `compared` in a scope each vector is looked at; beyond, the graph is walked.

    From `counted` on in a workspace its words are counted. Where more than `scored` chunks have any of a
    question's words, those with the rarer ones are scored, if these may be `enough`: as in the embedded
    index, whose commonest words may be in a quarter of all.
    """

    compared: int = 10_000
    counted: int = 4_000
    scored: int = 4_000
    enough: int = 2_000


USUAL = Limits()
