"""Docstrings that stand alone: each public name of the core has one, with an example that runs."""

import doctest
import importlib
import inspect

import matplotlib
import numpy as np
import pytest

import segutils
from segutils import dataset

MODULES = [name for name in segutils.__all__ if name not in ("dataset", "lessons")]


def public(module):
    """Names of functions and classes that a module defines, and the plumbing that it offers as its own."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ in (module.__name__, "segutils.plumbing.parameters")
    }


@pytest.mark.parametrize("name", MODULES)
def test_each_public_name_has_a_docstring_with_an_example(name):
    found = public(importlib.import_module(f"segutils.{name}"))
    assert found
    lacking = [n for n, thing in found.items() if ">>>" not in (inspect.getdoc(thing) or "")]
    assert lacking == []


@pytest.mark.parametrize("name", [*MODULES, "plumbing.parameters", "plumbing.alt_text", "lessons.answers"])
def test_the_examples_run(name, tmp_path, monkeypatch):
    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(f"segutils.{name}")
    failed, tried = doctest.testmod(module, extraglobs={"np": np})
    assert tried > 0
    assert failed == 0


def test_what_dataset_offers_is_described():
    for name in dataset.__all__:
        assert inspect.getdoc(getattr(dataset, name)), name
