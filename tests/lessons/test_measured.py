"""A measured number is printed; one outside the range that the text speaks of stops the notebook."""

import numpy as np
import pytest

from segutils.lessons.measured import measured


def test_numbers_are_printed_under_their_name(capsys):
    measured("two losses", np.float32(0.126), 1234.5)
    measured("of twelve", 4, above=3, below=5, digits=0)
    assert capsys.readouterr().out.splitlines() == ["two losses: 0.13, 1,234.50", "of twelve: 4"]


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ((0.5, 0.3), {"above": 0.4}),
        ((0.3, 0.5), {"below": 0.4}),
        ((0.4,), {"above": 0.4}),
        ((np.nan,), {"below": 1}),
        ((np.inf,), {"above": 1}),
    ],
    ids=str,
)
def test_one_number_outside_its_range_stops_the_notebook_with_name_and_numbers(values, bounds):
    with pytest.raises(AssertionError, match="a score: expected more than .* and less than .*, got "):
        measured("a score", *values, **bounds)


def test_without_a_range_any_number_is_only_printed(capsys):
    measured("0 / 0", np.nan, -np.inf)
    assert capsys.readouterr().out == "0 / 0: nan, -inf\n"
