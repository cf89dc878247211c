"""Render: what it understands."""

from __future__ import annotations

from typing import Any

from bot.slack.render_text import escape, marked_section

HELP = (
    "*Find what is in the files your team shares.* I index every file shared in a channel that I am in, "
    "and tell you in its thread what became of it.\n"
    "• `/fm search database failover`: passages with file, page and message; "
    '`"exact words"` in quotes must appear as they are\n'
    "• narrow it as in Slack: `in:#channel` `from:@person` `from:alice` `from:me` `type:pdf` "
    "`before:2026-01-31` `after:yesterday` `on:monday` `during:march`, in any order; "
    "with no words besides it lists the files. "
    "Days are those of your time zone, `before:` and `after:` leave out the day they name\n"
    "• buttons below results: *More*, the passage in its *Context*, *Share to channel* where everyone may "
    "read it, and whether it helped\n"
    "• `/fm status`: what is indexed, what is under way, what failed and why\n"
    "• `/fm retry runbook.pdf`: read a file again that failed\n"
    "• `/fm forget runbook.pdf`: remove a file that you shared from the search, for good; "
    "`/fm forget me`: delete what I keep of your searches and questions\n"
    "• `/fm ignore`: index nothing in this channel and forget what was shared in it, until `/fm unignore`\n"
    "• `/fm settings`: what this workspace chose; its admins change it\n"
    "• `/fm insights`, for admins: what was asked in vain, and which answers did not help\n"
    "• `/fm help`: this\n"
    "In a thread, where Slack takes no commands, mention me with your question.\n"
    "You see only files from channels that you and I are both in. "
    "To have a channel's files indexed, invite me to it."
)


def help_reply(unknown: str | None = None) -> dict[str, Any]:
    """`text` and `blocks` of the help; names the word that was not understood."""
    text = HELP if unknown is None else f"I don't know “{escape(unknown)}”.\n{HELP}"
    return {"text": text, "blocks": [marked_section(text)]}
