from __future__ import annotations

import pytest
from architecture import rules
from architecture.rules import RULES, Rule, Source, faults, sources

PROJECT = sources()
LONG_BODY = "    x = 1\n" * rules.FUNCTION_LINES
PLANTED: list[tuple[Rule, str, str]] = [
    (rules.module_too_long, "bot/x.py", "x = 1\n" * (rules.MODULE_LINES + 1)),
    (rules.function_too_long, "bot/x.py", f"def f():\n{LONG_BODY}"),
    (rules.broad_except, "bot/x.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
    (rules.broad_except, "bot/x.py", "try:\n    f()\nexcept (OSError, BaseException) as e:\n    g(e)\n"),
    (rules.broad_except, "bot/x.py", "try:\n    f()\nexcept:\n    pass\n"),
    (rules.broad_except, "bot/x.py", "with contextlib.suppress(Exception):\n    f()\n"),
    (rules.shared_error, "bot/x.py", "raise TOO_MANY\n"),
    (rules.shared_error, "bot/x.py", "raise choices.REFUSED[why] from error\n"),
    (rules.commits, "bot/x.py", "await session.commit()\n"),
    (rules.prints, "bot/x.py", "print(1)\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # noqa\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # noqa: S608\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # type: ignore[arg-type]\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # type: ignore  # because\n"),
    (rules.unclear_test_name, "tests/x.py", "def test_search():\n    pass\n"),
    (
        rules.unclear_test_name,
        "tests/x.py",
        "class TestX:\n    async def test_x(self):\n        pass\n",
    ),
    (rules.patching, "tests/x.py", "from unittest.mock import Mock\n"),
    (rules.patching, "tests/x.py", "import unittest.mock\n"),
    (rules.patching, "tests/x.py", "def test_a_b_c(monkeypatch):\n    monkeypatch.setattr(x, 'y', 1)\n"),
    (rules.unfinished, "docs/x.md", "TO" + "DO: more\n"),
    (rules.unfinished, "bot/x.py", "# FIX" + "ME\n"),
    (rules.somebodys_machine, "docs/x.md", "cd /" + "home/me/x\n"),
    (rules.somebodys_machine, "bot/x.py", "x = '/" + "tmp/x'\n"),
    (rules.somebodys_machine, "requirements.lock", "--index" + "-url https://example.org\n"),
    (rules.somebodys_machine, "Dockerfile", "RUN pip install -i https://py" + "pi.org/simple x\n"),
]
ALLOWED: list[tuple[Rule, str, str]] = [
    (rules.module_too_long, "bot/x.py", "x = 1\n" * rules.MODULE_LINES),
    (rules.function_too_long, "bot/x.py", 'def f():\n    """' + "Words.\n" * 50 + '"""\n    x = 1\n'),
    (rules.broad_except, "bot/x.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"),
    (rules.broad_except, "bot/x.py", "try:\n    f()\nexcept OSError:\n    pass\n"),
    (rules.shared_error, "bot/x.py", "raise Refused(*TOO_MANY)\nraise web.HTTPNotFound\nraise\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # noqa: A001, S608  # constants\n"),
    (rules.suppression_without_reason, "bot/x.py", "x = 1  # type: ignore[arg-type]  # checked there\n"),
    (rules.unclear_test_name, "tests/x.py", "def test_a_search_finds_words():\n    pass\n"),
    (rules.patching, "tests/x.py", "def test_a_b_c(monkeypatch):\n    monkeypatch.setenv('X', '1')\n"),
]


def _name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_the_project_keeps_its_own_rule(rule: Rule) -> None:
    found = faults(rule, PROJECT)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED, ids=_name)
def test_a_rule_finds_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert faults(rule, [Source(path, text)])


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED, ids=_name)
def test_a_rule_leaves_the_rest_alone(rule: Rule, path: str, text: str) -> None:
    assert faults(rule, [Source(path, text)]) == []


def test_every_rule_was_shown_to_find_something() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


@pytest.mark.parametrize("path", rules.BROAD_EXCEPTS)
def test_a_file_that_may_catch_everything_does_so(path: str) -> None:
    [source] = [source for source in PROJECT if source.path == path]
    assert faults(rules.broad_except, [Source("bot/elsewhere.py", source.text)])
