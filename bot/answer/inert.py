"""Inert: text from a file or a model → text that nothing takes for a link, a mention or a source. Pure.

What a person reads stays; what a surface would act on goes. The result is safe in Markdown and in Slack's
own markup, whatever either of them makes of the other's signs.
"""

from __future__ import annotations

import unicodedata

import regex

LEFT_OUT = "(link left out)"
COMMENT = regex.compile(r"<!--.*?(?:-->|$)", regex.DOTALL)
NAMED_LINK = regex.compile(r"!?\[([^\[\]\n]{0,900})\]\([^()\n]{0,3000}\)")
SLACK_LINK = regex.compile(r"<(?:[a-z][a-z0-9+.-]{0,20}:|www\.)[^<>|\n]{0,3000}\|([^<>\n]{0,900})>", regex.I)
SLACK_SIGN = regex.compile(r"<[!@#][^<>\n]{0,200}>")
DEFINITION = regex.compile(r"^[ \t]*\[[^\[\]\n]{1,200}\]:[ \t]*\S+.*$", regex.MULTILINE)
ADDRESS = regex.compile(
    r"""(?:[a-z][a-z0-9+.-]{0,20}://|\b(?:mailto|javascript|data|tel|file|vbscript|slack):(?=\S)|(?<![a-z0-9])www\.)[^\s<>]*
    |//[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\S*
    |\b(?:[\w-]{1,63}\.){1,8}(?:com|org|net|io|dev|app|ai|co|info|biz|xyz|cloud|site|online|example|test|invalid)
     (?::\d+)?[/?\#][^\s<>]*""",
    regex.IGNORECASE | regex.VERBOSE,
)
AFTER_ADDRESS = regex.compile(r"[.,;:!?)\]'\"”*_`]+$")
CALL = regex.compile(r"@(?=(?:channel|here|everyone|group)\b)", regex.IGNORECASE)
NUMBERED = regex.compile(r"[\[\uff3b\u3010]\s*\^?(\d[\d\s,;–-]{0,40})[\]\uff3d\u3011]")  # noqa: RUF001  # ranges
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
JOINERS = "\u200c\u200d"


def inert(text: str) -> str:
    """Without addresses, mentions, comments, invisible characters, angle brackets and `[n]`; else as it was.

    Linear in the text: every pattern is bounded.
    """
    text = COMMENT.sub(" ", visible(text))
    text = NAMED_LINK.sub(r"\1", DEFINITION.sub("", text))
    text = SLACK_SIGN.sub("", SLACK_LINK.sub(r"\1", text))
    text = ADDRESS.sub(_left_out, text)
    text = NUMBERED.sub(r"(\1)", CALL.sub("", text))
    return text.replace("](", "] (").replace("]:", "] :").replace("<", "‹").replace(">", "›")  # noqa: RUF001  # these are meant


def visible(text: str) -> str:
    """Without control, format, surrogate and private characters; line feeds, tabs and joiners stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    kept = []
    for place, character in enumerate(text):
        if character in JOINERS:
            neighbours = text[place - 1 : place] + text[place + 1 : place + 2]
            if len(neighbours) == 2 and not neighbours.isascii():  # noqa: PLR2004  # one on each side
                kept.append(character)
        elif character in "\n\t" or unicodedata.category(character) not in UNSEEN:
            kept.append(character)
    return "".join(kept)


def _left_out(match: regex.Match[str]) -> str:
    after = AFTER_ADDRESS.search(match.group())
    return LEFT_OUT + (after.group() if after else "")
