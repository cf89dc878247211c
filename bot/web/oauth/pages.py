"""The pages around an installation, as plain HTML: they need no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from bot.web.headers import OF_PAGES, forms_to

STYLE = (
    "body{font:1.05rem/1.55 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1.2rem;"
    "color:#1c2733;background:#fff}h1{line-height:1.2}code{background:#eef1f5;padding:.1em .3em}"
    "dt{font-weight:600;margin-top:.6rem}dd{margin:0 0 0 1.2rem}"
    "button,a.button{display:inline-block;font:inherit;font-weight:600;color:#fff;background:#1d3557;"
    "border:0;border-radius:.4rem;padding:.7rem 1.3rem;text-decoration:none;cursor:pointer}"
    "a{color:#0b4f8a}:focus-visible{outline:3px solid #c75300;outline-offset:3px}"
    "@media(prefers-color-scheme:dark){body{color:#e7edf3;background:#14202c}code{background:#26364a}"
    "a{color:#8ec7ff}button,a.button{color:#0d1b2a;background:#a8d0ff}}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def headers(slack_origin: str) -> Mapping[str, str]:
    """Of every page. The form goes to us, and from there to Slack."""
    return OF_PAGES | {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_HASH}'; {forms_to(slack_origin)}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
    }


def install_page(scopes: Sequence[tuple[str, str, bool]], start: str) -> str:
    """What the bot does and what it asks for, each scope with its reason and whether it is optional."""
    asked = "".join(
        f"<dt><code>{escape(scope)}</code>{' (optional)' if optional else ''}</dt><dd>{escape(reason)}</dd>"
        for scope, reason, optional in scopes
    )
    return _page(
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
    return _page(
        f"FaultMaven is in {workspace}",
        "<p>Next: open a channel with files that people look for, and type "
        "<code>/invite @faultmaven</code>. It offers to index what was shared there before. Then ask "
        "<code>/fm search</code> and a few words.</p>"
        f'<p><a class="button" href="{escape(link)}">Open Slack</a></p>',
    )


def failed_page(what: str, advice: str, again: str) -> str:
    """It is not installed; why, and what to do."""
    return _page(
        "FaultMaven was not installed",
        f"<p>{escape(what)}.</p><p>{escape(advice)}</p>"
        f'<p><a class="button" href="{escape(again)}">To the install page</a></p>',
    )


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
