"""What every page of ours tells a browser, besides its own policy of contents."""

from __future__ import annotations

OF_PAGES = {
    "Cache-Control": "no-store",
    # No address of ours is told elsewhere; with no-referrer a form would say that it comes from nowhere.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
