"""What people type and the passage they mean: what every index of our own must find, however it is written.

A test module subclasses `FindingContract`, names it `Test…` and gives the fixture `index`: an open, empty
index of the local model's dimension that spells.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from bot.domain import Query
from bot.ports import VectorIndex
from bot.providers.local.embeddings import LocalEmbeddingProvider
from bot.search.fuse import fuse
from bot.search.parse import parse_query
from bot.search.respell import Speller, respell
from bot.search.retrieve import retrieve
from contracts.vector_index import C1, chunks_of, document, scope


class Index(VectorIndex, Speller, Protocol):
    """One that spells."""


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def wide(text: str) -> str:
    """In the full width of Japanese keyboards."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


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
    "conf": "The proxy reads /etc/nginx/nginx.conf at each reload.",
    "mime": "The proxy reads /etc/nginx/mime.types at each reload.",
    "log": r"The agent writes C:\ProgramData\Acme\agent.log on each host.",
    "guid": "The object {6B29FC40-CA47-1067-B31D-00DD010662DA} is locked.",
    "c++": "The C++ service and its C# client share a schema; .NET 8 is needed.",
    "phone": "Call\u00a0+49\u00a030\u00a01234567 when the lift is stuck.",
    "replication": "The replication lag of Postgres is shown on the board.",
    "prüfung": decomposed("Die Prüfung der Lüftung übernimmt Käthe Größer."),
    "maßnahme": "Die Maßnahme gegen Straßenlärm beginnt im Mai.",
    "massnahme": "Die Massnahme gegen Flusslaerm beginnt im Juni.",
    "erreur": "L'erreur d'authentification disparaît aujourd'hui après le redémarrage.",
    "alerte": "L\u2019alerte d\u2019inondation sonne aujourd\u2019hui près du quai.",
    "soft hyphens": "The authen\u00adtication of the gate\u00adway uses a hard\u00adware token.",
    "no width": "Rotate the pass\u200bphrase of the vault each quarter.",
    "ligatures": "The \ufb01rewall con\ufb01guration is reviewed monthly.",
    "パスワード": "サーバーのパスワードを再設定する。",
    "half width": "ﾊﾞｯｸｱｯﾌﾟの予定は毎週月曜です。",
    "full width": f"エラーコード{wide('ABC123')}が表示される。",
    "istanbul": "İstanbul ofisi için VPN adresi değişti.",
    "greek": "Οδός Σωκράτους: το γραφείο κλείνει.",
}
IDENTIFIERS = {
    "ENOSPC": "enospc",
    "enospc": "enospc",
    "what does enospc mean?": "enospc",
    "err-4711": "err-4711",
    "ERR 4711": "err-4711",
    "err4711": "err-4711",
    "Err_4711": "err-4711",
    "4711": "err-4711",
    "ERR-4713": "err4713",
    "err 4713": "err4713",
    "payments_v2": "payments_v2",
    "payments v2": "payments_v2",
    "PAYMENTS-V2": "payments_v2",
    "svc-payments-7": "svc-7",
    "SVC-PAYMENTS-8": "svc-8",
    "payments 7 pod": "svc-7",
    "0x80070005": "hresult",
    "0X80070005": "hresult",
    "80070005": "hresult",
    "/var/log/nginx/error.log": "nginx",
    "nginx error.log": "nginx",
    "nginx access log": "nginx-access",
    "CVE-2021-44228": "log4shell",
    "cve 2021 44228": "log4shell",
    "log4j 44228": "log4shell",
    "10.0.3.17": "ip17",
    "which host is 10.0.3.18?": "ip18",
    "v1.2.3": "v1.2.3",
    "1.3.2": "v1.3.2",
    "front.desk@example.com": "mail",
    "FRONT.DESK@EXAMPLE.COM": "mail",
    "help desk": "mail2",
    "maxRetryCount": "camel",
    "maxretrycount": "camel",
    "max retry count": "camel",
    "max_retry_count": "camel",
    "retry_backoff_seconds": "snake",
    "retryBackoffSeconds": "snake",
    "retry backoff seconds": "snake",
    "/etc/nginx/nginx.conf": "conf",
    "nginx.conf": "conf",
    "mime.types": "mime",
    "CVE 2021-44228": "log4shell",
    "CVE_2021_44228": "log4shell",
    r"C:\ProgramData\Acme\agent.log": "log",
    "programdata acme": "log",
    "6b29fc40-ca47-1067-b31d-00dd010662da": "guid",
    "6B29FC40": "guid",
    "C++": "c++",
    "c# client": "c++",
    ".NET": "c++",
    "+49 30 1234567": "phone",
    wide("ENOSPC"): "enospc",
    "abc123": "full width",
    wide("ABC123"): "full width",
}
LANGUAGES = {
    "Schlossstrasse": "straße",
    "schloßstraße": "straße",
    "Mueller": "straße",
    "müller": "straße",
    "An wen gehen die Lieferungen?": "straße",
    "accès": "accès",
    "ACCES ENTREPOT": "accès",
    "Qui contrôle les accès à l'entrepôt ?": "accès",
    "接続エラー": "接続",
    "印刷 エラー": "印刷",
    "连接失败": "连接",
    "연결 오류": "연결",
    "ฐานข้อมูล": "ฐานข้อมูล",
    "сколько хранится копия базы данных": "датабаза",
    decomposed("Müller"): "straße",
    "MUELLER": "straße",
    "Prüfung Lüftung": "prüfung",
    decomposed("Prüfung Lüftung"): "prüfung",
    "Pruefung der Lueftung": "prüfung",
    "prufung luftung": "prüfung",
    "KÄTHE GRÖSSER": "prüfung",
    "Kaethe Groesser": "prüfung",
    "Massnahme Strassenlaerm": "maßnahme",
    "MASSNAHME STRASSENLÄRM": "maßnahme",
    "Maßnahme Flußlärm": "massnahme",
    "des Straßenlärmes": "maßnahme",
    "l'erreur": "erreur",
    "l\u2019erreur": "erreur",
    "aujourd'hui redémarrage": "erreur",
    "aujourd\u2019hui redemarrages": "erreur",
    "inondation": "alerte",
    "d'inondations": "alerte",
    "authentication": "soft hyphens",
    "hard\u00adware token": "soft hyphens",
    "passphrase": "no width",
    "firewall configuration": "ligatures",
    "ﾊﾟｽﾜｰﾄﾞ": "パスワード",
    "バックアップ": "half width",
    "ﾊﾞｯｸｱｯﾌﾟ": "half width",
    "istanbul vpn": "istanbul",
    "İSTANBUL": "istanbul",
    "σωκρατους": "greek",
    "ΣΩΚΡΆΤΟΥΣ": "greek",
}
PHRASES = {
    '"token of the terminal"': "err-4711",
    '"terminal of the token"': None,
    '"svc-payments-8"': "svc-8",
    '"SVC-PAYMENTS-7"': "svc-7",
    '"CVE-2021-44228"': "log4shell",
    '"/etc/nginx/nginx.conf"': "conf",
    '"+49 30 1234567"': "phone",
    '"hardware token"': "soft hyphens",
    '"passphrase"': "no width",
    '"firewall configuration"': "ligatures",
    '"Prüfung der  Lüftung"': "prüfung",
    '"massnahme gegen straßenlärm"': "maßnahme",
    '"Massnahme gegen Straßenlaerm"': None,
    "\"l'accès à l'entrepôt\"": "accès",
    '"l\u2019erreur d\u2019authentification"': "erreur",
    '"接続エラー"': "接続",
    '"检查网络"': "连接",
    '"연결 오류"': "연결",
    '"เชื่อมต่อฐานข้อมูล"': "ฐานข้อมูล",
    '"ﾊﾟｽﾜｰﾄﾞを再設定"': "パスワード",
    '"バックアップの予定"': "half width",
    '"ABC123"': "full width",
}
MISSPELT = {
    "postgers replicaton": "replication",
    "authenticaton gatway": "soft hyphens",
    "lodge of the vualt quarterly": "no width",
    "Straßenlrm Masnahme": "maßnahme",
    "redémarage": "erreur",
}


class FindingContract:
    @pytest.fixture
    async def embeddings(self) -> AsyncIterator[LocalEmbeddingProvider]:
        embeddings = LocalEmbeddingProvider()
        yield embeddings
        await embeddings.close()

    async def test_what_people_type_finds_the_passage_that_they_mean(
        self, index: Index, embeddings: LocalEmbeddingProvider
    ) -> None:
        async def write(name: str, text: str) -> None:
            doc = document(name, title="Notes")
            await index.write(doc, chunks_of(text), await embeddings.embed_documents([text]))
            await index.publish(doc)

        async def first(asked: str) -> str | None:
            query: Query = (await respell(index, scope(C1), parse_query(asked))).query
            found = await retrieve(index, embeddings, scope(C1), query)
            ranked = fuse(found.keyword, found.dense, embeddings.space.weight)
            return ranked[0].document_id if ranked else None

        await asyncio.gather(*(write(name, text) for name, text in PASSAGES.items()))
        for meant in (IDENTIFIERS, LANGUAGES, PHRASES, MISSPELT):
            found = {asked: await first(asked) for asked in meant}
            assert found == meant, {asked: found[asked] for asked in meant if found[asked] != meant[asked]}
