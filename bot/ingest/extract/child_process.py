"""One child process as its parent sees it. Nothing it says is believed unchecked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from typing import Any, Self

from bot.ingest.extract import frames
from bot.ingest.extract.limits import MIB, Limits
from bot.ingest.extract.messages import Message, parse

STREAM_BYTES = 256 * 1024
"""What may wait in our memory before the child is made to wait."""
EXIT_S = 1.0
"""How long a child that hung up may take to be gone, so that its exit status tells why."""
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(64 * MIB),
    "MALLOC_MMAP_THRESHOLD_": str(MIB),
}
"""For the C library of Linux. Without the second it returns a page's memory and asks for it again with the
next: 60 page faults a page, 6 % of the time. Blocks above the third go back at once."""
KEPT_VARIABLES = (
    *("LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR"),
    *("PATH", "TESSDATA_PREFIX"),  # where tesseract is, if it is
)


class ChildDied(Exception):
    """The child is gone or not to be trusted any more. `code`: `crash`, `memory` or `timeout`.

    `detail` is for our logs and holds nothing of the file.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class _Pipes(asyncio.SubprocessProtocol):
    """The stream from a child, and its two ends: `exited`, and `closed` when the pipes are, too."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.stdout = asyncio.StreamReader(limit=STREAM_BYTES, loop=loop)
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The child runs; reading from it pauses while much is unread."""
        assert isinstance(transport, asyncio.SubprocessTransport)  # noqa: S101 - asyncio's contract
        stdout = transport.get_pipe_transport(1)
        assert stdout is not None  # noqa: S101 - it was asked for
        self.stdout.set_transport(stdout)

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - there is one pipe to read
        """Bytes from the child."""
        self.stdout.feed_data(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - an end is an end
        """A pipe ended."""
        if fd == 1:
            self.stdout.feed_eof()

    def process_exited(self) -> None:
        """Its exit status is known."""
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - an end is an end
        """It has exited and all pipes are closed."""
        self.closed.set_result(None)


class Child:
    """A running child. Reads one file at a time."""

    def __init__(self, transport: asyncio.SubprocessTransport, pipes: _Pipes) -> None:
        self._transport = transport
        self._pipes = pipes
        self._killed = False
        self.documents = 0

    @classmethod
    async def start(cls, command: Sequence[str], limits: Limits) -> Self:
        """Start `command`; its last two arguments are our process id and the limits."""
        transport, pipes = await asyncio.get_running_loop().subprocess_exec(
            _Pipes,
            *command,
            str(os.getpid()),
            limits.to_json(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # it could hold text of a file
            env=_environment(),
            start_new_session=True,  # Ctrl-C in our terminal is ours to act on
        )
        return cls(transport, pipes)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._transport.get_pid()

    @property
    def running(self) -> bool:
        """Whether it has not ended as far as we know."""
        return self._transport.get_returncode() is None

    def ask(self, request: dict[str, Any]) -> None:
        """Send a request. What went wrong with that, `receive` tells."""
        self.documents += 1
        stdin = self._transport.get_pipe_transport(0)
        assert isinstance(stdin, asyncio.WriteTransport)  # noqa: S101 - it was asked for
        stdin.write(frames.pack(request))

    async def receive(self) -> Message:
        """The next message. Raises ChildDied when the child ended, or said what no child of ours says."""
        try:
            head = await self._pipes.stdout.readexactly(frames.LENGTH.size)
            return parse(await self._pipes.stdout.readexactly(frames.length(head)))
        except frames.BadFrame as bad:
            raise ChildDied("crash", f"bad frame: {bad}") from bad
        except asyncio.IncompleteReadError:
            raise await self._death() from None

    def kill(self) -> None:
        """End it at once. Repeatable."""
        if self.running:
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # the transport's own kill() may take the exit status away

    async def gone(self) -> None:
        """Return when it has ended and its pipes are closed; whoever calls this has killed it. Repeatable."""
        await asyncio.shield(self._pipes.exited)
        self._transport.close()
        await asyncio.shield(self._pipes.closed)

    async def _death(self) -> ChildDied:
        """Why it ended, by its exit status. A kill that isn't ours is the system's, for lack of memory."""
        await asyncio.wait([self._pipes.exited], timeout=EXIT_S)
        self.kill()
        await asyncio.shield(self._pipes.exited)
        status = self._transport.get_returncode()
        code = "crash"
        if status == -signal.SIGXCPU:
            code = "timeout"
        elif status == -signal.SIGKILL and not self._killed:
            code = "memory"
        return ChildDied(code, f"exit status {status}")


def _environment() -> dict[str, str]:
    """What a child needs to find the same modules as we do, and nothing else: no token gets there."""
    modules = [path for path in sys.path if os.path.isabs(path)]  # noqa: PTH117 - plain strings
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUTF8": "1",
        **MALLOC,
        "OMP_THREAD_LIMIT": "1",  # tesseract would take every processor
    }
