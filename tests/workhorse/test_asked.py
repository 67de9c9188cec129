"""What is asked of a run is looked at before it begins: what no images could make right is refused at once."""

import zipfile

import pytest
import small_sets

from segutils.plumbing.parameters import ParameterError
from segutils.running import catalogue
from segutils.workhorse import asked, weights

DEFAULTS = {name: one.default for name, one in catalogue.declared(catalogue.find_notebook("segment_folder")).items()}


def refusal(output=None, **given):
    with pytest.raises(ParameterError) as caught:
        asked.check({**DEFAULTS, **given}, output)
    return str(caught.value)


def test_the_defaults_are_no_reason_to_refuse(tmp_path):
    asked.check(DEFAULTS, tmp_path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"GROUPS": "("}, ["GROUPS must be a regular expression, got '('", "unterminated", "backslash"]),
        ({"NAMES": "a,b,a"}, ["NAMES: expected a different name for each class, got 'a,b,a'"]),
        ({"NAMES": "a,b,"}, ["NAMES: ", "an empty one in 'a,b,'"]),
        ({"CLASS_WEIGHTS": "balance"}, ["CLASS_WEIGHTS: ", "got 'balance' (did you mean balanced?)"]),
        (
            {"CLASS_WEIGHTS": "1,-1"},
            ["CLASS_WEIGHTS: ", "as many numbers > 0 with commas between as there are classes", "got '1,-1'"],
        ),
        ({"CLASS_WEIGHTS": "1,2,3", "NAMES": "a,b"}, ["CLASS_WEIGHTS has 3 numbers, but NAMES has 2 names"]),
        ({"OBJECTS": "off", "COCO": "yes", "DISTANCE": 3}, ["OBJECTS off", "COCO yes and DISTANCE 3 ask for them"]),
        ({"EPOCH_CROPS": 2, "BATCH_SIZE": 8}, ["EPOCH_CROPS must be at least BATCH_SIZE, 8, got 2"]),
    ],
)
def test_words_of_no_use_and_values_at_odds_are_refused(given, words):
    said = refusal(**given)
    for part in words:
        assert part in said


def test_an_export_without_its_packages_is_refused(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert refusal(EXPORT="onnx").startswith("EXPORT: onnx needs tf2onnx and onnx; install by: pip install")


def test_an_encoder_whose_weights_cannot_be_had_is_refused_unless_a_start_brings_them(monkeypatch, tmp_path):
    def none(name):
        raise OSError(f"the weights of {name} could not be fetched")

    monkeypatch.setattr(weights, "find_weights", none)
    assert refusal(ENCODER="MobileNetV3Small") == "ENCODER: the weights of MobileNetV3Small could not be fetched"
    asked.check({**DEFAULTS, "ENCODER": "MobileNetV3Small", "START": str(a_model(tmp_path / "best.keras"))})


def a_model(path, names=("config.json", "metadata.json", "model.weights.h5")):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return path


def test_a_start_that_is_no_model_is_refused(tmp_path):
    assert "START needs a run folder with best.keras or a .keras file" in refusal(START=str(tmp_path))
    (tmp_path / "half.keras").write_bytes(a_model(tmp_path / "best.keras").read_bytes()[:90])
    other = a_model(tmp_path / "other.zip", ["a.png"])
    for path in (tmp_path / "half.keras", other):
        assert f"{path} is none, or a damaged one" in refusal(START=str(path))
    assert asked.find_model(tmp_path) == asked.find_model(tmp_path / "best.keras") == tmp_path / "best.keras"


def test_new_images_must_hold_an_image(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    assert refusal(PREDICT=str(tmp_path)).startswith(f"PREDICT: {tmp_path} holds no image")
    small_sets.make_folder(tmp_path, count=1)
    asked.check({**DEFAULTS, "PREDICT": str(tmp_path)})


def test_what_is_written_would_not_join_the_images(tmp_path):
    """`segment .` from within the set would find the masks of its last run beside the true ones."""
    small_sets.make_folder(tmp_path / "set", count=1)
    for name in ("FOLDER", "PREDICT"):
        for inside in ("set", "set/runs/segment/set"):
            said = refusal(tmp_path / inside, **{name: str(tmp_path / "set")})
            assert f"lies in {name}, {tmp_path / 'set'}" in said
            assert "--output" in said
        for outside in ("runs", "set2", "."):
            asked.check({**DEFAULTS, name: str(tmp_path / "set")}, tmp_path / outside)
    (tmp_path / "file").write_text("mine")
    assert f"{tmp_path / 'file'} is a file" in refusal(tmp_path / "file", FOLDER=str(tmp_path / "set"))
