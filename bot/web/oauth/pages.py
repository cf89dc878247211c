"""The pages around an installation."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.web.plain import page


def install_page(scopes: Sequence[tuple[str, str, bool]], start: str) -> str:
    """What the bot does and what it asks for, each scope with its reason and whether it is optional."""
    asked = "".join(
        f"<dt><code>{escape(scope)}</code>{' (optional)' if optional else ''}</dt><dd>{escape(reason)}</dd>"
        for scope, reason, optional in scopes
    )
    return page(
        "Add FaultMaven to Slack",
        "<p>FaultMaven reads the files that are shared in the channels you invite it to, and finds the "
        "passages you ask for, with file, page and message. Everybody finds only what they could open in "
        "Slack themselves.</p><p>It reads no channel until somebody invites it there. When you remove it, it "
        "stops at once, and what it kept is deleted after a while.</p>"
        f'<form method="post" action="{escape(start)}"><button>Add to Slack</button></form>'
        f"<h2>What it asks Slack for, and why</h2><dl>{asked}</dl>",
    )


def done_page(workspace: str, link: str) -> str:
    """It is installed; what comes next."""
    return page(
        f"FaultMaven is in {workspace}",
        "<p>Next: open a channel with files that people look for, and type "
        "<code>/invite @faultmaven</code>. It offers to index what was shared there before. Then ask "
        "<code>/fm search</code> and a few words.</p>"
        f'<p><a class="button" href="{escape(link)}">Open Slack</a></p>',
    )


def failed_page(what: str, advice: str, again: str) -> str:
    """It is not installed; why, and what to do."""
    return page(
        "FaultMaven was not installed",
        f"<p>{escape(what)}.</p><p>{escape(advice)}</p>"
        f'<p><a class="button" href="{escape(again)}">To the install page</a></p>',
    )
