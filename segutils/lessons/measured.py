"""A number that a notebook prints and relies on: one line says it and checks it."""

import numpy as np


def measured(name, *values, above=-np.inf, below=np.inf, digits=2):
    """Print numbers under their name, and stop the notebook where its text does not hold for one of them.

    Args:
        name: what the numbers are.
        values: numbers, or anything that float() takes.
        above, below: the range, ends excluded, that the text speaks of; a number that is NaN lies in none.
        digits: decimals to print.
    Raises: AssertionError if a number lies outside.
    >>> measured("IoU of ink, two trainings", 0.712, 0.746, above=0.6)
    IoU of ink, two trainings: 0.71, 0.75
    """
    numbers = [float(value) for value in values]
    print(f"{name}: {', '.join(f'{number:,.{digits}f}' for number in numbers)}")
    bounded = np.isfinite([above, below]).any()
    if bounded and not all(above < number < below for number in numbers):
        raise AssertionError(f"{name}: expected more than {above:g} and less than {below:g}, got {numbers}")
