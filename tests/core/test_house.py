"""The house: a small core, a room for each other purpose, and imports that go one way: rooms, core, plumbing."""

import ast
import graphlib

import pytest
from support import ROOT

PACKAGE = ROOT / "segutils"
ROOMS = ("lessons", "dataset", "classroom", "workhorse")
DOOR = ("__main__", "running")  # the command line
FILES = sorted(PACKAGE.rglob("*.py"))
CATALOGUES = ("reference.py", "plots.py")


def module(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def imported(path):
    """Modules of the package that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: a relative import hides where an arrow goes"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name.partition(".")[0] == "segutils" and name != module(path)}


GRAPH = {name: imported(path) for name, path in MODULES.items()}


def room(name):
    """The room of a module: "core", "plumbing", "door" (the command line), or one of ROOMS."""
    inside = [*name.split("."), "core"][1]
    return "door" if inside in DOOR else inside if inside in (*ROOMS, "plumbing") else "core"


def test_the_import_graph_has_no_circle():
    assert sum(map(len, GRAPH.values())) > 50, "the graph is read"
    graphlib.TopologicalSorter(GRAPH).prepare()


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name):
    """Down, or inside a room; the workhorse stands on `dataset`; only the command line opens every door."""
    here = room(name)
    below = {"plumbing": {"plumbing"}, "core": {"core", "plumbing"}, "door": {"door", "core", "plumbing", *ROOMS}}
    below["workhorse"] = {"workhorse", "dataset", "core", "plumbing"}  # it does a folder's whole road
    allowed = below.get(here, {here, "core", "plumbing"})
    assert {other: room(other) for other in GRAPH[name] if room(other) not in allowed} == {}


def test_what_is_written_by_hand_stands_apart():
    assert GRAPH["segutils.reference"] == set()


def lines(paths):
    return {path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}


def test_the_core_stays_small():
    assert sum(lines(PACKAGE.glob("*.py")).values()) <= 3560


def test_no_module_is_a_heap():
    long = {name: count for name, count in lines(FILES).items() if count > 330 and name not in CATALOGUES}
    assert long == {}
