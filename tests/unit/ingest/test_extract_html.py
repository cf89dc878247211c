from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.html import add_html, read
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.reading import Source

CHARACTERS = 1_000_000


def text_of(html: str) -> str:
    flow = Flow(Limits())
    add_html(html, flow)
    return "\n".join(page.text for page in flow.end())


def source(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Source:
    path = tmp_path / "page.html"
    path.write_bytes(data)
    return Source(path, "html", limits or Limits())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<title>Outage</title><body><h1>Outage</h1><p>Disk\n  full.</p>", "# Outage\n\nDisk full."),
        ("<p>One<p>Two<div>Three</div>four", "One\n\nTwo\n\nThree\n\nfour"),
        ("a<b>b</b> <i>c</i><br>d &amp; &eacute;&#8364;", "ab c\nd & é€"),
        ("<ul><li>One<li>Two</ul>", "One\nTwo"),
        ("<h2>Cause</h2>Disk<h3>Detail</h3>", "## Cause\n\nDisk\n\n### Detail"),
        ("<table><tr><th>host<th>state<tr><td>svc-7<td><p>full</p></table>", "host | state\nsvc-7 | full"),
        ("<table><tr><td>a</td><td></td><td>b</td></tr></table>after", "a |  | b\n\nafter"),
        ("<table><tr><td><p>One.</p><p>Two.</p></td></tr></table>", "One.\n\nTwo."),
        ("<table><tr><td><table><tr><td>a<td>b</table></table>", "a | b"),
        ("<pre>x = 1\n  # no heading</pre>", "```\nx = 1\n  # no heading\n```"),
        ("x<script>var a = '<p>no</p>';</script><style>p{}</style><!-- no --><noscript>no</noscript>y", "xy"),
        ("x<script>never ends", "x"),
        ('<img src="a.png" alt="A diagram">', "A diagram"),
        ("no tags at all, 1 < 2", "no tags at all, 1 < 2"),
        ("<div>" * 5_000 + "deep", "deep"),
    ],
)
def test_blocks_headings_and_tables_are_kept_and_what_nobody_sees_is_not(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Größe".encode(), "Größe"),
        ('<meta charset="windows-1251"><p>Привет'.encode("cp1251"), "Привет"),
        ("<meta charset='iso-2022-jp'><p>日本語".encode("iso2022_jp"), "日本語"),
        ("<p>Größe".encode("utf-16"), "Größe"),
        ('<meta charset="no-such"><p>Größe'.encode("latin-1"), "Größe"),
        ('<meta charset="latin-1"><p>Größe'.encode(), "Größe"),
    ],
)
def test_the_encoding_is_what_the_bytes_prove_or_else_what_the_page_says(
    tmp_path: Path, data: bytes, text: str
) -> None:
    assert list(read(source(tmp_path, data)).pages) == [Page(1, text)]


def test_of_a_long_page_the_beginning_is_read_and_that_is_said(tmp_path: Path) -> None:
    pages = read(source(tmp_path, b"<p>word</p>" * 100, Limits(characters=50))).pages
    assert next(pages).text.startswith("word\n\nword")
    with pytest.raises(LimitReached, match=r"only its first 50 characters|only its beginning"):
        next(pages)


def test_reading_stops_in_time_with_what_is_there(tmp_path: Path) -> None:
    pages = read(source(tmp_path, b"<p>word</p>" * 100, Limits(document_cpu_s=-1))).pages
    with pytest.raises(LimitReached, match="reading took too long"):
        list(pages)


def test_binary_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected) as rejected:
        read(source(tmp_path, bytes(range(256)) * 20))
    assert rejected.value.code == "binary"


@pytest.mark.parametrize(
    "piece", ["<b", "<!--", "<!x", "<?", "</", '<a b="', "<![CDATA[", "&#", "<script", "<p ", "<title>"]
)
def test_tags_without_an_end_cost_one_pass(piece: str) -> None:
    flow = Flow(Limits())
    add_html(piece * (CHARACTERS // len(piece)) + ">", flow)
    assert flow.cut is None, "who looks for each end again takes minutes"


@given(st.text(alphabet="<>/!-?&;\"'= abptdrhl123\n[]", max_size=300))
def test_no_page_is_too_strange(html: str) -> None:
    assert isinstance(text_of(html), str)
