"""What several tests of the workhorse start from."""

from types import SimpleNamespace

import numpy as np
import pytest
from memory_source import SMALL, squares


@pytest.fixture
def source():
    return squares(8)


@pytest.fixture
def parts():
    return SimpleNamespace(train=np.arange(6), validation=np.arange(6, 8))


@pytest.fixture
def small():
    return SMALL
