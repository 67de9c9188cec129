"""What stops a run: Ctrl-C, a second run in its folder, a full disk, a kernel that dies."""

import os
import resource
import signal
import subprocess
import sys
import textwrap

import pytest
from processes import contents, done, wait_for
from support import ROOT, take_signals

SLOW = """import os, subprocess, time
from pathlib import Path
child = subprocess.Popen(["sleep", "600"])
Path(OUTPUT, "pids").write_text(f"{os.getpid()} {child.pid}")
time.sleep(600)"""


def alive(pid):
    """Whether a process runs; one that has ended and waits to be fetched does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_in_one_sentence_and_leaves_nothing_running(make, start, tmp_path, number, expected):
    path, output = make("## Slow", SLOW), tmp_path / "run"
    run = start("run", path, "--output", output)
    wait_for((output / "unfinished" / "pids").exists)
    second = done(start("run", path, "--output", output))
    assert (second[0], second[1]) == (2, [""])
    assert second[2] == [f"another run is at work in {output}; wait for it, or choose another --output"]
    run.send_signal(number)
    status, _, error = done(run)
    assert (status, error) == (expected, ["stopped; the same command starts it again"])
    pids = (output / "unfinished" / "pids").read_text().split()
    assert not any(map(alive, pids))


def test_a_run_that_ignores_a_signal_from_its_start_goes_on(make, start, tmp_path):
    """As `nohup` starts it: closing the terminal ends nothing."""
    output = tmp_path / "run"

    def nohup():
        take_signals()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    run = start("run", make(SLOW), "--output", output, options={"preexec_fn": nohup})
    wait_for((output / "unfinished" / "pids").exists)
    run.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(0.5)
    run.send_signal(signal.SIGINT)
    assert done(run)[0] == 130


LOST = """
class Lost:
    def __del__(self): os.kill(os.getpid(), signal.SIGINT)
Lost()
time.sleep(60)"""  # Python drops what is raised in a destructor


@pytest.mark.parametrize(
    "met",
    ["raise KeyboardInterrupt", "exec('raise KeyboardInterrupt')", LOST],
    ids=["plainly", "in text", "in a destructor"],
)
def test_the_exit_status_is_130_wherever_ctrl_c_is_met(tmp_path, met):
    """Where a library runs text, as named tuples and SQLAlchemy do, Python of itself would end by the signal."""
    text = "import os, signal, sys, time\nfrom segutils.running import command, process\n"
    text += f"def main():\n{textwrap.indent(met, '    ')}\ncommand.main = main\nsys.exit(process.start())"
    (tmp_path / "met.py").write_text(text, encoding="utf-8")
    paths = os.pathsep.join(map(str, (tmp_path, ROOT)))
    command = [sys.executable, "-m", "met"]
    environment = {**os.environ, "PYTHONPATH": paths}
    options = {"capture_output": True, "text": True, "timeout": 50, "preexec_fn": take_signals}
    run = subprocess.run(command, env=environment, **options)
    assert (run.returncode, run.stderr.splitlines()) == (130, ["stopped"])


def test_ctrl_c_ends_a_sweep_and_all_its_runs_and_a_second_sweep_is_refused(make, start, tmp_path):
    command = ["sweep", make(SLOW), "-p", "X", "1", "2", "3", "--jobs", "2", "--output", tmp_path / "all"]
    sweep = start(*command)
    wait_for(lambda: len(list(tmp_path.glob("all/*/unfinished/pids"))) == 2)
    status, _, error = done(start(*command))
    assert (status, len(error)) == (2, 1)
    assert error[0].startswith(f"another run is at work in {tmp_path / 'all'}")
    sweep.send_signal(signal.SIGINT)
    status, out, error = done(sweep)
    assert (status, error) == (130, ["stopped; the same command does what is left"])
    assert len(out) == 1
    pids = [pid for path in tmp_path.glob("all/*/unfinished/pids") for pid in path.read_text().split()]
    assert len(pids) == 4
    assert not any(map(alive, pids))


def test_a_disk_that_is_full_costs_one_sentence_and_no_earlier_result(make, start, tmp_path):
    path, output = make('print("x" * (10**5 if X == 2 else 1))'), tmp_path / "run"
    assert done(start("run", path, "--output", output))[0] == 0
    before = contents(output)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))

    status, _, error = done(start("run", path, "-p", "X", "2", "--output", output, options={"preexec_fn": limit}))
    assert status == 1
    assert len(error) == 1
    assert error[0].startswith("could not write toy.ipynb (File too large)")
    after = contents(output)
    assert {name: after[name] for name in before} == before


def test_a_kernel_that_dies_is_said_in_one_sentence(make, start, tmp_path):
    path = make("## Heavy", "import os\nos._exit(9)")
    status, _, error = done(start("run", path, "--output", tmp_path / "run"))
    assert status == 1
    assert error[0] == "Heavy: the notebook's kernel died: killed, or out of memory"
    assert os.path.join("unfinished", "toy.ipynb") in error[1]
