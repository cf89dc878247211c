"""What every page of ours tells a browser, besides its own policy of contents."""

from __future__ import annotations

from urllib.parse import urlsplit

OF_PAGES = {
    "Cache-Control": "no-store",
    # No address of ours is told elsewhere; with no-referrer a form would say that it comes from nowhere.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def forms_to(slack_url: str | None) -> str:
    """The directive for pages whose form we answer with the way to Slack, which goes on to a workspace's."""
    site = urlsplit(slack_url or "")
    theirs = f" {site.scheme}://{site.netloc}" if site.netloc else ""
    if site.scheme == "https":
        theirs += f" https://*.{site.netloc}"
    return f"form-action 'self'{theirs}"
