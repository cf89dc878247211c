"""From a fresh clone to the first found passage, as a newcomer goes.

    python benchmarks/first_minute.py

Clones this repository as it was last committed, runs the line of the README that is marked
`<!-- line: run -->` there, waits for the demo's page, and asks what the page suggests first, as the page
does, until a passage is found. Prints seconds of each step, and the processor time of the demo with all
its children. Needs git and what pip installs from; leaves nothing behind.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"<!-- line: run -->\n```sh\n(.*)\n```")
PAGE = re.compile(r"http://127\.0\.0\.1:\d+/")
FOUND = re.compile(r"\d+ passages? for")
PATIENCE_S = 120.0
LOOK_S = 0.1


def main() -> int:
    with TemporaryDirectory(prefix="faultmaven-first-minute-") as folder:
        clone = Path(folder, "clone")
        started = time.monotonic()
        run(Path(folder), shutil.which("git") or "git", "clone", "-q", str(ROOT), str(clone))
        cloned = time.monotonic()
        [line] = LINE.findall((clone / "README.md").read_text(encoding="utf-8"))
        *install, demo = line.split(" && ")
        run(clone, "/bin/sh", "-ec", " && ".join(install))
        installed = time.monotonic()
        print(f"clone {cloned - started:.1f} s, install {installed - cloned:.1f} s")
        first_passage(clone, shlex.split(demo), Path(folder, "demo.log"))
    return 0


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603  # what the README says


def first_passage(clone: Path, demo: list[str], log: Path) -> None:
    """Start the demo and search until there is a passage."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "FM_"))
    }
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(demo, cwd=clone, env=environment, stdout=out, stderr=out)  # noqa: S603  # as above
    try:
        url = waited(lambda: page_of(log))
        shown = time.monotonic()
        state = call(url, "GET", "playground/state")
        words = state["suggestions"][0]["search"]
        channel = state["channels"][0]["id"]
        asked = {"user": state["me"], "channel": channel}
        passage = waited(lambda: found(url, asked, words))
        done = time.monotonic()
    finally:
        process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(process.pid, 0)
    print(f"start to page {shown - started:.1f} s, to the first passage {done - started:.1f} s")
    print(f"processor {usage.ru_utime + usage.ru_stime:.1f} s, exit code {os.waitstatus_to_exitcode(status)}")
    print(passage)


def page_of(log: Path) -> str | None:
    """The address that was printed, once there is one."""
    said = PAGE.search(log.read_text(encoding="utf-8"))
    return said[0] if said else None


def found(url: str, asked: dict[str, str], words: str) -> str | None:
    """Search once, as the page does; the answer, if it has a passage."""
    before = answers(url, asked)
    call(url, "POST", "playground/commands", {**asked, "text": f"/fm search {words}"})
    text: str = waited(lambda: answers(url, asked)[len(before) :])[0]["text"]
    return text if FOUND.match(text) else None


def answers(url: str, asked: dict[str, str]) -> list[Any]:
    """What the bot told this person alone."""
    found = call(url, "GET", f"playground/messages?user={asked['user']}&channel={asked['channel']}")
    return [one for one in found["messages"] if one["ephemeral"]]


def waited(look: Any) -> Any:  # noqa: ANN401  # whatever is waited for
    """What a look finds, at last."""
    until = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        if time.monotonic() > until:
            raise TimeoutError("nothing came")
        time.sleep(LOOK_S)
    return seen


def call(url: str, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401  # JSON
    """Ask the page's server."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/{path}", data, {"Content-Type": "application/json"})
    try:
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
