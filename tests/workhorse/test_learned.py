"""Objects that a network learns to cut apart: how deep a pixel lies in its object, from the masks to the seeds."""

import csv
import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import touching
from memory_source import SMALL, Memory
from PIL import Image
from scipy.ndimage import distance_transform_edt
from scipy.special import expit, softmax

from segutils import course, dataset, models, objects
from segutils.dataset.classes import Classes
from segutils.metrics import VOID
from segutils.workhorse import apply, counting, crops, data, export, keep, train, usage
from segutils.workhorse.judge import FULL
from segutils.workhorse.predict import Predictor

PARTS = SimpleNamespace(train=np.arange(6), validation=np.arange(6, 8))


class Touching(Memory):
    """Touching boxes in memory; how deep a pixel lies is measured here by SciPy, object by object."""

    def __init__(self, count=8, seed=0):
        rng = np.random.default_rng(seed)
        made = [touching.boxes(rng) for _ in range(count)]
        self.numbered = [numbered for _, numbered in made]
        super().__init__([image[..., None] for image, _ in made], [np.uint8(n > 0) for n in self.numbered])

    def objects(self, i):
        return self.numbered[i]

    def depth(self, i):
        return np.round(255 * measured(self.numbered[i])).astype(np.uint8)

    def predicted(self, i):
        """The depth as a perfect network would predict it."""
        return np.round(FULL * measured(self.numbered[i])).astype(np.uint16)


def measured(numbered):
    """How deep pixels lie in their objects, none of which touches the border: a share of each object's deepest."""
    depth = np.zeros(numbered.shape)
    for k in np.unique(numbered[numbered > 0]):
        inside = distance_transform_edt(numbered == k)
        depth += inside / inside.max()
    return depth


@pytest.fixture
def source():
    return Touching()


def test_depths_are_read_from_the_masks_and_kept(tmp_path):
    report = dataset.inspect(touching.make_folder(tmp_path, count=2))
    source = data.Source(dataset.Files(tmp_path), report.pairs, report.classes, channels=1)
    first = source.depth(1)
    np.testing.assert_array_equal(first, np.round(255 * measured(source.objects(1))))
    assert source.depth(1) is first
    source.cache_bytes = 0
    source.image(0)
    assert source.depth(1) is not first, "memory is bounded"
    np.testing.assert_array_equal(source.depth(1), first)


def test_crops_hold_the_depths_of_whole_objects(source):
    """A crop that cuts an object does not make a new rim."""
    drawn = crops.Crops(source, [0], SMALL._replace(crop=16, batch_size=40), depth=True).targets
    assert (drawn.dtype, drawn.shape) == (np.float32, (40, 16, 16, 2))
    whole = {tuple(row) for row in np.stack([source.masks[0], source.depth(0) / np.float32(255)], -1).reshape(-1, 2)}
    assert {tuple(row) for row in drawn.reshape(-1, 2)} <= whole
    anew = [measured(np.pad(one[..., 0] > 0, 1).astype(int))[1:-1, 1:-1] for one in drawn]
    assert np.abs(anew - drawn[..., 1]).max() > 0.5, "measured in crops they would be others"


def test_depths_move_with_classes_and_images(source):
    """Turned by any angle, mirrored and zoomed: each pixel keeps its class, its grey value and its depth together."""
    for i, mask in enumerate(source.masks):
        source.images[i] = np.repeat(100 * mask[..., None], 1, -1)
    source.depth = lambda i: (77 * source.masks[i]).astype(np.uint8)
    turned = {"rotation": 3.0, "zoom": 0.2, "flip": True, "fill": "reflect"}
    batch = crops.Crops(source, range(8), SMALL._replace(augment=turned, turns=True), depth=True)
    for images, targets in batch.dataset(0, 2):
        labels, depths = np.moveaxis(np.asarray(targets), -1, 0)
        assert set(np.unique(labels)) == {0, 1}
        np.testing.assert_allclose(255 * depths, 77 * labels, atol=1e-4)
        assert (np.abs(np.asarray(images)[..., 0] - 100 * labels) < 51).mean() > 0.97, "images are interpolated"


def test_a_turned_depth_is_the_depth_of_the_turned_object(source):
    rows, columns = np.indices((64, 64))
    numbered = ((rows - 30) ** 2 + 2 * (columns - 33) ** 2 < 150).astype(int)
    numbered[(rows > 30) & (numbered > 0)] = 2  # two halves that touch
    depth, labels = np.round(255 * measured(numbered)).astype(np.uint16), numbered.astype(np.uint16)
    from segutils.transforms import Augment

    augment = Augment(rotation=3.0, zoom=0.15, flip=True, fill="reflect")
    _, packed = augment(np.zeros((6, 64, 64, 1)), np.stack([labels + 256 * depth] * 6), seed=(1, 2))
    for one in np.asarray(packed).astype(int):
        assert np.abs(one // 256 / 255 - measured(one % 256)).max() < 0.3, "nearest pixels are off by half of one"
        assert np.abs(one // 256 / 255 - measured(one % 256)).mean() < 0.01


def test_what_lies_beyond_a_small_image_is_void_and_has_no_depth(source):
    big = SMALL._replace(crop=80, batch_size=2)
    targets = crops.Crops(source, [0], big, depth=True).targets
    assert (targets[:, 48:] == (VOID, 0)).all()
    _, validation = crops.validation_crops(source, [0, 1], big, depth=True)
    np.testing.assert_array_equal(validation[0, :48, :64, 0], source.masks[0])
    np.testing.assert_allclose(validation[1, :48, :64, 1], source.depth(1) / 255, atol=1e-6)


class WithDepth:
    """Logits of three classes that depend on a pixel, behind them that of a depth which beats them all."""

    def predict_on_batch(self, images):
        grey = images.astype(np.float32).mean(-1)
        return np.stack([0 * grey, (grey - 100) / 30, (grey - 180) / 9, 50 + grey], axis=-1)


class Exported(WithDepth):
    """The same as two outputs."""

    def predict_on_batch(self, images):
        scores = super().predict_on_batch(images)
        return [scores[..., :3], expit(scores[..., 3:])]


@pytest.mark.parametrize("model", [WithDepth(), Exported()])
def test_no_class_is_taken_from_the_depth(rng, model):
    image = rng.integers(0, 256, (150, 90, 1)).astype(np.uint8)
    predictor = Predictor(model, depth=True, tile=64, margin=8)
    found = predictor(image)
    scores = WithDepth().predict_on_batch(image[None])[0]
    wanted = softmax(scores[..., :3], axis=-1)
    assert found.shape == (150, 90, predictor.layers)
    np.testing.assert_array_equal(found[..., 0], wanted.argmax(-1))
    np.testing.assert_allclose(found[..., 1] / FULL, wanted.max(-1), atol=1e-4)
    np.testing.assert_allclose(found[..., 2] / FULL, expit(scores[..., 3]), atol=1e-4)
    np.testing.assert_allclose(predictor.probabilities(image) / FULL, wanted, atol=1e-4)


LEARNED = counting.Rule(counting.LEARNED, 10, 2, rise=0.1)


def test_learned_seeds_cut_what_has_no_waist(source):
    rules = counting.measure(source, range(6), background=0, apart=True, learned=True)
    assert [rule.way for rule in rules[:2]] == [counting.CONNECTED, counting.WATERSHED]
    assert {rule.way for rule in rules[2:]} == {counting.LEARNED}
    assert [(rule.rise, rule.top) for rule in rules[2:]] == list(counting.SEEDS)
    count = counting.Count(0, True, rules)
    for i in range(6):
        count.add(source, i, source.masks[i], source.predicted(i))
    chosen = count.for_the_exam()
    assert [rule.way for rule in chosen] == [counting.LEARNED, counting.WATERSHED]
    exam = counting.Count(0, True, chosen, thresholds=objects.BOWL)
    for i in (6, 7):
        exam.add(source, i, source.masks[i], source.predicted(i))
    found = exam.summary()
    for rule, ours in zip(chosen, (found, *found["beside"]), strict=True):
        cut = [rule(counting.foreground(source.masks[i], 0), source.predicted(i)) for i in (6, 7)]
        wanted = objects.average_precision(source.numbered[6:], cut).mean()
        assert ours["average_precision"] == pytest.approx(wanted)
    assert (found["object_f1"], found["predicted"], found["merges"], found["splits"]) == (1.0, 8, 0, 0)
    assert found["beside"][0]["way"] == counting.WATERSHED
    assert found["beside"][0]["merges"] + found["beside"][0]["splits"] > 0, "a bar has no waist"


def test_what_has_no_middle_is_no_object():
    mask, depth = np.zeros((9, 26), int), np.zeros((9, 26))
    mask[2:7, 2:9], mask[2:7, 11:24] = 1, 1
    depth[3:6, 4:7], depth[3:6, 12:15], depth[3:6, 20:23] = 0.3, 0.9, 0.3
    rule = counting.Rule(counting.LEARNED, 1, 1, rise=0.1)
    every = rule(mask, depth * FULL)
    assert len(np.unique(every)) == 4
    np.testing.assert_array_equal(rule._replace(top=0.3)(mask, depth * FULL), every)
    deepest = every[4, 13]
    found = rule._replace(top=0.4)(mask, depth * FULL)
    np.testing.assert_array_equal(found, np.where(every == deepest, deepest, 0))
    assert rule._replace(top=0.95)(mask, depth * FULL).max() == 0
    assert rule._replace(top=0.95)(0 * mask, depth * FULL).max() == 0


def test_without_a_learned_rule_the_best_one_goes_to_the_exam_alone(source):
    count = counting.Count(0, True, counting.measure(source, range(6), background=0, apart=True))
    count.add(source, 0, source.masks[0])
    assert count.for_the_exam() == [count.best()]


MISTAKES = [  # true, predicted, (merges, splits), counted by hand
    ([1, 1, 2, 2], [1, 1, 2, 2], (0, 0)),
    ([1, 1, 2, 2], [3, 3, 3, 3], (1, 0)),
    ([3, 3, 3, 3], [1, 1, 2, 2], (0, 1)),
    ([1, 1, 1, 2], [0, 1, 1, 1], (1, 0)),
    ([1, 1, 1, 2], [0, 0, 1, 1], (0, 0)),  # a third of object 1 does not lie in it
    ([0, 1, 1, 0], [1, 1, 2, 2], (0, 0)),  # half of a predicted one does not lie in the true one
    ([0, 0, 0, 0], [1, 1, 2, 2], (0, 0)),
    ([1, 1, 2, 2], [0, 0, 0, 0], (0, 0)),
]


@pytest.mark.parametrize(("true", "predicted", "wanted"), MISTAKES)
def test_merges_and_splits(true, predicted, wanted):
    assert objects.merges_and_splits(np.array([true]), np.array([predicted])) == wanted


def test_kept_objects_come_from_the_learned_seeds(source, tmp_path):
    with keep.Keeper(tmp_path, Classes("objects", (0, 1)), ["rest", "box"], background=0, rule=LEARNED, coco=True) as k:
        k.add("a.png", source.images[0], source.masks[0], depth=source.predicted(0))
    with Image.open(tmp_path / "objects/000_a_png.png") as image:
        kept = np.asarray(image)
    areas = sorted(int(area) for area in np.unique(source.numbered[0], return_counts=True)[1][1:])
    with open(tmp_path / "objects.csv", newline="", encoding="utf-8") as file:
        assert sorted(int(row["area"]) for row in csv.DictReader(file)) == pytest.approx(areas, abs=18)
    assert kept.max() == 4
    assert len(json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))["annotations"]) == 4


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished training with depths: its folder, best model and history."""
    folder = tmp_path_factory.mktemp("run")
    course.set_seed(3, deterministic=True)
    some = SMALL._replace(rare_share=0.0)
    model, history = train.train(Touching(), PARTS, some, folder, classes=["rest", "box"], depth=True, progress=False)
    return SimpleNamespace(folder=folder, model=model, history=history)


def test_a_training_learns_depths_beside_classes(finished):
    assert finished.model.output_shape == (None, None, None, 3)
    assert finished.history[-1]["loss"] < finished.history[0]["loss"]
    assert finished.history[-1]["val_mean_iou"] <= 1
    assert json.loads((finished.folder / "training.json").read_text(encoding="utf-8"))["depth"] is True


def test_the_score_is_of_the_classes_alone():
    metric = train.ClassesMeanIoU(2, ignore_class=VOID)
    truth = np.array([[[[0, 0.5], [1, 0.5], [VOID, 0.5]]]], np.float32)
    metric.update_state(truth, np.array([[[[1, 0, 9], [0, 1, 9], [0, 1, 9]]]], np.float32))
    assert float(metric.result()) == 1.0


def fresh(channels):
    keras.utils.set_random_seed(99)
    return models.unet(channels, width=4)


def classes_of(model, image):
    return model.predict_on_batch(image)[..., :2]


@pytest.fixture
def starts(finished, tmp_path):
    """The finished training; the same exported; and one of its classes without depths."""
    export.save_plain(finished.model, tmp_path / "model.keras", depth=True)
    without = fresh(2)
    without.save(tmp_path / "without.keras")
    return {"run": finished.folder, "exported": tmp_path / "model.keras", "without": tmp_path / "without.keras"}


def test_start_keeps_the_classes_with_and_without_depths(finished, starts, rng):
    image = rng.uniform(0, 255, (1, 32, 48, 1)).astype(np.float32)
    for start in ("run", "exported"):
        model = fresh(3)
        assert "depth" not in train.start_from(model, starts[start], ["rest", "box"], depth=True)
        np.testing.assert_allclose(model.predict_on_batch(image), finished.model.predict_on_batch(image), atol=1e-4)
        model = fresh(2)
        assert "depths of objects are left out" in train.start_from(model, starts[start], ["rest", "box"])
        apart = np.abs(classes_of(model, image) - classes_of(finished.model, image)).max()
        assert apart < 0.05, "the coarse scores of classes take a little from that of the depth"
    model, old = fresh(3), keras.saving.load_model(starts["without"])
    assert "depths of objects are learned anew" in train.start_from(model, starts["without"], ["a", "b"], depth=True)
    np.testing.assert_allclose(classes_of(model, image), classes_of(old, image), atol=1e-4)
    model = fresh(3)
    assert "knew other classes" in train.start_from(model, starts["run"], ["a", "b", "c"]), "a depth is no class"


def test_exported_depths_are_an_output_of_their_own(finished, rng, tmp_path):
    image = rng.uniform(0, 255, (1, 32, 48, 1)).astype(np.float32)
    wanted = finished.model.predict_on_batch(image)
    import tensorflow as tf

    path = export.export(finished.model, tmp_path, "saved_model", depth=True)
    plain, loaded = export.plain(finished.model, depth=True), tf.saved_model.load(path)
    assert {type(layer).__module__.partition(".")[0] for layer in plain.layers} == {"keras"}
    for scores, depth in (plain.predict_on_batch(image), loaded.serve(image)):
        np.testing.assert_allclose(scores, wanted[..., :2], atol=1e-3)
        np.testing.assert_allclose(depth, expit(wanted[..., 2:]), atol=1e-3)


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_other_programs_get_both_outputs(finished, rng, tmp_path, kind):
    runtimes = {"onnx": ("onnxruntime", "tf2onnx"), "tflite": ("ai_edge_litert.interpreter",)}
    runtime = [pytest.importorskip(name, reason="the extra `export` is not installed") for name in runtimes[kind]][0]
    image = rng.uniform(0, 255, (1, 32, 48, 1)).astype(np.float32)
    wanted = finished.model.predict_on_batch(image)
    path = str(export.export(finished.model, tmp_path, kind, depth=True))
    if kind == "onnx":
        found = runtime.InferenceSession(path).run(None, {"image": image})
    else:
        answers = runtime.Interpreter(path).get_signature_runner()(image=image)
        found = [answers[f"output_{i}"] for i in range(2)]
    np.testing.assert_allclose(found[0], wanted[..., :2], atol=1e-3)
    np.testing.assert_allclose(found[1], expit(wanted[..., 2:]), atol=1e-3)


def test_a_finished_run_cuts_new_images_and_the_lines_of_the_report_give_its_mask(finished, tmp_path, monkeypatch):
    export.save_plain(finished.model, tmp_path / "run" / apply.MODEL, depth=True)
    classes = Classes("objects", (0, 1))
    apply.Settings(classes, ["rest", "box"], 0, 1, "keep", 512, 80, 16, LEARNED, depth=True).save(tmp_path / "run")
    image = Touching(1, seed=4).images[0]
    dataset.save_image(tmp_path / "new/a.png", image[..., 0])
    files, settings = apply.files_and_settings(tmp_path / "run", tmp_path / "new")
    apply.predict_run(tmp_path / "run", files, settings, tmp_path / "out", probabilities=True)
    mask, _, depth = np.moveaxis(Predictor(finished.model, depth=True)(image), -1, 0)
    with Image.open(tmp_path / "out/masks/000_a_png.png") as kept:
        np.testing.assert_array_equal(np.asarray(kept), 255 * mask)
    with Image.open(tmp_path / "out/objects/000_a_png.png") as kept:
        assert np.asarray(kept).max() == len(np.unique(LEARNED(mask, depth))) - 1
    monkeypatch.chdir(tmp_path / "run")
    dataset.save_image(tmp_path / "run/new.png", image[..., 0])
    code = usage.snippet(classes, channels=1, contrast="keep", depth=True)
    monkeypatch.setattr(keras.Model, "predict", lambda self, batch: [np.asarray(one) for one in self(batch)])
    exec(code, {})
    with Image.open("mask.png") as kept:
        np.testing.assert_array_equal(np.asarray(kept), 255 * mask)
