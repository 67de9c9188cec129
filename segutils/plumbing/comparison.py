"""An answer beside the expected one, in words: for exercises and for graders."""

import numpy as np


def difference(result, expected, *, rtol=1e-5, atol=1e-7):
    """In what a result (array, None, or a sentence) differs from the wanted array, in one sentence."""
    if result is None:
        return "it returns None; is `return` missing in one branch?"
    if isinstance(result, str):
        return result
    if isinstance(expected, str):
        return f"expected an error, got values of shape {result.shape}."
    if result.shape != expected.shape:
        return f"expected shape {expected.shape}, got {result.shape}."
    apart = ~np.isclose(result, expected, rtol=rtol, atol=atol, equal_nan=True)
    at = tuple(map(int, np.argwhere(apart)[0]))
    where = f" at {list(at)}" if at else ""
    return f"expected {expected[at]:.6g}{where}, got {result[at]:.6g} ({apart.sum()} of {apart.size} values differ)."


def describe_arguments(names, case):
    """The arguments of a case in words, an array by its shape alone: "x of shape (5, 7), stride = 2"."""
    words = [
        f"{name} of shape {value.shape}" if isinstance(value, np.ndarray) else f"{name} = {value}"
        for name, value in zip(names, case, strict=False)
    ]
    return ", ".join(words)


def copy_arguments(case):
    """The arguments of a case, arrays as copies that an answer may spoil."""
    return [value.copy() if isinstance(value, np.ndarray) else value for value in case]
