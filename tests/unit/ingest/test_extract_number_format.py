from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.extract.number_format import BUILT_IN, plain, shown

NOON = 45000.5
"""15 March 2023, 12:00."""


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (1234.5, "0", "1234"),
        (1234.567, "#,##0.00", "1,234.57"),
        (1234.5, "0.00##", "1234.50"),
        (1234, "0.##", "1234"),
        (0.256, "0.0%", "25.6%"),
        (7, "000", "007"),
        (12_345_678, "0.0,,", "12.3"),
        (1234.5, '"EUR "#,##0.00', "EUR 1,234.50"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (-5, "#,##0;[Red](#,##0)", "(5)"),
        (-5, "0.0", "-5.0"),
        (0, '0;-0;"none"', "none"),
        (12345, "0.00E+00", "1.23E+04"),
        (0.5, "# ?/?", "0.5"),
        (-2, "@", "-2"),
        (-2.5, "General", "-2.5"),
        (-2.5, 'General;-General" off"', "-2.5 off"),
        (5, '0" units"', "5 units"),
        (5, "0_);(0)", "5"),
        (NOON, "dd/mm/yyyy", "15/03/2023"),
        (NOON, "d.m.yy", "15.3.23"),
        (NOON, "mmmm d, yyyy", "March 15, 2023"),
        (NOON, "ddd dd-mmm", "Wed 15-Mar"),
        (NOON, "yyyy-mm-dd hh:mm:ss", "2023-03-15 12:00:00"),
        (NOON + 1 / 1440, "h:mm AM/PM", "12:01 PM"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (0.75, "hh:mm", "18:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (1 / 1440, "[mm]", "01"),
        (1.5 / 86_400, "mm:ss.0", "00:01.5"),
        (NOON, "[$-409]d-mmm-yy;@", "15-Mar-23"),
        (-1, "yyyy", "-1"),
        (1e12, "yyyy", "1000000000000"),
    ],
)
def test_numbers_and_dates_are_written_as_a_spreadsheet_shows_them(
    number: float, code: str, text: str
) -> None:
    assert shown(number, code) == text


def test_a_number_without_format_has_no_noise_of_its_storage() -> None:
    assert [plain(number) for number in (0.1 + 0.2, 3.0, 1e20, -1.5)] == ["0.3", "3", "1E+20", "-1.5"]


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(BUILT_IN.values())))
def test_any_number_can_be_shown_in_any_built_in_format(number: float, code: str) -> None:
    assert shown(number, code)


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet='0#?.,%;[]"\\_*ymdhsAMP/E+-$€ x', max_size=30),
    st.booleans(),
)
def test_no_format_is_too_strange(number: float, code: str, since_1904: bool) -> None:
    assert isinstance(shown(number, code, since_1904=since_1904), str)


def test_a_stretch_of_time_begins_on_no_day() -> None:
    assert shown(1.5, "[h]:mm:ss", since_1904=True) == shown(1.5, "[h]:mm:ss") == "36:00:00"
