"""Sweeps: planned and refused before any run, resumed, one run's end no other's, on this machine and through Dask."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from support import NOTEBOOKS, ROOT

from segutils import course
from segutils.plumbing import storage
from segutils.running import catalogue, folder, sweep, table

# Where FAULTS is set, two settings end in an error and in a SIGKILL.
TOY = """import os, signal
from segutils.plumbing import storage
with open(OUTPUT + "/../starts", "a") as file:
    file.write("start ")
if "FAULTS" in os.environ and X == 2:
    raise RuntimeError("made to fail")
if "FAULTS" in os.environ and X == 3:
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(1)
threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
results = dict(summary="well", score=X / 10, threads=threads, parameters=parameters)
storage.write_json(OUTPUT + "/results.json", results)"""


@pytest.fixture
def toy(make):
    return make(TOY)


def run_sweep(toy, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "segutils", "sweep", str(toy), *arguments, "--output", str(toy.parent / "sweep")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_a_failed_and_a_killed_run_stop_no_other_and_the_next_sweep_does_only_what_is_left(toy):
    arguments = ["-p", "X", "1", "2", "3", "4", "--jobs", "2"]
    first = run_sweep(toy, *arguments, FAULTS="1")
    assert first.returncode == 1
    assert "4 runs, 0 of them done before" in first.stdout
    assert "cell [4]: RuntimeError: made to fail" in first.stderr  # [2] is papermill's
    assert "killed by SIGKILL" in first.stderr
    table = pd.read_csv(toy.parent / "sweep" / "table.csv")
    assert table["status"].tolist() == ["done", "failed", "failed", "done"]
    assert table["score"].dropna().tolist() == [0.1, 0.4]

    again = run_sweep(toy, *arguments)
    assert again.returncode == 0, again.stderr
    where = toy.parent / "sweep"
    assert again.stdout.splitlines()[-3:] == [f"  {where / name}" for name in ("table.csv", "table.html", "plot.png")]
    assert "4 runs, 2 of them done before" in again.stdout
    table = pd.read_csv(toy.parent / "sweep" / "table.csv")
    assert table["score"].tolist() == [0.1, 0.2, 0.3, 0.4]
    share = max(1, len(os.sched_getaffinity(0)) // 2)
    assert table["threads"].tolist() == [share] * 4
    starts = [(toy.parent / "sweep" / name / "starts").read_text().split() for name in table["folder"]]
    assert [len(times) for times in starts] == [1, 2, 2, 1]
    page = (toy.parent / "sweep" / "table.html").read_text(encoding="utf-8")
    assert page.count("<tr") == 1 + 4
    assert (toy.parent / "sweep" / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_dask_takes_a_sweep_to_its_workers(toy):
    pytest.importorskip("distributed")
    where = toy.parent / "scheduler.json"
    quiet = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False"}
    options = ["--scheduler-file", str(where), "--no-dashboard"]
    commands = [["scheduler", "--host", "127.0.0.1", "--port", "0", *options]]
    commands += [
        ["worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--name", n, *options] for n in "ab"
    ]
    log = open(toy.parent / "dask.log", "w")  # noqa: SIM115
    servers = [
        subprocess.Popen([sys.executable, "-m", "dask", *c], cwd=toy.parent, env=quiet, stdout=log, stderr=log)
        for c in commands
    ]
    try:
        wait_for = (
            "import sys, time, json, pathlib; p = pathlib.Path(sys.argv[1])\nwhile not p.exists(): time.sleep(0.2)"
        )
        subprocess.run([sys.executable, "-c", wait_for, str(where)], timeout=120, check=True)
        address = json.loads(where.read_text())["address"]
        done = run_sweep(toy, "-p", "X", "1", "2", "3", "--scheduler", address, "--jobs", "2", FAULTS="")
    finally:
        for server in servers:  # a worker that has lost its scheduler may wait for it long after SIGTERM
            server.kill()
            server.wait()
        log.close()
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(toy.parent / "sweep" / "table.csv")["score"].tolist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "EPOCH", "1"], "unknown parameter EPOCH; known: X, LOSS, SEED, OUTPUT"),
        (["-p", "x", "1"], "unknown parameter x (did you mean X?)"),
        (["-p", "X", "1", "many"], "X must be an integer in 1..9, got 'many'"),
        ([], "a sweep needs a parameter to change: -p NAME v1 v2"),
        (["-p", "X", "1", "-p", "X", "2"], "X is given twice"),
        (["-p", "X"], "-p X needs at least one value"),
        (["-p", "OUTPUT", "here"], "OUTPUT is set by the sweep"),
        (["-p", "X", "1", "--jobs", "0"], "--jobs must be at least 1, got 0"),
        (["-p", "X", "1", "--list", "nowhere.csv"], "can't read the list nowhere.csv"),
        (["-p", "X", "1", "--scheduler", "nowhere"], "no Dask scheduler answers at nowhere"),
    ],
)
def test_what_can_not_be_run_is_refused_in_one_sentence_before_any_run(toy, capsys, arguments, message):
    from segutils.running.command import main

    assert main(["sweep", str(toy), *arguments, "--output", str(toy.parent / "sweep")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (toy.parent / "sweep").exists()


def test_a_notebook_without_results_is_refused(capsys):
    with pytest.raises(ValueError, match="02_convolution has no parameter OUTPUT"):
        sweep.sweep(ROOT / "notebooks/02_convolution.ipynb", [["STRIDE", "1", "2"]], None)


def test_a_list_is_one_run_a_row_with_all_combinations_of_the_rest(tmp_path):
    (tmp_path / "list.csv").write_text("\ufeffX,LOSS\n1,dice\n2,\n", encoding="utf-8")
    found = sweep.combinations([["SEED", "0", "1"]], tmp_path / "list.csv")
    assert found == [
        {"X": "1", "LOSS": "dice", "SEED": "0"},
        {"X": "1", "LOSS": "dice", "SEED": "1"},
        {"X": "2", "LOSS": "", "SEED": "0"},
        {"X": "2", "LOSS": "", "SEED": "1"},
    ]
    (tmp_path / "list.csv").write_text("X,LOSS\n1\n")
    with pytest.raises(ValueError, match=r"line 2 of .*list.csv has not as many cells"):
        sweep.combinations([], tmp_path / "list.csv")
    (tmp_path / "list.csv").write_text("X,LOSS\n1,dice\n")
    with pytest.raises(ValueError, match="X stands in the list and behind -p"):
        sweep.combinations([["X", "1"]], tmp_path / "list.csv")


def test_a_text_stays_a_text_though_it_looks_like_a_number(toy, tmp_path):
    (run,) = sweep.plan(toy, [{"LOSS": "2", "X": "2"}], tmp_path)
    assert (run["given"], run["parameters"]["X"]) == ({"LOSS": "2", "X": 2}, 2)


def test_what_runs_note_moves_the_line_of_the_sweep(tmp_path):
    watch = sweep._Watch([{"folder": str(tmp_path / name)} for name in "abcd"])
    assert watch.draw() == (0, ["0 of 4 runs", "0:00"])
    folder.begin(tmp_path / "b", "toy", {})
    folder.note_share(tmp_path / "b" / folder.UNFINISHED, 0.5)
    watch.done.add(str(tmp_path / "a"))
    watch.read -= 2
    assert watch.draw() == (1.5 / 4, ["1 of 4 runs", "0:00", "1 at work"])


def test_a_repeated_setting_is_run_once_and_a_changed_default_is_another_run(toy, tmp_path):
    texts = [{"X": "1"}, {"X": "1"}, {"X": "2"}, {"X": ""}]
    runs = sweep.plan(toy, texts, tmp_path)
    assert [run["given"] for run in runs] == [{"X": 1}, {"X": 2}]  # empty: the default, 1
    toy.write_text(toy.read_text().replace("SEED: int = 0", "SEED: int = 5"))
    assert not {run["folder"] for run in runs} & {run["folder"] for run in sweep.plan(toy, texts, tmp_path)}


def test_results_of_other_parameters_or_half_a_file_do_not_count(toy, tmp_path):
    (run,) = sweep.plan(toy, [{"X": "2"}], tmp_path)
    path = Path(run["folder"]) / "results.json"
    assert table.results(run) is None
    storage.write_json(path, {"parameters": {**run["parameters"], "OUTPUT": "anywhere"}})
    assert table.results(run) is not None
    storage.write_json(path, {"parameters": {**run["parameters"], "X": 3}})
    assert table.results(run) is None
    path.write_text('{"parameters": ')
    assert table.results(run) is None


def test_the_plot_has_numbers_along_x_a_line_for_each_text_and_means_over_seeds():
    rows = [(x, loss, seed) for x in (1, 2, 100) for loss in ("dice", "focal") for seed in (0, 1)]
    found = pd.DataFrame(rows, columns=["WIDTH", "LOSS", "SEED"])
    found["iou"] = found["WIDTH"] / 200 + 0.1 * found["SEED"]
    (ax,) = table.plot(found, ["WIDTH", "LOSS", "SEED"], "iou").axes
    assert ax.get_xlabel() == "WIDTH"
    assert ax.get_xscale() == "log"
    means = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in means] == ["LOSS dice", "LOSS focal"]
    assert means[0].get_ydata().tolist() == pytest.approx([0.055, 0.06, 0.55])
    assert means[0].get_marker() != means[1].get_marker()
    assert means[0].get_linestyle() != means[1].get_linestyle()


# Values that no notebook may accept, by the declared type: of another type, or out of any range.
WRONG = {"int": ("many", 2.5, -(10**12), 10**12, None, True), "float": ("1e-3", -1e12, 1e12, None), "str": (5, None)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_every_notebook_refuses_wrong_parameters_in_one_sentence(path):
    import papermill

    declared = papermill.inspect_notebook(path)
    assert declared
    for name, about in declared.items():
        assert len(about["help"]) > 3, f"{name} is not documented"
        for value in WRONG[about["inferred_type_name"]]:
            with pytest.raises(course.ParameterError, match=rf"^{name} must be .*, got {value!r}") as caught:
                catalogue.effective_parameters(path, {name: value})
            assert "\n" not in str(caught.value)
        for misspelt in (f"{name}X", name.lower(), "unheard_of"):
            with pytest.raises(course.ParameterError, match=f"^unknown parameter {misspelt}"):
                catalogue.effective_parameters(path, {misspelt: 1})
    defaults = catalogue.effective_parameters(path, {})
    assert set(defaults) == set(declared)
