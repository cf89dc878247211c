"""Pages of plain HTML: they need no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from bot.web.headers import OF_PAGES, forms_to

STYLE = (
    "body{font:1.05rem/1.55 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1.2rem;"
    "color:#1c2733;background:#fff;overflow-wrap:anywhere}h1,h2,h3{line-height:1.2}"
    "h2{margin-top:2.4rem}h3{margin-top:2rem}"
    "code,pre{background:#eef1f5}code{padding:.1em .3em}"
    "pre{padding:.8rem 1rem;white-space:pre-wrap;font-size:.92rem}"
    "pre code{padding:0}td:first-child code{white-space:nowrap}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid #c4ccd6}"
    "dt{font-weight:600;margin-top:.6rem}dd{margin:0 0 0 1.2rem}"
    "button,a.button{display:inline-block;font:inherit;font-weight:600;color:#fff;background:#1d3557;"
    "border:0;border-radius:.4rem;padding:.7rem 1.3rem;text-decoration:none;cursor:pointer}"
    "a{color:#0b4f8a}:focus-visible{outline:3px solid #c75300;outline-offset:3px}"
    "@media(prefers-color-scheme:dark){body{color:#e7edf3;background:#14202c}code,pre{background:#26364a}"
    "th,td{border-color:#3d4f63}"
    "a{color:#8ec7ff}button,a.button{color:#0d1b2a;background:#a8d0ff}}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def headers(slack_url: str | None = None) -> Mapping[str, str]:
    """Of every such page. With Slack's address a form may go to us, and from there to Slack."""
    return OF_PAGES | {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_HASH}'; {forms_to(slack_url)}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
    }


def page(title: str, body: str) -> str:
    """The whole page; `body` is HTML."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
