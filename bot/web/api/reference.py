"""The API's description as a page that people read: plain HTML, made of nothing but the description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from http import HTTPStatus
from typing import Any

from bot.web.plain import page

Json = dict[str, Any]
SAMPLES = "x-codeSamples"
INTRODUCTION = (
    "<p>{about} A key is made with <code>fm api-key create</code>, and sent as "
    "<code>Authorization: Bearer …</code>. In the examples <code>$FM</code> is where the bot listens, "
    "<code>$KEY</code> a key, and <code>$ID</code> a document's id. For programs all of this is in "
    '<a href="/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
)
ERRORS = (
    '<h2 id="errors">Errors</h2><p>Every error is <code>application/problem+json</code> (RFC 9457): '
    "<code>code</code> is for programs, <code>detail</code> for people, <code>errors</code> names the places "
    "that don't fit. After 429 and 503 come back when <code>Retry-After</code> says.</p><pre><code>{problem}"
    "</code></pre>"
)
PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "code": "invalid",
    "detail": "The request doesn't fit the API's description.",
    "errors": [{"where": "query", "detail": "Field required"}],
}


def reference(described: Json) -> str:
    """The page of a description."""
    server = described["servers"][0]["url"]
    operations = [
        (f"{method.upper()} {server}{path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    body = [
        INTRODUCTION.format(about=escape(described["info"]["description"])),
        _contents(operations),
        *(_operation(address, operation) for address, operation in operations),
        ERRORS.format(problem=escape(json.dumps(PROBLEM, indent=2))),
        '<h2 id="values">Values</h2>',
        *(_value(name, schema) for name, schema in described["components"]["schemas"].items()),
    ]
    return page(f"{described['info']['title']} {described['info']['version']}", "".join(body))


def _contents(operations: list[tuple[str, Json]]) -> str:
    named = [(one["operationId"], escape(one["summary"]), escape(address)) for address, one in operations]
    links = "".join(
        f'<li><a href="#{name}">{what}</a>: <code>{address}</code></li>' for name, what, address in named
    )
    links += '<li><a href="#errors">Errors</a></li><li><a href="#values">Values</a></li>'
    return f'<nav aria-label="On this page"><ul>{links}</ul></nav>'


def _operation(address: str, operation: Json) -> str:
    samples = "".join(f"<pre><code>{escape(one['source'])}</code></pre>" for one in operation[SAMPLES])
    return (
        f'<h2 id="{operation["operationId"]}">{escape(operation["summary"])}</h2>'
        f"<p><code>{escape(address)}</code></p><p>{_marked(operation['description'])}</p>{samples}"
        f"{_table('Parameter', _parameters(operation))}{_body(operation)}"
        f"{_table('Answer', _answers(operation))}{_problems(operation)}"
    )


def _parameters(operation: Json) -> Iterator[tuple[str, str, str]]:
    for one in operation["parameters"]:
        schema = one["schema"]
        words = one.get("description") or schema.get("description") or ""
        where = f"{one['in']}, has to be there" if one.get("required") else one["in"]
        yield f"<code>{escape(one['name'])}</code>", f"{where}: {_kind(schema)}", _marked(words)


def _body(operation: Json) -> str:
    sent = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body: <code>{escape(kind)}</code>, {_kind(content['schema'])}</p>"
        for kind, content in sent.items()
    )


def _answers(operation: Json) -> Iterator[tuple[str, str, str]]:
    for status, one in operation["responses"].items():
        if int(status) < HTTPStatus.BAD_REQUEST:
            kinds = [_kind(content["schema"]) for content in one.get("content", {}).values()]
            yield status, HTTPStatus(int(status)).phrase, ", ".join(kinds)


def _problems(operation: Json) -> str:
    found = [HTTPStatus(int(status)) for status in operation["responses"]]
    named = ", ".join(f"{one.value} {one.phrase}" for one in found if one >= HTTPStatus.BAD_REQUEST)
    return f'<p>Or an <a href="#errors">error</a>: {named}.</p>'


def _value(name: str, schema: Json) -> str:
    words = _marked(schema.get("description", ""))
    if "enum" in schema:
        words += f" {_kind(schema)}"
    needed = schema.get("required", ())
    rows = (
        (
            f"<code>{escape(field)}</code>",
            _kind(one) + (", has to be there" if field in needed else ""),
            _marked(one.get("description", "")),
        )
        for field, one in schema.get("properties", {}).items()
    )
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{words}</p>{_table("Field", rows)}'


def _table(what: str, rows: Iterator[tuple[str, str, str]]) -> str:
    """Cells are HTML."""
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    heads = "".join(f'<th scope="col">{one}</th>' for one in (what, "Is", "About"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>" if lines else ""


def _kind(schema: Json) -> str:
    """What a value is, in a few words of HTML."""
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if choices := schema.get("anyOf"):
        return " or ".join(_kind(one) for one in choices)
    if choices := schema.get("enum"):
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in choices)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {})}"
    return ", ".join(
        [escape(str(schema.get("format") or schema.get("type") or "anything")), *_bounds(schema)]
    )


def _bounds(schema: Json) -> Iterator[str]:
    for name, words in (
        ("pattern", "like"),
        ("maxLength", "at most {} characters"),
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("default", "else"),
    ):
        if schema.get(name) not in {None, ""}:
            shown = f"<code>{escape(str(schema[name]))}</code>"
            yield words.format(shown) if "{}" in words else f"{words} {shown}"


def _marked(words: str) -> str:
    """Text with `code` in it, as HTML."""
    parts = escape(words, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
