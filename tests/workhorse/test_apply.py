"""A finished run used again: by this package, and by plain Keras with the lines that the report shows."""

import keras
import numpy as np
import pytest
from PIL import Image

from segutils import dataset, models
from segutils.dataset.classes import Classes
from segutils.running.command import main
from segutils.workhorse import apply, counting, usage
from segutils.workhorse.export import save_plain
from segutils.workhorse.recipe import prepare

CLASSES = Classes("values", (0, 128, 255), 77)
RULE = counting.Rule(counting.CONNECTED, 1, 3, ("because",))
SETTINGS = apply.Settings(CLASSES, ["a", "b", "c"], 0, 3, "stretch", 512, 80, 16, RULE)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder with a small model whose scores differ from pixel to pixel."""
    keras.utils.set_random_seed(3)
    folder = tmp_path_factory.mktemp("run")
    save_plain(models.unet(3, channels=3, width=4), folder / apply.MODEL)
    SETTINGS.save(folder)
    return folder


@pytest.fixture
def images(tmp_path, rng):
    for name, size in (("a.png", (40, 53)), ("b.png", (32, 32))):
        dataset.save_image(tmp_path / "new" / name, rng.integers(0, 200, (*size, 3)).astype(np.uint8))
    return tmp_path / "new"


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_settings_come_back_as_they_were(run):
    assert apply.load_settings(run) == SETTINGS
    colours = SETTINGS._replace(classes=Classes("colours", (0, 0xFF0000)), rule=None, background=None)
    colours.save(run / "other")
    assert apply.load_settings(run / "other") == colours


def test_the_command_predicts_a_folder_and_the_lines_of_the_report_give_the_same_mask(
    run, images, tmp_path, monkeypatch, capsys
):
    assert main(["predict", str(run), str(images), "--output", str(tmp_path / "out"), "--coco"]) == 0
    assert capsys.readouterr().out == f"2 images predicted: {tmp_path / 'out'}\n"
    found = read(tmp_path / "out/masks/000_a_png.png")
    assert found.shape == (40, 53)
    assert len(np.unique(found)) > 1
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"masks", "overlays", "objects.csv", "coco.json"}
    code = usage.snippet(CLASSES, channels=3, contrast="stretch")
    assert len([line for line in code.splitlines() if line]) <= 15
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.keras").write_bytes((run / apply.MODEL).read_bytes())
    (tmp_path / "new.png").write_bytes((images / "a.png").read_bytes())
    monkeypatch.setattr(keras.Model, "predict", lambda self, batch: np.asarray(self(batch)))  # prints no bar
    exec(code, {})
    assert (read(tmp_path / "mask.png") != found).mean() < 0.02, "sides are padded, and grey levels rounded, otherwise"


def test_what_cannot_be_done_is_refused_before_the_model_is_loaded(run, images, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    SETTINGS._replace(rule=None).save(tmp_path / "plain")
    for place in ("plain", "half"):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / apply.MODEL).write_bytes((run / apply.MODEL).read_bytes()[:999])
    SETTINGS.save(tmp_path / "half")
    for arguments, words in [
        ((run, images, "--output", images / "out"), f"lies in IMAGES, {images}"),
        ((run, images, "--output", tmp_path / "file"), f"--output must be a folder, and {tmp_path / 'file'} is a file"),
        ((tmp_path / "half", images), f"expected model.keras of a finished run in {tmp_path / 'half'}, got none"),
        ((tmp_path / "plain", images, "--coco"), "--coco needs a run that counts objects"),
    ]:
        assert main(["predict", *map(str, arguments)]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
    assert {path.name for path in images.iterdir()} == {"a.png", "b.png"}


@pytest.mark.parametrize("channels", [1, 3])
def test_the_lines_read_images_of_16_bit_and_turned_ones_as_the_run_did(tmp_path, monkeypatch, rng, channels):
    """Pillow itself cuts 16 bit at 255, and leaves a photograph as the camera lay."""
    seen = []

    class Watch:
        def predict(self, batch):
            seen.append(batch[0])
            return np.zeros((*batch.shape[:3], 2))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keras.models, "load_model", lambda path: Watch())
    deep = (257 * rng.integers(0, 256, (16, 32))).astype(np.uint16)
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera lay on its side
    for exif, expected in ((None, deep // 257), (turned, np.rot90(deep // 257, -1))):
        given = (deep // 257).astype(np.uint8) if exif else deep
        Image.fromarray(given).save(tmp_path / "new.png", **({"exif": exif} if exif else {}))
        exec(usage.snippet(CLASSES, channels=channels, contrast="keep"), {})
        assert np.array_equal(seen.pop(), np.repeat(expected[..., None], channels, -1))


@pytest.mark.parametrize("contrast", ["keep", "root"])
@pytest.mark.parametrize(("kind", "values"), [("values", (0, 3000)), ("colours", (0, 0x0A0B0C)), ("objects", (0, 1))])
def test_the_lines_fit_channels_contrast_and_values(tmp_path, monkeypatch, rng, contrast, kind, values):
    image = rng.integers(20, 120, (24, 32)).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "new.png")

    class Threshold:
        def predict(self, batch):
            assert batch.shape == (1, 32, 32, 1)
            return np.stack([0 * batch[..., 0], batch[..., 0] - 70], axis=-1)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keras.models, "load_model", lambda path: Threshold())
    classes = Classes(kind, values)
    exec(usage.snippet(classes, channels=1, contrast=contrast), {})
    label = (prepare(image[..., None], contrast)[..., 0] > 70).astype(np.uint8)
    from segutils.workhorse.keep import stored

    assert (read(tmp_path / "mask.png") != stored(label, classes)).mean() < 0.02


def test_the_lines_say_where_the_run_itself_looks_four_times():
    options = {"channels": 1, "contrast": "keep"}
    once = usage.snippet(Classes("values", (0, 255)), **options)
    assert usage.snippet(Classes("values", (0, 255)), **options, turns=True).splitlines()[1:] == once.splitlines()
    assert SETTINGS._replace(turns=True).predictor(None).turns


def test_what_is_no_run_or_no_image_is_refused_in_a_sentence(run, images, tmp_path, capsys):
    assert main(["predict", str(tmp_path), str(images)]) == 2
    assert "expected model.json of a finished run" in capsys.readouterr().err
    assert main(["predict", str(run), str(tmp_path / "nowhere")]) == 2
    assert "expected a folder or a zip" in capsys.readouterr().err
    for name in ("a.png", "b.png"):
        (images / name).write_bytes(b"no image")
    assert main(["predict", str(run), str(images), "--output", str(tmp_path / "out")]) == 2
    assert "no image can be read; a.png: can't be read as" in capsys.readouterr().err


def test_a_bad_image_is_skipped_and_said_and_the_others_are_predicted(run, images, tmp_path, capsys):
    (images / "aa.png").write_bytes(b"no image")
    assert main(["predict", str(run), str(images), "--output", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert f"2 images predicted: {tmp_path / 'out'}; 1 skipped" in told.out
    assert "skipped aa.png: can't be read as" in told.err
    assert len(list((tmp_path / "out/masks").iterdir())) == 2


def test_a_large_image_is_predicted_from_disk_with_the_same_answer(run, tmp_path, rng, monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    values = rng.integers(0, 200, (200, 230, 3)).astype(np.uint8)
    (tmp_path / "new").mkdir()
    tifffile.imwrite(tmp_path / "new/a.tif", values, tile=(64, 64), photometric="rgb")
    model = keras.saving.load_model(run / apply.MODEL, compile=False)
    files, options = dataset.Files(tmp_path / "new"), {"probabilities": True}
    settings = SETTINGS._replace(tile=128, margin=16)
    apply.predict_new(files, model, settings, tmp_path / "small", **options)
    for module in ("workhorse.apply", "dataset.windows"):
        monkeypatch.setattr(f"segutils.{module}.MAX_PIXELS", 1_000)
    count, shown, _ = apply.predict_new(files, model, settings, tmp_path / "large", **options)
    assert count == len(shown) == 1
    np.testing.assert_array_equal(*(read(tmp_path / f"{kind}/masks/000_a_tif.png") for kind in ("small", "large")))
    planes = [tifffile.imread(tmp_path / f"{kind}/probabilities/000_a_tif.tif") for kind in ("small", "large")]
    np.testing.assert_array_equal(*planes)
    assert not list((tmp_path / "large").glob(".large-*")), "what was on disk is gone"
