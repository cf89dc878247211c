"""Insights → words, for Slack and for a terminal alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.documents.insights import Asked, Insights
from bot.search.parse import legible
from bot.slack.render import count, display_name

MAX_QUESTION_CHARS = 120


def insights_lines(insights: Insights, days: int) -> list[str]:
    """A line of figures, then the questions that found nothing or were voted down, each with how often."""
    asked = f"{count(insights.searches, 'question')} in the last {count(days, 'day')}"
    outcomes = (
        f"{insights.found_nothing:,} found nothing",
        f"{insights.voted_up:,} helped",
        f"{insights.voted_down:,} did not",
    )
    lines = [f"{asked}: {', '.join(outcomes)}"]
    lines += _section("Asked in vain; share a file that answers it", insights.in_vain)
    lines += _section("Answered badly", insights.unhelpful)
    return lines


def _section(title: str, asked: Sequence[Asked]) -> list[str]:
    if not asked:
        return []
    lines = (f"  {one.times:,} x {display_name(legible(one.query), MAX_QUESTION_CHARS)}" for one in asked)
    return [f"{title}:", *lines]
