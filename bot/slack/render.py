"""Render: values → Block Kit, inside Slack's limits whatever a file holds. Pure.

A module for each kind of reply; those that most are made from are named here.
"""

from __future__ import annotations

from bot.slack.render_help import help_reply
from bot.slack.render_search import search_result
from bot.slack.render_status import status_line, status_reply, status_report
from bot.slack.render_text import Block, count, display_name, escape, note, plain_section, words

__all__ = [
    "Block",
    "count",
    "display_name",
    "escape",
    "help_reply",
    "note",
    "plain_section",
    "search_result",
    "status_line",
    "status_reply",
    "status_report",
    "words",
]
