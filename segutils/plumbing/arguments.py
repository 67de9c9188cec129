"""Arguments of functions, checked: what was expected, what came, and what was probably meant."""

import difflib


def check_choice(name, value, options):
    """`value` itself if it is one of `options`.

    Raises: ValueError that lists the options and suggests the closest.
    """
    if value in options:
        return value
    listed = ", ".join(map(str, options))
    raise ValueError(f"{name} must be one of {listed}; got {value!r}{suggestion(value, options)}")


def suggestion(value, options):
    """The words (did you mean …?)", with the option most like a value, in capitals or not, or "" if none is."""
    lowered = {str(option).lower(): str(option) for option in options}
    close = difflib.get_close_matches(str(value).lower(), lowered, n=1, cutoff=0.5)
    return f" (did you mean {lowered[close[0]]}?)" if close else ""


def is_number(value, kinds=(int, float)):
    """Whether a value is a number of one of the kinds; True and False are none."""
    return isinstance(value, kinds) and not isinstance(value, bool)
