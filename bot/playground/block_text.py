"""Checks text objects."""

from __future__ import annotations

from collections.abc import Sequence

_FIELDS = {"mrkdwn": {"type", "text", "verbatim"}, "plain_text": {"type", "text", "emoji"}}


def check_text(
    text: object, where: str, limit: int, *, kinds: Sequence[str] = ("mrkdwn", "plain_text")
) -> list[str]:
    """What is wrong with a text object of at most `limit` characters; [] when nothing is."""
    if not isinstance(text, dict):
        return [f"missing required field: text [json-pointer:{where}]"]
    kind = str(text.get("type"))
    if kind not in kinds:
        return [f"unsupported type: {kind} [json-pointer:{where}/type]"]
    unknown = text.keys() - _FIELDS[kind]
    problems = [f"invalid additional property: {key} [json-pointer:{where}]" for key in unknown]
    words = text.get("text")
    if not isinstance(words, str) or not words:
        problems.append(f"must be more than 0 characters [json-pointer:{where}/text]")
    elif len(words) > limit:
        problems.append(f"must be less than {limit + 1} characters [json-pointer:{where}/text]")
    return problems
