"""Judgements: which documents answer which question. BEIR's table, or trec_eval's four columns."""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import SettingError
from bot.evaluate.lines import ADVICE, id_of, lines_of, malformed

PLACES = ("qrels/test.tsv", "qrels.tsv", "qrels/test.trec", "qrels.trec", "qrels/test.txt", "qrels.txt")
"""Where they may be, the first that is there counts."""
GRADE = re.compile(r"[+-]?\d{1,4}(?:\.0{1,4})?")
BEIR_COLUMNS, TREC_COLUMNS = 3, 4


def judgements_of(folder: Path) -> dict[str, dict[str, int]]:
    """Grades by document, by question. Raises SettingError."""
    path = next((folder / place for place in PLACES if (folder / place).is_file()), None)
    if path is None:
        raise SettingError(f"{folder.name}", f"has no {PLACES[0]} and no {PLACES[1]}", ADVICE)
    judged: dict[str, dict[str, int]] = {}
    for place, (number, line) in enumerate(lines_of(path)):
        columns = [column.strip() for column in line.split("\t")] if "\t" in line else line.split()
        if len(columns) not in {BEIR_COLUMNS, TREC_COLUMNS}:
            raise malformed(
                path, number, "has neither 3 columns (question, document, grade) nor trec_eval's 4"
            )
        question, document, grade = columns[0], columns[-2], columns[-1]
        if not GRADE.fullmatch(grade):
            if place == 0:
                continue  # the names of the columns
            raise malformed(path, number, "has a grade that is not a whole number")
        of_question = judged.setdefault(id_of(path, number, question), {})
        former = of_question.setdefault(id_of(path, number, document), int(float(grade)))
        if former != int(float(grade)):
            raise malformed(path, number, "judges a document again, and otherwise")
    return judged
