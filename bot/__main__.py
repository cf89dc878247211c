"""`python -m bot` and the console script `fm`."""

from __future__ import annotations

import gc
import sys

gc.disable()  # what importing makes stays, and looking through it for garbage is an eighth of a start

from bot.cli import main  # noqa: E402  # see above

gc.freeze()
gc.enable()

if __name__ == "__main__":
    sys.exit(main())
