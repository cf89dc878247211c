"""What people type and the passage they mean: words and meaning together, on the embedded index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from contracts.vector_index import C1, chunks_of, document, scope

from bot.domain import Query
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.providers.local.index import LocalIndex
from bot.search.fuse import fuse
from bot.search.retrieve import retrieve

PASSAGES = {
    "enospc": "The write failed with ENOSPC: no space was left on the volume of the primary.",
    "eacces": "The write failed with EACCES: the service user may not write to the volume.",
    "err-4711": "When the gateway logs ERR-4711, the token of the terminal has run out.",
    "err-4712": "When the gateway logs ERR-4712, the terminal is not registered yet.",
    "err4713": "The printer shows err4713 until the paper tray is closed.",
    "payments_v2": "The table payments_v2 has replaced the table payments since the migration.",
    "payments": "The table payments is kept for audits and is read by nobody else.",
    "svc-7": "The pod svc-payments-7 was moved to the second zone.",
    "svc-8": "The pod svc-payments-8 was moved to the third zone.",
    "hresult": "Setup ends with 0x80070005 when the installer lacks administrator rights.",
    "hresult2": "Setup ends with 0x80070002 when a file of the installer is missing.",
    "nginx": "Requests that were refused are listed in /var/log/nginx/error.log with their client.",
    "nginx-access": "Requests that were served are listed in /var/log/nginx/access.log with their client.",
    "log4shell": "CVE-2021-44228 in log4j lets attackers run code through a lookup in a message.",
    "log4j-2": "CVE-2021-45046 in log4j was an incomplete fix of the one before.",
    "ip17": "The standby listens on 10.0.3.17 and takes over within a minute.",
    "ip18": "The primary listens on 10.0.3.18 and writes to both disks.",
    "v1.2.3": "With v1.2.3 the exporter no longer leaks connections.",
    "v1.3.2": "With v1.3.2 the exporter writes Parquet.",
    "mail": "For a new badge write to front.desk@example.com before Friday.",
    "mail2": "For a new laptop write to help.desk@example.com before Friday.",
    "camel": "maxRetryCount says how often the uploader tries again.",
    "camel2": "maxBatchSize says how much the uploader sends at once.",
    "snake": "Set retry_backoff_seconds in the settings of the uploader.",
    "straße": "Die Lieferung geht an die Schloßstraße 12, Frau Müller nimmt sie an.",
    "gasse": "Die Rechnung geht an die Burggasse 3, Herr Maier nimmt sie an.",
    "accès": "L'accès à l'entrepôt est contrôlé par badge; les règles sont affichées.",
    "sortie": "La sortie de l'entrepôt reste ouverte pendant la journée.",
    "接続": "データベース接続エラーが発生した場合は、設定を確認してください。",
    "印刷": "印刷エラーが発生した場合は、用紙を確認してください。",
    "连接": "数据库连接失败时请检查网络设置。",
    "打印": "打印失败时请检查纸张。",
    "연결": "데이터베이스 연결 오류가 발생하면 설정을 확인하십시오.",
    "인쇄": "인쇄 오류가 발생하면 용지를 확인하십시오.",
    "ฐานข้อมูล": "หากเชื่อมต่อฐานข้อมูลไม่ได้ ให้ตรวจสอบการตั้งค่าเครือข่าย",
    "พิมพ์": "หากพิมพ์ไม่ได้ ให้ตรวจสอบกระดาษ",
    "датабаза": "Резервные копии базы данных хранятся тридцать дней.",
    "принтер": "Заявки на принтеры хранятся один день.",
}


@pytest.fixture(scope="module")
def embeddings() -> Iterator[LocalEmbeddingProvider]:
    embeddings = LocalEmbeddingProvider()
    yield embeddings
    asyncio.run(embeddings.close())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, embeddings: LocalEmbeddingProvider) -> Path:
    path = tmp_path_factory.mktemp("finding") / "fm.db"

    async def fill() -> None:
        async with LocalIndex(path, embeddings.space) as index:
            for name, text in PASSAGES.items():
                doc = document(name, title="Notes")
                await index.write(doc, chunks_of(text), await embeddings.embed_documents([text]))
                await index.publish(doc)

    asyncio.run(fill())
    return path


@dataclass
class Search:
    index: LocalIndex
    embeddings: LocalEmbeddingProvider

    async def first(self, asked: str, *phrases: str) -> str | None:
        found = await retrieve(self.index, self.embeddings, scope(C1), Query(asked, phrases))
        ranked = fuse(found.keyword, found.dense, self.embeddings.space.weight)
        return ranked[0].document_id if ranked else None


@pytest.fixture
async def search(filled: Path, embeddings: LocalEmbeddingProvider) -> AsyncIterator[Search]:
    async with LocalIndex(filled, embeddings.space) as index:
        yield Search(index, embeddings)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("ENOSPC", "enospc"),
        ("enospc", "enospc"),
        ("what does enospc mean?", "enospc"),
        ("err-4711", "err-4711"),
        ("ERR 4711", "err-4711"),
        ("err4711", "err-4711"),
        ("Err_4711", "err-4711"),
        ("4711", "err-4711"),
        ("ERR-4713", "err4713"),
        ("err 4713", "err4713"),
        ("payments_v2", "payments_v2"),
        ("payments v2", "payments_v2"),
        ("PAYMENTS-V2", "payments_v2"),
        ("svc-payments-7", "svc-7"),
        ("SVC-PAYMENTS-8", "svc-8"),
        ("payments 7 pod", "svc-7"),
        ("0x80070005", "hresult"),
        ("0X80070005", "hresult"),
        ("80070005", "hresult"),
        ("/var/log/nginx/error.log", "nginx"),
        ("nginx error.log", "nginx"),
        ("nginx access log", "nginx-access"),
        ("CVE-2021-44228", "log4shell"),
        ("cve 2021 44228", "log4shell"),
        ("log4j 44228", "log4shell"),
        ("10.0.3.17", "ip17"),
        ("which host is 10.0.3.18?", "ip18"),
        ("v1.2.3", "v1.2.3"),
        ("1.3.2", "v1.3.2"),
        ("front.desk@example.com", "mail"),
        ("FRONT.DESK@EXAMPLE.COM", "mail"),
        ("help desk", "mail2"),
        ("maxRetryCount", "camel"),
        ("maxretrycount", "camel"),
        ("max retry count", "camel"),
        ("max_retry_count", "camel"),
        ("retry_backoff_seconds", "snake"),
        ("retryBackoffSeconds", "snake"),
        ("retry backoff seconds", "snake"),
    ],
)
async def test_an_identifier_is_found_whole_and_by_its_parts_however_it_is_written(
    search: Search, asked: str, meant: str
) -> None:
    assert await search.first(asked) == meant


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Schlossstrasse", "straße"),
        ("schloßstraße", "straße"),
        ("Mueller", "straße"),
        ("müller", "straße"),
        ("An wen gehen die Lieferungen?", "straße"),
        ("accès", "accès"),
        ("ACCES ENTREPOT", "accès"),
        ("Qui contrôle les accès à l'entrepôt ?", "accès"),
        ("接続エラー", "接続"),
        ("印刷 エラー", "印刷"),
        ("连接失败", "连接"),
        ("연결 오류", "연결"),
        ("ฐานข้อมูล", "ฐานข้อมูล"),
        ("сколько хранится копия базы данных", "датабаза"),
    ],
)
async def test_other_languages_and_scripts_are_found_as_people_write_them(
    search: Search, asked: str, meant: str
) -> None:
    assert await search.first(asked) == meant


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("token of the terminal", "err-4711"),
        ("svc-payments-8", "svc-8"),
        ("接続エラー", "接続"),
        ("检查网络", "连接"),
        ("연결 오류", "연결"),
        ("เชื่อมต่อฐานข้อมูล", "ฐานข้อมูล"),
        ("l'accès à l'entrepôt", "accès"),
    ],
)
async def test_an_exact_phrase_is_found_in_any_script(search: Search, phrase: str, meant: str) -> None:
    assert await search.first(phrase, phrase) == meant


async def test_an_exact_phrase_that_no_passage_has_finds_none(search: Search) -> None:
    assert await search.first("terminal of the token", "terminal of the token") is None
