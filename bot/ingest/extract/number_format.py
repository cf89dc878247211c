"""Numbers and dates as a spreadsheet shows them, by its format codes (ECMA-376 part 1, 18.8.30 and 18.8.31).

Names of months are English, a built-in date that follows the reader's region is written ISO 8601, colours
and padding are left out, fractions stay decimal.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
}
GENERAL = re.compile("general", re.IGNORECASE)
MAX_CODE_CHARS = 255
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]\-]*)[^\]]*\]|\[(?P<elapsed>[hms]+)\]'
    r"|\[[^\]]*\]|(?P<noon>AM/PM|A/P)|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+)"
    r"|(?P<exponent>[eE][+-]0+)|(?P<digits>[0#?][0#?,.]*|\.0+)|(?P<plain>.)",
    re.DOTALL,
)
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
DAYS_1904 = 1462
LAST_DAY = 2_958_466
"""The day after 31 December 9999."""
SECONDS = 86_400
Tokens = tuple[tuple[str, str], ...]


def shown(number: float, code: str, *, since_1904: bool = False) -> str:
    """A number in a format; in one that isn't understood as in none."""
    sections = _sections(code[:MAX_CODE_CHARS])
    tokens = sections[0]
    negative = number < 0
    if negative and len(sections) > 1:
        tokens, number, negative = sections[1], -number, False
    elif number == 0 and len(sections) > 2:  # noqa: PLR2004 - positive, negative, zero
        tokens = sections[2]
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed"}:
        return _date(number, tokens, DAYS_1904 * since_1904)
    if "digits" in kinds:
        return ("-" if negative else "") + _digits(abs(number), tokens)
    words = "".join(text for _, text in tokens)
    general = not words.strip() or "@" in words
    return plain(number) if general else GENERAL.sub(lambda _: plain(number), words)


def plain(number: float) -> str:
    """A number without a format: fifteen digits at most, as spreadsheets hold them."""
    return format(number, ".15g").replace("e", "E")


@lru_cache(maxsize=1_000)
def _sections(code: str) -> list[Tokens]:
    """The tokens of each section: for positive numbers, negative ones, zero and text."""
    found: list[list[tuple[str, str]]] = [[]]
    for token in TOKEN.finditer(code):
        kind = token.lastgroup
        if kind == "plain" and token["plain"] == ";":
            found.append([])
        elif kind in {"quoted", "escaped", "currency", "plain"}:
            found[-1].append(("text", token[kind or 0] or ""))
        elif kind:
            found[-1].append((kind, token[kind]))
    return [tuple(section) for section in found]


def _digits(number: float, tokens: Tokens) -> str:
    """A number by its placeholders; only the first group of them counts."""
    kinds = [kind for kind, _ in tokens]
    mask = next(text for kind, text in tokens if kind == "digits")
    if any(token == ("text", "/") for token in tokens):
        return plain(number)
    whole, _, part = mask.partition(".")
    scaled = len(mask) - len(mask.rstrip(","))
    number *= 100 ** sum(text.count("%") for kind, text in tokens if kind == "text")
    number /= 1000**scaled
    grouping = "," if "," in whole.rstrip(",") else ""
    part = part.rstrip(",")
    if "exponent" in kinds:
        digits = format(number, f".{len(part)}E")
    else:
        digits = format(number, f"{grouping}.{len(part)}f")
        optional = len(part) - len(part.rstrip("#?"))
        if optional:
            kept = len(digits) - optional
            digits = (digits[:kept] + digits[kept:].rstrip("0")).rstrip(".")
        digits = "0" * (whole.count("0") - len(digits.partition(".")[0])) + digits
    written, out = False, []
    for kind, text in tokens:
        if kind == "text":
            out.append(text)
        elif kind == "digits" and not written:
            written = True
            out.append(digits)
    return "".join(out).strip()


def _date(number: float, tokens: Tokens, first_day: int) -> str:
    """A date by its letters, or a stretch of time; a number that is neither stays a number."""
    if not 0 <= number + first_day < LAST_DAY:
        return plain(number)
    clock = any(kind == "noon" for kind, _ in tokens)
    letters = [text[0].lower() if kind in {"date", "elapsed"} else "" for kind, text in tokens]
    fraction = any(kind == "digits" for kind, _ in tokens)
    moment = EPOCH + timedelta(seconds=round((number + first_day) * SECONDS, 3 if fraction else 0))
    out = []
    for place, (kind, text) in enumerate(tokens):
        if kind == "elapsed":
            out.append(_elapsed(number, text))
        elif kind == "date":
            minute = letters[place] == "m" and _beside_hours(letters, place)
            out.append(_letter(moment, "n" * len(text) if minute else text.lower(), clock=clock))
        elif kind == "noon":
            out.append("AM" if moment.hour < 12 else "PM")  # noqa: PLR2004 - noon
        elif kind == "digits":
            out.append(f".{moment.microsecond // 100_000}" if text.startswith(".") else "")
        elif kind == "text" and text != "@":
            out.append(text)
    return "".join(out).strip()


def _beside_hours(letters: list[str], place: int) -> bool:
    """Whether an `m` means minutes: after hours or before seconds."""
    before = next((letter for letter in reversed(letters[:place]) if letter), "")
    after = next((letter for letter in letters[place + 1 :] if letter), "")
    return before == "h" or after == "s"


def _elapsed(days: float, letters: str) -> str:
    seconds = round(days * SECONDS)
    amount = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[letters[0].lower()]
    return f"{amount:0{len(letters)}d}"


def _letter(moment: datetime, letters: str, *, clock: bool) -> str:
    """One part of a date; minutes come as `n`."""
    kind, length = letters[0], len(letters)
    words = {"m": {3: "%b", 4: "%B"}, "d": {3: "%a", 4: "%A"}}
    if length in words.get(kind, {}):
        return moment.strftime(words[kind][length])
    hour = (moment.hour + 11) % 12 + 1 if clock else moment.hour
    numbers = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}
    if kind == "y":
        return f"{moment.year:04d}" if length > 2 else f"{moment.year % 100:02d}"  # noqa: PLR2004 - yy
    return f"{numbers[kind]:0{min(length, 2)}d}"
