"""The project's own rules on its text: each takes a file and yields the faults in it.

What ruff, mypy and import-linter check is not repeated here.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

REPOSITORY = Path(__file__).resolve().parents[2]
GENERATED = {"dist", "build", "__pycache__", "node_modules"}
BINARY = {".png", ".jpg", ".gif", ".ico", ".pdf", ".woff2", ".db"}

MODULE_LINES = 300
FUNCTION_LINES = 40
NAME_WORDS = 3
LONG_FUNCTIONS = ("bot/documents/migrations/versions/",)
"""A migration is as long as the table it makes."""

BROAD_EXCEPTS = {
    "bot/cli/__init__.py": "the edge: people at a terminal get one line",
    "bot/jobs/asyncio_runner.py": "the worker: it outlives whatever ails its store",
    "bot/slack/conversations.py": "the worker: whoever asked gets an answer or a reason, and the rows stay",
    "bot/slack/inbox.py": "the edge and its worker: what isn't committed isn't acked",
    "bot/slack/listeners/actions.py": "the edge: whoever pressed a button gets a reason",
    "bot/slack/listeners/commands.py": "the edge: whoever asked gets a reason",
    "bot/slack/status_reply.py": "the worker: it outlives a full disk",
    "bot/web/api/problems.py": "the edge: a program gets a problem, the log its cause",
    "bot/web/server.py": "the edge: a dependency that fails in any way is not ready",
}
COMMITS = {
    "bot/database/__init__.py": "the one transaction",
    "bot/database/sessions.py": "carries a commit to its end",
}
PRINTS = ("bot/cli/", "bot/doctor/", "benchmarks/")

UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
ELSEWHERE = re.compile(
    r"""(?<![\w.~-])/(?:work|root|home|tmp|var/tmp)/   # folders of somebody's machine
    |\b(?:pypi\.o|pythonhosted\.o|npmjs\.o|debian\.o)rg\b  # where packages are fetched is the reader's choice
    |--(?:extra-)?index-url|--find-links
    """,
    re.VERBOSE,
)
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?P<rest>.*)")
REASONED = re.compile(
    r"(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w-]+(?:,\s*[\w-]+)*\])"  # which rule
    r"\s+[#-]\s*\w"  # and why
)


PATCHES = ("unittest.mock", "mock.", "monkeypatch.setattr", "mocker.")
EVERYTHING = ("",)
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Source:
    """One file; `path` is relative to the repository, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def nodes(self, kind: type[Node]) -> list[Node]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[type, list[Any]]:
        nodes: dict[type, list[Any]] = {}
        for node in ast.walk(self.tree):
            nodes.setdefault(type(node), []).append(node)
        return nodes

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from self.nodes(ast.FunctionDef)
        yield from self.nodes(ast.AsyncFunctionDef)


Rule = Callable[[Source], Iterator[str]]


@cache
def sources(root: Path = REPOSITORY) -> list[Source]:
    """Every text file of the project, in the order of their paths."""
    found: list[Source] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name == ".ci" or name[0] != "."]
        folders[:] = [name for name in folders if name not in GENERATED and not name.endswith(".egg-info")]
        paths = (Path(folder, name) for name in files)
        found += [
            Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
            for path in paths
            if path.suffix not in BINARY and path.name != ".git"
        ]
    return sorted(found, key=lambda source: source.path)


def module_too_long(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > MODULE_LINES:
        yield f"{lines} lines, {MODULE_LINES} are allowed: split it by what it does"


def function_too_long(source: Source) -> Iterator[str]:
    """A function's lines, its docstring left out."""
    if source.path.startswith(LONG_FUNCTIONS):
        return
    for node in source.functions:
        first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
        signature = node.body[0].lineno - node.lineno
        lines = signature + (node.end_lineno or 0) - first.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"{node.name} has {lines} lines, {FUNCTION_LINES} are allowed"


def broad_except(source: Source) -> Iterator[str]:
    """Catching everything, unless to clean up and raise it again."""
    if source.path in BROAD_EXCEPTS:
        return
    for handler in source.nodes(ast.ExceptHandler):
        last = handler.body[-1]
        raised_again = isinstance(last, ast.Raise) and last.exc is None
        if not raised_again and (handler.type is None or _names_everything(handler.type)):
            yield f"line {handler.lineno} catches everything"
    for call in source.nodes(ast.Call):
        if "suppress" in ast.unparse(call.func) and any(map(_names_everything, call.args)):
            yield f"line {call.lineno} suppresses everything"


def _names_everything(kind: ast.expr) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(ast.unparse(each).split(".")[-1] in {"Exception", "BaseException"} for each in kinds)


def shared_error(source: Source) -> Iterator[str]:
    """One error raised again and again keeps the frames of every time, and all that is in them."""
    for node in source.nodes(ast.Raise):
        named = node.exc.value if isinstance(node.exc, ast.Subscript) else node.exc
        if isinstance(named, ast.Name | ast.Attribute) and ast.unparse(named).split(".")[-1].isupper():
            yield f"line {node.lineno} raises {ast.unparse(named)}: make the error where it is raised"


def commits(source: Source) -> Iterator[str]:
    if source.path in COMMITS:
        return
    for node in source.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield f"line {node.lineno} commits; bot.database alone does"


def prints(source: Source) -> Iterator[str]:
    if source.path.startswith(PRINTS):
        return
    for node in source.nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"line {node.lineno} prints"


def unfinished(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        if UNFINISHED.search(line):
            yield f"line {number} speaks of work not done: file an issue instead"


def somebodys_machine(source: Source) -> Iterator[str]:
    if source.path == Path(__file__).relative_to(REPOSITORY).as_posix():
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if found := ELSEWHERE.search(line):
            yield f"line {number} names {found.group()}, which is not everybody's"


def suppression_without_reason(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        found = SUPPRESSION.search(line)
        if found and not REASONED.match(found["rest"]):
            yield f"line {number}: {found.group()} says no code or no reason"


def unclear_test_name(source: Source) -> Iterator[str]:
    for node in source.functions:
        if node.name.startswith("test_") and node.name.count("_") < NAME_WORDS:
            yield f"{node.name} doesn't say what holds"


def patching(source: Source) -> Iterator[str]:
    """Replacing parts of a module while it runs; the environment and the folder may be set."""
    for node in ast.walk(source.tree):
        for name in _names(node):
            if name.startswith(PATCHES):
                yield f"{name}: take a local provider or a server on loopback instead"


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [ast.unparse(node)] if isinstance(node, ast.Attribute) else []


BOT, TESTS = ("bot/",), ("tests/",)
RULES: dict[Rule, tuple[str, ...]] = {
    module_too_long: BOT,
    function_too_long: BOT,
    broad_except: BOT,
    shared_error: BOT,
    commits: BOT,
    prints: BOT,
    suppression_without_reason: ("bot/", "benchmarks/"),
    unclear_test_name: TESTS,
    patching: TESTS,
    unfinished: EVERYTHING,
    somebodys_machine: EVERYTHING,
}
"""Which rule looks at which folders; all but the last two at Python alone."""


def faults(rule: Rule, looked_at: list[Source]) -> list[str]:
    """What a rule finds, as `path: fault`."""
    folders = RULES[rule]
    return [
        f"{source.path}: {fault}"
        for source in looked_at
        if folders == EVERYTHING or (source.path.startswith(folders) and source.path.endswith(".py"))
        for fault in rule(source)
    ]
