"""The exam image by image: the same numbers as all images at once, by segutils.metrics."""

import numpy as np
import pytest

from segutils import metrics
from segutils.metrics import VOID
from segutils.workhorse import judge

NAMES = ["ground", "cat", "dog"]


def blobs(rng, shape, classes=3):
    """A mask of large patches, so that outlines are lines."""
    small = rng.integers(0, classes, (shape[0] // 6 + 1, shape[1] // 6 + 1))
    return small.repeat(6, 0).repeat(6, 1)[: shape[0], : shape[1]].astype(np.uint8)


def exam_of(rng, count=6, shape=(30, 44), background=None, sources=None):
    """An Exam of random masks, and the arrays that it saw."""
    exam, seen = judge.Exam(NAMES, background=background), []
    for i in range(count):
        truth, predicted = blobs(rng, shape), blobs(rng, shape)
        predicted = np.where(rng.random(shape) < 0.7, truth, predicted).astype(np.uint8)
        truth[:, :3] = VOID
        sure = rng.integers(30_000, 65536, shape).astype(np.uint16)
        exam.add(f"image {i}", sources[i] if sources else f"source {i}", truth, predicted, sure)
        seen.append((truth, predicted, sure))
    return exam, [np.stack(part) for part in zip(*seen, strict=True)]


@pytest.mark.parametrize("strip", [judge.STRIP, 44 * 7])
def test_tables_are_those_of_all_images_at_once(rng, monkeypatch, strip):
    monkeypatch.setattr(judge, "STRIP", strip)
    exam, (truth, predicted, _) = exam_of(rng)
    wanted = metrics.confusion_per_image(truth, predicted, 3, ignore_class=VOID)
    np.testing.assert_array_equal(exam.tables, wanted)
    np.testing.assert_array_equal(exam.confusion, wanted.sum(0))


def test_outlines_agree_with_boundary_f1(rng):
    exam, (truth, predicted, _) = exam_of(rng)
    predicted[0] = 1
    truth[0] = 1  # no outline at all
    exam.outlines[0] = metrics.outline_counts(truth[0], predicted[0], 3)
    wanted = metrics.boundary_f1(truth, predicted, 3, ignore_class=VOID)
    np.testing.assert_allclose(exam.boundary_of_classes(), wanted, atol=1e-9)


def test_calibration_agrees_with_that_of_all_pixels(rng):
    exam, (truth, predicted, sure) = exam_of(rng)
    sure = sure / judge.FULL
    rest = (1 - sure[..., None]) / 2
    probabilities = np.where(np.arange(3) == predicted[..., None], sure[..., None], rest)
    assert (probabilities.argmax(-1) == predicted).mean() > 0.8
    clear = (sure > 0.46) & (truth != VOID)  # where the predicted class is the most probable
    again = judge.Exam(NAMES)
    for one, other, its in zip(np.where(clear, truth, VOID), predicted, sure, strict=True):
        again.add("", "", one, other, np.round(its * judge.FULL).astype(np.uint16))
    wanted = metrics.calibration(np.where(clear, truth, VOID), probabilities, ignore_class=VOID)
    for mine, theirs in zip(again.reliability(), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-9)


def test_scores_leave_the_background_out_and_say_so(rng):
    exam, (truth, predicted, _) = exam_of(rng, background=0)
    tables = metrics.confusion_per_image(truth, predicted, 3, ignore_class=VOID)
    found = exam.summary()
    assert found["foreground_iou"] == pytest.approx(metrics.foreground_iou(tables).mean())
    assert found["mean_iou"] == pytest.approx(metrics.mean_iou(tables.sum(0)))
    assert found["foreground_iou_interval"][0] < found["foreground_iou"] < found["foreground_iou_interval"][1]
    assert "foreground_iou" not in exam_of(rng)[0].summary()


def test_one_image_has_scores_and_no_interval(rng):
    exam = exam_of(rng, count=1, background=0)[0]
    found, table = exam.summary(), exam.per_class()
    assert found["mean_iou"] > 0
    assert found["mean_iou_interval"] is found["foreground_iou_interval"] is None
    assert np.isfinite(table["IoU"]).all()
    assert table[["IoU, 95% from", "to"]].isna().all(axis=None)


def test_a_background_that_is_not_class_0(rng):
    exam, (truth, predicted, _) = exam_of(rng, background=1)
    assert exam.counted == [0, 2]
    table = metrics.confusion_matrix(truth[0], predicted[0], 3, ignore_class=VOID)
    assert exam.image_scores()[0] == pytest.approx(metrics.iou(table)[[0, 2]].mean())


def test_intervals_resample_sources_where_there_are_ten(rng):
    few, _ = exam_of(rng, count=9)
    assert not few.by_source
    assert len(few.units()) == 9
    many, _ = exam_of(rng, count=24, sources=[f"film {i // 2}" for i in range(24)])
    assert many.by_source
    assert len(many.units()) == 12
    np.testing.assert_array_equal(np.sum(many.units(), axis=0), many.confusion)
    low, high = metrics.bootstrap_interval(many.units(), metrics.iou)
    np.testing.assert_allclose(many.per_class()[["IoU, 95% from", "to"]].to_numpy().T, [low, high])


def test_worst_images_come_first_and_those_without_a_score_not_at_all(rng):
    exam, _ = exam_of(rng, background=0)
    empty = np.zeros((30, 44), np.uint8)
    exam.add("empty", "x", empty, empty, np.full((30, 44), judge.FULL, np.uint16))
    order, scores = exam.worst_first(), exam.image_scores()
    assert 6 not in order
    assert scores[order].tolist() == sorted(scores[:6].tolist())
    assert exam.per_image().loc["empty", "IoU ground"] == 1


def test_confusions_name_the_most_frequent_mistake():
    exam = judge.Exam(NAMES)
    truth = np.repeat(np.array([[0, 1, 2]], np.uint8), 100, axis=0)
    predicted = truth.copy()
    predicted[:30, 1], predicted[:10, 2] = 2, 0
    exam.add("a", "a", truth, predicted, np.full(truth.shape, judge.FULL, np.uint16))
    assert exam.confusions() == [("cat", "dog", 0.3), ("dog", "ground", 0.1)]
    assert exam.of_most_frequent() == pytest.approx(1 / 9)
    assert exam.per_class()["images"].tolist() == [1, 1, 1]
