"""Parameters, expected errors, run folders, seeds and the environment."""

import os
import re
import zipfile

import numpy as np
import pytest

from segutils import course

RULES = {
    "EPOCHS": course.integer(1, 100),
    "LEARNING_RATE": course.number(1e-6, 1),
    "LOSS": course.one_of("dice", "cross_entropy"),
    "OUTPUT": course.text(),
}
GOOD = {"EPOCHS": 3, "LEARNING_RATE": 1e-3, "LOSS": "dice", "OUTPUT": "runs/a"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"EPOCH": 3}, r"unknown parameter EPOCH \(did you mean EPOCHS\?\); known: EPOCHS, LEARNING_RATE"),
        ({"epochs": 3}, r"unknown parameter epochs \(did you mean EPOCHS\?\)"),
        ({"MOMENTUM": 0.9}, r"unknown parameter MOMENTUM; known"),
        ({"EPOCHS": 0}, r"EPOCHS must be an integer in 1..100, got 0"),
        ({"EPOCHS": 2.5}, r"EPOCHS must be an integer in 1..100, got 2.5"),
        ({"EPOCHS": True}, r"EPOCHS must be an integer in 1..100, got True"),
        ({"EPOCHS": "3"}, r"EPOCHS must be .* got '3'; write numbers without quotes"),
        ({"EPOCHS": "three"}, r"EPOCHS must be an integer in 1..100, got 'three'$"),
        ({"EPOCHS": None}, r"EPOCHS must be .* got None"),
        ({"LEARNING_RATE": "1e-3"}, r"LEARNING_RATE must be a number .* 1e-3 in YAML as 1.0e-3"),
        ({"LEARNING_RATE": float("nan")}, r"LEARNING_RATE must be a number in 1e-06..1, got nan"),
        ({"LOSS": "dise"}, r"LOSS must be one of 'dice', 'cross_entropy', got 'dise' \(did you mean dice\?\)$"),
        ({"LOSS": "DICE"}, r"got 'DICE' \(did you mean dice\?\)$"),
        ({"LOSS": 3}, r"got 3$"),
        ({"OUTPUT": " "}, r"OUTPUT must be a text that is not empty, got ' '"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(change, message):
    with pytest.raises(course.ParameterError, match=message) as caught:
        course.check_parameters({**GOOD, **change}, **RULES)
    assert "\n" not in str(caught.value)
    assert caught.value._render_traceback_() == [f"ParameterError: {caught.value}"]


def test_a_folder_is_checked_at_once_and_named_by_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "plates").mkdir()
    monkeypatch.chdir(tmp_path)
    names = {"FOLDER": "plates", "PREDICT": "", "OTHER": "coins"}
    rules = {"FOLDER": course.files("coins"), "PREDICT": course.files(), "OTHER": course.files("coins")}
    expected = {"FOLDER": str(tmp_path / "plates"), "PREDICT": "", "OTHER": "coins"}
    assert course.check_parameters(names, **rules) == expected
    assert names == expected
    with pytest.raises(course.ParameterError) as caught:
        course.check_parameters({**names, "FOLDER": "dishes"}, **rules)
    expected = "FOLDER must be a folder or zip that exists and is whole, or 'coins', got 'dishes'"
    assert str(caught.value) == f"{expected}; a relative path begins at {tmp_path}"
    with zipfile.ZipFile("plates.zip", "w") as archive:
        archive.writestr("a.png", "a" * 900)
    assert course.files().accepts("plates.zip")
    content = (tmp_path / "plates.zip").read_bytes()
    (tmp_path / "plates.zip").write_bytes(content[: len(content) // 2])
    assert not course.files().accepts("plates.zip"), "half of a zip"
    (tmp_path / "plates.png").write_text("an image")
    assert not course.files().accepts("plates.png")


def test_good_parameters_pass_and_other_names_do_not_matter():
    others = {"np": np, "_PRIVATE": 1, "In": ["x"], "Out": {}, "TABLE": np.zeros(2), "helper": print}
    found = course.check_parameters({**GOOD, **others, "LEARNING_RATE": 1}, **RULES)
    assert found == {**GOOD, "LEARNING_RATE": 1}


def test_run_folder_is_the_one_asked_for_or_one_of_the_parameters(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course.make_run_folder(str(tmp_path / "a"), "08", GOOD) == tmp_path / "a"
    ours, same, others = (
        course.make_run_folder("", "08", p) for p in (GOOD, dict(reversed(GOOD.items())), {**GOOD, "EPOCHS": 4})
    )
    assert ours == same != others
    assert ours.is_dir()
    assert ours.parent.name == "runs"


def test_one_of_tells_true_from_1():
    accepts = course.one_of(1, 2).accepts
    assert accepts(1)
    assert not accepts(True)


def test_expected_shows_the_error_in_one_line(capsys):
    with course.expect_error(ValueError, match="3 given"):
        raise ValueError("rank 4 needed,\n   rank 3 given")
    assert capsys.readouterr().out == "ValueError: rank 4 needed, rank 3 given\n"
    with course.expect_error((KeyError, TypeError)):
        raise TypeError("x" * 400)
    assert len(capsys.readouterr().out) < 330


def test_expected_requires_the_error():
    with pytest.raises(AssertionError, match="expected a ValueError, but nothing was raised"):  # noqa: SIM117
        with course.expect_error(ValueError):
            pass
    with pytest.raises(AssertionError, match="that says 'rank'"):  # noqa: SIM117
        with course.expect_error(ValueError, match="rank"):
            raise ValueError("other")
    with pytest.raises(KeyError):  # noqa: SIM117
        with course.expect_error(ValueError):
            raise KeyError("passes through")


def test_environment_names_what_a_result_depends_on():
    import keras
    import sklearn

    found = course.environment()
    assert found["keras"] == keras.__version__
    assert keras.backend.backend() in found
    assert found["scikit-learn"] == sklearn.__version__
    assert 1 <= found["cores"] <= os.cpu_count()


def test_set_seed_repeats_weights():
    import keras

    course.set_seed(3)
    first = keras.random.normal((4,)), np.random.rand()
    course.set_seed(3)
    second = keras.random.normal((4,)), np.random.rand()
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_naming_turns_what_a_value_causes_into_one_sentence_with_the_parameter_in_front():
    with (
        pytest.raises(course.ParameterError, match=r"^FOLDER: expected this; got that$"),
        course.blame_parameter("FOLDER"),
    ):
        raise ValueError("expected this;\n got that")
    with pytest.raises(course.ParameterError, match=r"^GROUPS: .*unterminated"), course.blame_parameter("GROUPS"):
        re.compile("(")
    with pytest.raises(TypeError, match="a fault of ours"), course.blame_parameter("FOLDER"):
        raise TypeError("a fault of ours")
    of_another = ValueError("no such value")
    of_another.parameter = "VOID"
    with pytest.raises(course.ParameterError, match=r"^VOID: no such value$"), course.blame_parameter("FOLDER"):
        raise of_another
    with course.blame_parameter("FOLDER"):
        pass
