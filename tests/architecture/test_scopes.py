"""Every read for people takes a scope first; those without one are for the command line and the console."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from architecture.rules import Source, sources

PROJECT = {source.path: source for source in sources() if source.path.endswith(".py")}
PORT_READS = {"keyword", "dense", "read"}
"""What an index reads for people; the rest of its methods serves those who write."""
SCOPED = {
    "readable", "matching", "sharers", "titles", "listed", "totals", "counts", "latest", "find_for",
    "queue_place",
}  # fmt: skip  # a list
UNSCOPED = {"get", "get_all", "find", "of", "channels", "visible", "to_check", "without_permalink"}
"""Reads of documents for those who write them."""
FOR_OPERATORS = {
    "counts_all", "latest_all", "find_all", "all_channels", "insights", "voted", "overview",
    "indexed_between", "counts_of",
}  # fmt: skip  # a list
SIDE_OF_PEOPLE = ("bot/slack/", "bot/search/", "bot/answer/", "bot/web/")
SIDE_OF_OPERATORS = ("bot/cli/", "bot/evaluate/", "bot/doctor/", "bot/web/console/")
EXCEPTIONS = {
    ("bot/app/serve.py", "counts_all"): "the metrics are numbers for operators",
    ("bot/slack/rights.py", "insights"): "admins are told what was asked in vain, not by whom",
    ("bot/slack/rights.py", "find"): "an admin names a file by its id and is told no title",
    ("bot/slack/rights.py", "get"): "the button's document, looked up in the presser's scope besides",
}


def calls(source: Source, names: set[str]) -> Iterator[str]:
    """Methods of these names that are called on a transaction's documents, or what operators alone read."""
    for node in source.nodes(ast.Call):
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in names:
            continue
        owner = ast.unparse(node.func.value)
        if owner == "tx.documents" or (owner.startswith("tx.") and node.func.attr in FOR_OPERATORS):
            yield node.func.attr


def out_of_place(source: Source) -> list[str]:
    """Reads that this file may not make."""
    found = []
    if source.path.startswith((*SIDE_OF_OPERATORS, "tests/", "benchmarks/")):
        return []
    if source.path.startswith(SIDE_OF_PEOPLE):
        found += list(calls(source, UNSCOPED | FOR_OPERATORS))
    else:
        found += list(calls(source, FOR_OPERATORS))
    return [name for name in found if (source.path, name) not in EXCEPTIONS]


def methods(name: str) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The methods of a class, wherever it lies."""
    kinds = (node for source in PROJECT.values() for node in source.nodes(ast.ClassDef))
    [found] = [kind for kind in kinds if kind.name == name]
    return {
        node.name: node for node in found.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def takes_a_scope_first(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return [ast.unparse(argument) for argument in method.args.args[1:2]] == ["scope: Scope"]


def test_every_read_of_documents_for_people_takes_a_scope_first() -> None:
    reads = methods("Reads")
    found = reads | methods("Claims")
    assert {name for name, method in found.items() if takes_a_scope_first(method)} == SCOPED
    assert {name for name in reads if name[0] != "_"} - SCOPED <= FOR_OPERATORS


@pytest.mark.parametrize("name", ["VectorIndex", "LocalIndex", "PineconeIndex"])
def test_every_read_of_an_index_for_people_takes_a_scope_first(name: str) -> None:
    public = {one: method for one, method in methods(name).items() if one[0] != "_"}
    assert {one for one, method in public.items() if takes_a_scope_first(method)} >= PORT_READS
    assert {one for one, method in public.items() if "list[Candidate]" in ast.unparse(method)} <= PORT_READS


def test_no_read_without_a_scope_is_made_on_the_side_of_people() -> None:
    found = {path: faults for path, source in PROJECT.items() if (faults := out_of_place(source))}
    assert found == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bot/slack/planted.py", "await tx.documents.get(x)"),
        ("bot/search/planted.py", "await tx.documents.find(workspace, file)"),
        ("bot/answer/planted.py", "await tx.documents.latest_all(5)"),
        ("bot/ingest/planted.py", "await tx.documents.counts_all()"),
        ("bot/app/planted.py", "await tx.insights.insights(None)"),
    ],
)
def test_a_read_without_a_scope_is_found(path: str, text: str) -> None:
    assert out_of_place(Source(path, text))


def test_each_exception_is_in_use() -> None:
    for path, name in EXCEPTIONS:
        assert name in set(calls(PROJECT[path], UNSCOPED | FOR_OPERATORS)), (path, name)
