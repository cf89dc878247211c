"""Archives made to overload whoever opens them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from support.office import make_zip

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract.limits import MIB, LimitReached, Limits
from bot.ingest.extract.zip_xml import BROKEN, Handler, Package, parse_all, salvaged, value

ENTITIES = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y SYSTEM "file:///etc/passwd">]>'


def opened(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Package:
    path = tmp_path / "file.zip"
    path.write_bytes(data)
    return Package(path, limits or Limits())


def test_members_are_found_whatever_the_case_and_the_slashes(tmp_path: Path) -> None:
    archive = opened(tmp_path, make_zip({"XL\\SharedStrings.xml": "x"}))
    assert archive.read("/xl/sharedStrings.xml") == b"x"


def code(tmp_path: Path, data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(FileRejected) as rejected:
        parse_all(opened(tmp_path, data, limits), "a.xml", Handler())
    assert rejected.value.advice.endswith(".")
    return rejected.value.code


def test_what_unpacks_to_more_than_the_budget_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    package = opened(tmp_path, make_zip({"a": "x" * 60, "b": "y" * 60}), Limits(unzipped_bytes=100))
    assert package.read("a") == b"x" * 60
    with pytest.raises(FileRejected) as rejected:
        package.read("b")
    assert rejected.value.code == "too_large"


def test_extreme_ratios_are_refused(tmp_path: Path) -> None:
    assert code(tmp_path, make_zip({"a.xml": bytes(2 * MIB)})) == "too_large"


def test_a_small_member_may_be_all_repetition(tmp_path: Path) -> None:
    assert len(opened(tmp_path, make_zip({"a": bytes(MIB)})).read("a")) == MIB


def test_too_many_entries_are_refused_before_the_directory_is_loaded(tmp_path: Path) -> None:
    data = make_zip({f"{number}": "" for number in range(11)})
    assert code(tmp_path, data, Limits(zip_entries=10)) == "too_large"


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(200), make_zip({"a.xml": "x" * 999})[:60], b""])
def test_what_is_no_whole_archive_is_damaged(tmp_path: Path, data: bytes) -> None:
    assert code(tmp_path, data) == "damaged"


def test_a_member_with_a_password_is_refused_for_that(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.xml": "<a/>"}))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 8, 1)
    struct.pack_into("<H", data, 6, 1)
    assert code(tmp_path, bytes(data)) == "encrypted"


@pytest.mark.parametrize("xml", [ENTITIES + "<a>&x;</a>", ENTITIES + "<a/>", "<a>" * 501])
def test_declarations_and_extreme_depth_are_refused(tmp_path: Path, xml: str) -> None:
    assert code(tmp_path, make_zip({"a.xml": xml})) == "damaged"


def test_a_document_type_without_declarations_is_fine_and_nothing_outside_is_fetched(tmp_path: Path) -> None:
    xml = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    parse_all(opened(tmp_path, make_zip({"a.xml": xml})), "a.xml", Handler())


def test_a_damaged_member_raises_what_salvaging_knows(tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "x" * 100)
    data = out.getvalue().replace(b"x" * 100, b"y" * 100)
    with pytest.raises(BROKEN):
        opened(tmp_path, data).read("a")


@pytest.mark.parametrize("xml", ["<a>", "<?xml version='1.0' encoding='UTF-0'?><a/>", "<a>\xff</a>"])
def test_damaged_xml_raises_what_salvaging_knows(tmp_path: Path, xml: str) -> None:
    with pytest.raises(BROKEN):
        parse_all(opened(tmp_path, make_zip({"a.xml": xml.encode("latin-1")})), "a.xml", Handler())


def test_a_refusal_after_the_first_page_costs_only_the_rest() -> None:
    def pages() -> Iterator[Page]:
        yield Page(1, "page")
        raise FileRejected("too_large", "it is too large", "Cut it.")

    kept = salvaged(pages())
    assert next(kept).text == "page"
    with pytest.raises(LimitReached, match="some of it is missing: it is too large"):
        next(kept)


def test_attributes_are_found_without_their_prefix() -> None:
    assert (value({"w:val": "1"}, "val"), value({"val": "2"}, "val"), value({}, "val")) == ("1", "2", "")
