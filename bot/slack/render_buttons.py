"""Render: what people can press under results. Buttons carry the note of a search and a number, no text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.slack.render_text import Block, marked_section

MORE, CONTEXT, SHARE, COMMENT = "fm_more", "fm_context", "fm_share", "fm_comment"
FEEDBACK, HELPED, HELPED_NOT = "fm_feedback", "fm_helped", "fm_helped_not"
VOTES = re.compile(f"^(?:{FEEDBACK}|{HELPED}|{HELPED_NOT})$")
CONTEXTS = re.compile(f"^{CONTEXT}(?:_\\d+)?$")
"""Within one block each button needs an id of its own."""
COMMENT_VIEW = "fm_comment_view"
COMMENT_FIELD = "comment"
MAX_COMMENT_CHARS = 1_000
MAX_SOURCES = 8
DIRECT_MESSAGE_PREFIX = "D"
_VALUE = re.compile(r"(?P<search_id>[0-9a-f]{32}):(?P<number>-?\d{1,4})")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a button is about: a search, and the rank of a passage, how many were seen, or a vote."""

    search_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.search_id}:{self.number}"


def read_reference(value: str) -> Reference | None:
    """A button's value; None when it is none of ours, or of a form that we no longer know."""
    match = _VALUE.fullmatch(value)
    return Reference(match["search_id"], int(match["number"])) if match else None


def passage_buttons(search_id: str, rank: int, *, share: bool) -> Block:
    """What can be done with one passage."""
    value = str(Reference(search_id, rank))
    buttons = [_button(CONTEXT, "Context", value)]
    if share:
        buttons.append(_button(SHARE, "Share to channel", value))
    return {"type": "actions", "elements": buttons}


def source_buttons(search_id: str, sources: int, *, lasting: bool) -> list[Block]:
    """Below an answer: each of its sources in context, passages that it doesn't cite, and the vote."""
    about = [
        (number, str(Reference(search_id, number))) for number in range(1, min(sources, MAX_SOURCES) + 1)
    ]
    buttons = [_button(f"{CONTEXT}_{number}", f"Context [{number}]", value) for number, value in about]
    buttons.append(_button(MORE, "More passages", str(Reference(search_id, sources))))
    votes = feedback(search_id) if lasting else {"type": "actions", "elements": _votes(search_id)}
    return [{"type": "actions", "elements": buttons}, votes]


def closing_buttons(search_id: str, *, seen: int | None, lasting: bool) -> list[Block]:
    """Below all results: more of them behind those that were `seen` (None: there are none), and the vote.

    Slack's own feedback buttons are for messages that last; ephemeral ones get ordinary buttons.
    """
    more = [] if seen is None else [_button(MORE, "More", str(Reference(search_id, seen)))]
    if not lasting:
        return [{"type": "actions", "elements": [*more, *_votes(search_id)]}]
    return [*([{"type": "actions", "elements": more}] if more else []), feedback(search_id)]


def feedback(search_id: str) -> Block:
    """Slack's feedback buttons, for a message that lasts."""
    choices = {"positive_button": ("Helpful", 1), "negative_button": ("Not helpful", -1)}
    element: Block = {"type": "feedback_buttons", "action_id": FEEDBACK} | {
        name: {"text": _plain(words), "value": str(Reference(search_id, vote))}
        for name, (words, vote) in choices.items()
    }
    return {"type": "context_actions", "elements": [element]}


def thanks(search_id: str) -> Block:
    """What a vote is answered with: a way to say more."""
    button = _button(COMMENT, "Add a comment", str(Reference(search_id, 0)))
    return marked_section("Thanks, I noted that.") | {"accessory": button}


def comment_view(search_id: str) -> Block:
    """The form for a comment on a search."""
    field = {
        "type": "plain_text_input",
        "action_id": COMMENT_FIELD,
        "multiline": True,
        "max_length": MAX_COMMENT_CHARS,
    }
    return {
        "type": "modal",
        "callback_id": COMMENT_VIEW,
        "private_metadata": str(Reference(search_id, 0)),
        "title": _plain("Comment"),
        "submit": _plain("Send"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": COMMENT_FIELD,
                "label": _plain("What was good, wrong or missing?"),
                "element": field,
            }
        ],
    }


def said_view(words: str) -> Block:
    """What takes the form's place."""
    return {
        "type": "modal",
        "title": _plain("Comment"),
        "close": _plain("Close"),
        "blocks": [{"type": "section", "text": _plain(words)}],
    }


def _votes(search_id: str) -> list[Block]:
    up, down = str(Reference(search_id, 1)), str(Reference(search_id, -1))
    return [_button(HELPED, "Helpful", up), _button(HELPED_NOT, "Not helpful", down)]


def _button(action_id: str, text: str, value: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": _plain(text), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
