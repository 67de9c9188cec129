"""Feedback on coding exercises: right answers of several kinds pass, and of each wrong one the mistake is named.

The answers are planted in planted/<lesson>.py, as learners write them: by loops, lists, NumPy or TensorFlow, without
`segutils`.
"""

import importlib
import importlib.util
import itertools
import pkgutil
import warnings
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import sem, ttest_rel
from sklearn.metrics import accuracy_score, jaccard_score

from segutils import lessons


def planted_in(lesson):
    """The module of planted answers to a lesson's exercise."""
    spec = importlib.util.spec_from_file_location(lesson, Path(__file__).with_name("planted") / f"{lesson}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LESSONS = [importlib.import_module(f"segutils.lessons.{m.name}") for m in pkgutil.iter_modules(lessons.__path__)]
LESSONS = {lesson.__name__.rpartition(".")[2]: lesson for lesson in LESSONS if hasattr(lesson, "exercise")}
FIRST = {lesson.exercise.name for lesson in LESSONS.values()}
IN_LESSON = {
    lesson: [getattr(module, name) for name in ("exercise", "second_exercise") if hasattr(module, name)]
    for lesson, module in LESSONS.items()
}
EXERCISES = {exercise.name: exercise for exercises in IN_LESSON.values() for exercise in exercises}
PLANTED = {exercises[0].name: planted_in(lesson) for lesson, exercises in IN_LESSON.items()}


def answered(answer, exercises):
    """The exercise of a lesson that a planted answer answers: its name begins the answer's."""
    fitting = [exercise.name for exercise in exercises if answer.__name__.startswith(exercise.name)]
    return max(fitting, key=len) if fitting or len(exercises) > 1 else exercises[0].name


ALL = [
    (answered(answer, exercises), answer)
    for lesson, exercises in IN_LESSON.items()
    for answer in vars(PLANTED[exercises[0].name]).values()
    if hasattr(answer, "words")
]
RIGHT = [pytest.param(name, a, id=f"{name}-{a.__name__}") for name, a in ALL if not a.words]
WRONG = [pytest.param(name, a, a.words, id=f"{name}-{a.__name__}") for name, a in ALL if a.words]
each_exercise = pytest.mark.parametrize("name", EXERCISES)


def check(name, answer):
    return EXERCISES[name].check(answer)


def diagnose(name, answer):
    return EXERCISES[name].diagnose(answer)


@pytest.mark.parametrize("case", EXERCISES["accuracy_of"].cases, ids=repr)
def test_accuracy_is_that_of_scikit_learn(case):
    assert EXERCISES["accuracy_of"].solution(*case) == pytest.approx(accuracy_score(*case))


@pytest.mark.parametrize("case", EXERCISES["mean_iou_of"].cases, ids=["three", "five", "absent", "one mask"])
def test_mean_iou_is_that_of_scikit_learn(case):
    (confusion,) = case
    truth, predicted = np.nonzero(confusion)
    weights = confusion[truth, predicted]
    present = np.union1d(truth, predicted)
    expected = jaccard_score(truth, predicted, labels=present, average="macro", sample_weight=weights)
    assert EXERCISES["mean_iou_of"].solution(confusion) == pytest.approx(expected)


@pytest.mark.parametrize("case", EXERCISES["paired_gain"].cases, ids=repr)
def test_the_paired_gain_is_that_of_scipy_s_paired_t_test(case):
    a, b = case
    gain, error = EXERCISES["paired_gain"].solution(a, b)
    assert gain / error == pytest.approx(ttest_rel(b, a).statistic)
    assert error == pytest.approx(sem(b - a))


@pytest.mark.parametrize("case", EXERCISES["saved_epochs"].cases, ids=repr)
def test_saved_epochs_are_those_of_keras(case):
    values, mode = case
    saved, model = [], SimpleNamespace(metrics=[], save=lambda path, overwrite: saved.append(path))
    checkpoint = keras.callbacks.ModelCheckpoint("{epoch}.keras", mode=mode, save_best_only=True)
    checkpoint.set_model(model)
    for epoch, value in enumerate(values):
        checkpoint.on_epoch_begin(epoch)
        checkpoint.on_epoch_end(epoch, {"val_loss": value})
    marked = EXERCISES["saved_epochs"].solution(*case)
    assert saved == [f"{epoch + 1}.keras" for epoch in np.flatnonzero(marked)]


# Right and wrong answers


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_are_right(name, answer):
    assert diagnose(name, answer) is None


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_of_a_wrong_answer_the_mistake_is_named(name, answer, words):
    said = diagnose(name, answer)
    assert said is not None, "accepted"
    assert said.startswith("not yet. ")
    assert words in said


def test_there_are_right_and_wrong_answers_for_each_exercise_and_their_words_name_one_mistake():
    for name, exercise in EXERCISES.items():
        assert sum(p.values[0] == name for p in RIGHT) >= 3
        named = [p.values[2] for p in WRONG if p.values[0] == name]
        found = [[s for s, _ in exercise.mistakes if words in s] for words in named]
        least = 7 if name in FIRST else 4
        assert len({sentences[0] for sentences in found if sentences}) >= least, (
            "different mistakes, named by the table"
        )
        assert all(len(sentences) <= 1 for sentences in found), (name, named)


# The table of mistakes


@each_exercise
def test_a_table_has_enough_mistakes_each_with_its_own_sentence(name):
    sentences = [sentence for sentence, _ in EXERCISES[name].mistakes]
    assert len(sentences) >= 5
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("name", "sentence", "mistake"),
    [
        pytest.param(name, *pair, id=f"{name}-{i}")
        for name, exercise in EXERCISES.items()
        for i, pair in enumerate(exercise.mistakes)
    ],
)
def test_each_mistake_differs_from_the_solution_and_gets_its_own_sentence(name, sentence, mistake):
    assert diagnose(name, mistake) == f"not yet. {sentence}"


# What else may go wrong, in any exercise


ANSWERS = {name: [p.values[1] for p in RIGHT if p.values[0] == name] for name in EXERCISES}


def changed(name, change):
    """A right answer whose results go through `change`, each of the three of adam_step."""
    solve = ANSWERS[name][1]

    def answer(*given):
        result = solve(*given)
        return tuple(map(change, result)) if name == "adam_step" else change(result)

    return answer


@each_exercise
def test_a_stub_is_not_started(name):
    def stub(*given): ...

    assert diagnose(name, stub).startswith("not started yet")
    assert "`return` is missing" in diagnose(name, stub)


@each_exercise
def test_none_in_one_branch_is_said_of_the_first_case_that_meets_it(name):
    calls = itertools.count()
    said = diagnose(name, lambda *given: ANSWERS[name][0](*given) if next(calls) == 0 else None)
    assert said.startswith("not yet. For ")
    assert "returns None; is `return` missing in one branch?" in said


@each_exercise
@pytest.mark.parametrize("error", [KeyError("weight"), IndexError("index 5 is out of bounds"), ZeroDivisionError("x")])
def test_an_exception_is_feedback(name, error):
    def answer(*given):
        raise error

    assert f"it stops with {type(error).__name__}: {error}" in diagnose(name, answer)


@each_exercise
def test_too_few_or_too_many_arguments_are_feedback(name):
    assert "it stops with TypeError" in diagnose(name, lambda: 1)
    assert "it stops with TypeError" in diagnose(name, lambda a, b, c, d, e, f, g: a)


@pytest.mark.parametrize("name", [name for name in EXERCISES if name != "adam_step"])
@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("0.5", "it returns str; return numbers"),
        (["a", "b"], "it returns list; return numbers"),
        ({"iou": 0.5}, "it returns dict; return numbers"),
        (object(), "it returns object; return numbers"),
        (print, "return numbers"),
        ([[1.0, 2.0], [3.0]], "ragged list"),
        (np.ones(3) + 1j, "return numbers"),
        (np.ones((2, 2, 2, 2)), "got (2, 2, 2, 2)"),
        ([], "got (0,)"),
    ],
    ids=["string", "strings", "dict", "object", "function", "ragged", "complex", "shape", "empty"],
)
def test_results_that_are_no_numbers_of_the_right_shape_are_named(name, result, words):
    assert words in diagnose(name, lambda *given: result)


@pytest.mark.parametrize("result", ["abc", [1.0, 2.0], None, 1.0, {"theta": 0}, [[1.0, 2.0], [3.0], "m"], print])
def test_a_step_that_returns_no_three_arrays_is_refused(result):
    assert diagnose("adam_step", lambda *given: result).startswith(("not yet. ", "not started"))


@each_exercise
@pytest.mark.filterwarnings("ignore:Casting complex values")  # what a learner's settings are
def test_complex_results_are_refused(name):
    assert diagnose(name, changed(name, lambda result: np.asarray(result) + 0.5j)) is not None


@each_exercise
def test_nan_everywhere_is_shown(name):
    said = diagnose(name, changed(name, lambda result: np.full(np.shape(result), np.nan)))
    assert "got nan" in said
    assert "NaN" not in said.removesuffix("."), "no mistake that gives NaN in one case only is named"


@each_exercise
@pytest.mark.parametrize("wrap", [lambda a: np.asarray(a)[None], lambda a: np.ravel(a)[:0]], ids=["axis", "empty"])
def test_a_wrong_shape_is_refused_even_where_numbers_agree(name, wrap):
    assert diagnose(name, changed(name, wrap)) is not None


@each_exercise
def test_numbers_agree_to_a_millionth(name):
    near = 1e-9 if name == "adam_step" else 1e-7  # what 40 steps add up
    assert diagnose(name, changed(name, lambda result: np.asarray(result) * (1 + near))) is None
    assert diagnose(name, changed(name, lambda result: np.asarray(result) * (1 + 1e-4))) is not None


@each_exercise
@pytest.mark.parametrize("wrap", [np.float32, tf.constant, np.ma.masked_invalid, np.ndarray.tolist])
def test_other_kinds_of_arrays_are_right_too(name, wrap):
    assert diagnose(name, changed(name, lambda result: wrap(np.asarray(result)))) is None


SINGLE = {
    "conv2d": lambda x, k, *rest: PLANTED["conv2d"].conv2d_with_window_views(
        x.astype(np.float32), k.astype(np.float32), *rest
    ),
    "max_pool": lambda x, *rest: PLANTED["max_pool"].max_pool_with_slices(x.astype(np.float32), *rest),
    "classify": lambda *given: tf.nn.softmax(tf.matmul(*map(np.float32, given[:2])) + np.float32(given[2])),
    "dice_loss": lambda *given: PLANTED["dice_loss"].dice_loss_vectorised(*map(np.float32, given)),
    "adam_step": lambda *given: ANSWERS["adam_step"][1](*map(np.float32, given[:4]), *given[4:]),
}


@pytest.mark.parametrize("name", SINGLE)
def test_an_answer_in_single_precision_is_right(name):
    assert diagnose(name, SINGLE[name]) is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("conv2d", lambda x, *rest: (x.__iadd__(0.5), PLANTED["conv2d"].conv2d_with_window_views(x, *rest))[1]),
        ("iou", lambda t, p: (p.__iand__(t), 1.0)[1]),
        ("classify", lambda x, w, b: (b.fill(7), PLANTED["classify"].classify_by_logarithms(x, w, b))[1]),
        ("dice_loss", lambda t, p: (t.sort(), None)[1]),
        ("max_pool", lambda x, size, stride: (PLANTED["max_pool"].max_pool_with_slices(x, size, stride), x.fill(0))[0]),
        ("encode", lambda rgb, colours: (PLANTED["encode"].encode_by_broadcasting(rgb, colours), rgb.fill(3))[0]),
        (
            "mean_iou_of",
            lambda confusion: (PLANTED["mean_iou_of"].mean_iou_of_class_by_class(confusion), confusion.fill(1))[0],
        ),
        ("paired_gain", lambda a, b: (b.__isub__(a), (b.mean(), 0))[1]),
    ],
)
def test_an_answer_that_changes_its_input_is_told_so(name, answer):
    cases = [[np.array(value) for value in case] for case in EXERCISES[name].cases]
    assert "changes its input" in diagnose(name, answer)
    for before, after in zip(cases, EXERCISES[name].cases, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)), "for the next learner"


class Liar:
    """Claims to equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __mul__ = __sub__

    def __float__(self):
        return 1.0

    def __array__(self, dtype=None, copy=None):
        return np.array([LyingArray((1,)), 0], dtype=object) if dtype is None else np.zeros(2, dtype)

    def __array_ufunc__(self, *args, **options):
        return True

    def __array_function__(self, *args, **options):
        return True


class LyingArray(np.ndarray):
    """Zeros that claim to equal everything."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    __hash__ = None

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __array_ufunc__(self, *args, **options):
        return np.ones(self.shape, bool)

    def __array_function__(self, function, types, args, options):
        return True

    def astype(self, *args, **options):
        return self


@each_exercise
def test_results_that_claim_to_equal_everything_do_not_pass(name):
    for lie in (lambda _: Liar(), lambda result: np.zeros(np.shape(result)).view(LyingArray)):
        assert diagnose(name, changed(name, lie)) is not None
    assert diagnose(name, lambda *given: Liar()) is not None


@each_exercise
def test_what_is_no_function_is_told_so(name):
    for answer in (0.5, None, np.zeros(3), "code", Liar()):
        said = diagnose(name, answer)
        assert "not yet. Give the function itself" in said
        assert f"check({name})" in said


@each_exercise
def test_an_answer_right_on_the_first_case_only_is_described_by_the_second(name):
    calls = itertools.count()

    def answer(*given):
        result = ANSWERS[name][0](*given)
        odd = 0.37 * (next(calls) > 0)
        return [np.asarray(a) + odd for a in result] if name == "adam_step" else np.asarray(result) + odd

    said = diagnose(name, answer)
    assert said.startswith("not yet. For ")
    assert "expected " in said
    assert "got " in said
    second = EXERCISES[name].cases[1]
    assert all(str(np.shape(v) if isinstance(v, np.ndarray) else v) in said for v in second if np.ndim(v)), "described"


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("iou", "y_true of shape (4, 6), y_pred of shape (4, 6)"),
        ("conv2d", "x of shape (5, 7), kernel of shape (3, 2), bias = 0.0, stride = 1, padding = 0"),
        ("max_pool", "x of shape (4, 6), size = 2, stride = 2"),
        ("classify", "x of shape (3, 4), weights of shape (4, 5), bias of shape (5,)"),
        ("dice_loss", "y_true of shape (1, 4, 6), y_pred of shape (1, 4, 6)"),
        ("encode", "rgb of shape (4, 6, 3), colours of shape (5, 3)"),
        ("mean_iou_of", "confusion of shape (3, 3)"),
        ("mean_over_images", "tables of shape (2, 2, 2)"),
        ("paired_gain", "a of shape (4,), b of shape (4,)"),
        ("adam_step", "learning_rate = 0.1"),
    ],
)
def test_the_described_case_has_the_names_of_the_arguments(name, described):
    said = diagnose(name, changed(name, lambda result: np.asarray(result) + 0.37))
    assert described in said


def test_the_first_number_that_differs_is_shown_with_its_place_and_how_many_do():
    def answer(x, size, stride):
        y = PLANTED["max_pool"].max_pool_with_slices(x, size, stride)
        y[1, 2] += 100
        y[1, 1] += 0.25 if y.shape == (3, 4) else 0
        return y

    x, size, stride = EXERCISES["max_pool"].cases[0]
    largest = x[1 * stride : 1 * stride + size, 2 * stride : 2 * stride + size].max()
    said = diagnose("max_pool", answer)
    assert f"expected {largest:g} at [1, 2], got {largest + 100:g} (1 of 6 values differ)." in said


TWO_AT_ONCE = {
    "iou": (lambda t, p: np.sum(t & p) / max(np.sum(t), 1), ("the recall", "not 0")),
    "conv2d": (
        lambda x, k, bias, stride, padding: [
            [(x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum() for j in range(x.shape[1] - k.shape[1] + 1)]
            for i in range(x.shape[0] - k.shape[0] + 1)
        ],
        ("bias is missing", "stride is ignored", "padding is ignored"),
    ),
    "max_pool": (
        lambda x, size, stride: np.lib.stride_tricks.sliding_window_view(x, (size, size)).mean((2, 3)),
        ("average pooling", "stride is ignored"),
    ),
    "classify": (
        lambda x, w, b: np.exp(x @ w) / np.exp(x @ w).sum(0),
        ("bias is missing", "wrong axis", "overflow"),
    ),
    "dice_loss": (
        lambda t, p: 1 - 2 * (t * p).sum() / (t.sum() + p.sum()),
        ("squares are missing", "one number for the whole batch"),
    ),
    "adam_step": (
        lambda theta, g, m, v, t, rate: (
            theta + rate * (0.9 * m + 0.1 * g) / (np.sqrt(0.999 * v + 0.001 * g**2) + 1e-7),
            0.9 * m + 0.1 * g,
            0.999 * v + 0.001 * g**2,
        ),
        ("uphill", "bias correction is missing"),
    ),
}


@pytest.mark.parametrize("name", TWO_AT_ONCE)
def test_of_two_mistakes_one_is_named_or_the_difference(name):
    answer, either = TWO_AT_ONCE[name]
    said = diagnose(name, answer)
    assert any(words in said for words in either) or "expected " in said, said


@pytest.mark.parametrize("name", [name for name in TWO_AT_ONCE if name not in ("max_pool", "dice_loss", "adam_step")])
def test_of_two_mistakes_that_show_in_different_cases_one_is_named(name):
    answer, either = TWO_AT_ONCE[name]
    assert any(words in diagnose(name, answer) for words in either)


# What is printed


@each_exercise
def test_check_prints_one_line_and_returns_nothing(name, capsys):
    assert check(name, EXERCISES[name].solution) is None
    assert capsys.readouterr().out == f"{name}: right, on all {len(EXERCISES[name].cases)} cases.\n"
    answers = [p.values[1] for p in WRONG if p.values[0] == name] + [lambda *given: None, 7]
    for answer in answers:
        assert check(name, answer) is None
        printed = capsys.readouterr()
        assert printed.out.startswith((f"{name}: not yet. ", f"{name}: not started yet"))
        assert printed.out.count("\n") == 1
        assert printed.err == ""


def test_an_exception_of_many_lines_is_told_in_one(capsys):
    def answer(y_true, y_pred):
        raise ValueError("shapes differ:\n  (4, 6)\n  (6, 4)")

    check("iou", answer)
    assert capsys.readouterr().out.count("\n") == 1


def test_a_message_of_tensorflow_is_told_in_one_line(capsys):
    check("max_pool", lambda x, size, stride: tf.nn.max_pool2d(x, size, stride, "VALID"))
    check("classify", lambda x, weights, bias: tf.matmul(x, x) + bias)
    assert capsys.readouterr().out.count("\n") == 2


def test_an_answer_that_prints_is_judged_by_what_it_returns(capsys):
    def answer(y_true, y_pred):
        print("intersection", (y_true & y_pred).sum())
        return PLANTED["iou"].iou_with_sets(y_true, y_pred)

    check("iou", answer)
    assert capsys.readouterr().out.splitlines()[-1] == f"iou: right, on all {len(EXERCISES['iou'].cases)} cases."


WARNING = {
    "0/0": lambda t, p: np.sum(t & p) / np.sum(t | p),
    "overflow": lambda t, p: np.exp(800.0 * (t | p).sum()),
    "log 0": lambda t, p: np.log((t & p) * 1.0).sum(),
    "mean of nothing": lambda t, p: p[t].mean(),
    "empty nanmax": lambda t, p: np.nanmax(np.full(3, np.nan)),
    "complex to float": lambda t, p: np.float64(np.array(1j).astype(float)),
    "deprecated": lambda t, p: warnings.warn("use another function", DeprecationWarning, stacklevel=1) or 0.5,
}


@pytest.mark.parametrize("kind", WARNING)
def test_warnings_of_an_answer_do_not_appear(kind, capsys):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check("iou", WARNING[kind])
    assert [str(warning.message) for warning in caught] == []
    printed = capsys.readouterr()
    assert printed.out.startswith("iou: not yet. ")
    assert printed.err == ""


@pytest.mark.parametrize("kind", WARNING)
def test_warnings_made_errors_do_not_change_the_feedback(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet = diagnose("iou", WARNING[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert diagnose("iou", WARNING[kind]) == quiet


@each_exercise
def test_the_settings_of_numpy_stay_as_they_were(name):
    with np.errstate(all="raise", under="ignore"):
        before = np.geterr()
        assert diagnose(name, EXERCISES[name].solution) is None
        assert np.geterr() == before
