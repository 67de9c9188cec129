"""A run folder: what a stopped run goes on with, what is refused, what moves in when a run has come to its end."""

import json

import numpy as np
import pytest

from segutils.running import folder


def save_state(place, epoch):
    np.savez(place / f"resume-{epoch % 2}.npz", about=np.array(json.dumps({"epoch": epoch})), variable_0=np.zeros(3))


def test_a_stopped_run_goes_on_and_one_with_other_parameters_is_refused(tmp_path):
    place = folder.begin(tmp_path, "toy", {"X": 1, "LOSS": "dice"})
    save_state(place, 3)
    save_state(place, 4)
    (place / "best.keras").write_text("model")
    assert folder.epochs_done(place) == 5
    assert folder.begin(tmp_path, "toy", {"X": 1, "LOSS": "dice"}) == place
    for name, parameters in (("toy", {"X": 2, "LOSS": "dice"}), ("other", {"X": 1, "LOSS": "dice"})):
        with pytest.raises(ValueError, match=r"(X 1|notebook toy) that was stopped; .*another by --output") as caught:
            folder.begin(tmp_path, name, parameters)
        assert "dice" not in str(caught.value)
    assert (place / "best.keras").read_text() == "model"


def test_a_run_that_left_nothing_to_go_on_with_is_begun_anew(tmp_path):
    place = folder.begin(tmp_path, "toy", {"X": 1})
    (place / "half.csv").write_text("half")
    (place / "resume-0.npz").write_text("no archive")
    assert folder.epochs_done(place) == 0
    folder.begin(tmp_path, "toy", {"X": 2})
    assert [path.name for path in place.iterdir()] == [folder.GIVEN]


def test_a_finished_run_moves_in_without_what_it_resumed_from_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "old.png").write_text("old")
    (tmp_path / "best.keras").write_text("earlier")
    place = folder.begin(tmp_path, "toy", {"X": 1})
    save_state(place, 4)
    (place / "masks").mkdir()
    (place / "masks" / "new.png").write_text("new")
    (place / "best.keras").write_text("model")
    (place / ".best-c6f0vqu7.keras").write_text("half a model, of a run that was killed")
    (place / "results.json").write_text(json.dumps({"parameters": {"OUTPUT": str(place)}, "iou": 0.123456789012345}))
    made = folder.finish(tmp_path)
    assert [path.name for path in made] == ["best.keras", "masks", "results.json"]
    found = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    results = json.loads(found.pop("results.json"))
    del found[".made.json"]
    assert results == {"parameters": {"OUTPUT": str(tmp_path)}, "iou": 0.123456789012345}
    assert {name.replace("\\", "/"): text for name, text in found.items()} == {
        "mine.txt": "mine",
        "masks/old.png": "old",
        "masks/new.png": "new",
        "best.keras": "model",
    }


def run_that_makes(output, *names):
    place = folder.begin(output, "toy", {"X": 1})
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("{}")
    folder.finish(output)


def test_a_second_run_leaves_nothing_of_the_first_but_what_others_put_there(tmp_path):
    run_that_makes(tmp_path, "results.json", "test/masks/000_a.png", "test/masks/001_b.png", "new/masks/000_c.png")
    (tmp_path / "test/masks/mine.png").write_text("mine")
    run_that_makes(tmp_path, "results.json", "test/masks/000_a.png", "model.onnx")
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()}
    assert left == {"results.json", "test/masks/000_a.png", "test/masks/mine.png", "model.onnx", ".made.json"}
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("names", ["{", "3", '["../outside.txt", "/outside.txt", 4]'])
def test_a_list_that_names_what_lies_outside_or_cannot_be_read_removes_nothing(tmp_path, names):
    (tmp_path / "outside.txt").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.made.json").write_text(names)
    run_that_makes(tmp_path / "run", "results.json")
    assert (tmp_path / "outside.txt").read_text() == "mine"
