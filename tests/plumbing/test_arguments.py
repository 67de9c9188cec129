"""Wrong arguments are refused with what is known and what was probably meant."""

import pytest

from segutils.plumbing import arguments


def test_check_choice_suggests_the_closest():
    assert arguments.check_choice("loss", "dice", ("dice", "focal")) == "dice"
    with pytest.raises(ValueError, match=r"loss must be one of dice, focal; got 'fokal' \(did you mean focal\?\)"):
        arguments.check_choice("loss", "fokal", ("dice", "focal"))
