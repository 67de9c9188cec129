"""What people reported in public of their own masks: each is read, or named with its cure."""

import numpy as np
import pytest
from PIL import Image
from support import save

from segutils import dataset, metrics


def blocks(*values, size=(40, 60), seed=0):
    """Large rectangles of values, each in every mask."""
    rows, columns = np.indices(size)
    return np.array(values)[(rows // 10 + columns // 12 + seed) % len(values)]


def make(path, masks, suffix="png", **options):
    rng = np.random.default_rng(0)
    for i, mask in enumerate(masks):
        save(path / f"images/{i}.png", rng.integers(0, 255, (*mask.shape[:2], 3), dtype=np.uint8))
        save(path / f"masks/{i}.{suffix}", mask, **options)
    return path


def encoded(path, report):
    files = dataset.Files(path)
    return [dataset.read_pair(files, pair, report.classes)[1] for pair in report.pairs]


def test_void_4_beside_0_1_2_is_noted_and_can_be_said(tmp_path):
    masks = [blocks(0, 1, 2, 4, seed=i).astype(np.uint8) for i in range(6)]
    make(tmp_path, masks)
    report = dataset.inspect(tmp_path)
    gap = report.findings[report.findings.fault == "gap in values"]
    assert "4 follows 2: if nobody labelled these pixels, it is void" in gap.finding.item()
    report = dataset.inspect(tmp_path, void=4)
    assert report.classes == dataset.Classes("values", (0, 1, 2), 4)
    assert "gap in values" not in set(report.findings.fault)
    assert np.array_equal(encoded(tmp_path, report)[3], np.where(masks[3] == 4, 255, masks[3]))
    with pytest.raises(
        dataset.ChoiceError, match=r"void must be a value of the masks \(0, 1, 2, 4\), .* got 3"
    ) as wrong:
        dataset.inspect(tmp_path, void=3)
    assert wrong.value.parameter == "VOID", "which is to blame, and not the folder"


def test_a_stray_225_is_an_unexpected_value_and_255_is_offered(tmp_path):
    masks = [blocks(0, 255, seed=i).astype(np.uint8) for i in range(6)]
    masks[2][3:5, 4:9] = 225
    found = dataset.inspect(make(tmp_path, masks)).findings
    slip = found[found.fault == "unexpected value"]
    assert (slip.file.item(), slip.level.item()) == ("masks/2.png", "warning")
    assert slip.finding.item() == "10 pixels of 225, in no other mask; was 255 meant?"


def test_masks_of_floats_0_and_255_are_two_classes(tmp_path):
    make(tmp_path, [blocks(0.0, 255.0, seed=i).astype(np.float32) for i in range(6)], "tif")
    report = dataset.inspect(tmp_path)
    assert report.findings.empty, str(report)
    assert report.classes == dataset.Classes("values", (0, 255))


@pytest.mark.parametrize("kind", ["blurred, in RGB", "JPEG"])
def test_soft_masks_are_named_and_read_by_the_nearest_of_their_frequent_values(tmp_path, kind):
    hard = [blocks(0, 128, 255, seed=i).astype(np.uint8) for i in range(6)]
    if kind == "JPEG":
        make(tmp_path, hard, "jpg", quality=85)
    else:
        half = [Image.fromarray(mask).resize((25, 17), Image.Resampling.BILINEAR) for mask in hard]
        make(tmp_path, [np.asarray(some.resize((60, 40), Image.Resampling.BILINEAR).convert("RGB")) for some in half])
    report = dataset.inspect(tmp_path)
    assert set(report.findings.fault) == {"lossy mask" if kind == "JPEG" else "blurred mask"}
    assert report.pairs == []
    assert report.findings.finding.str.contains("values").all()
    assert report.findings.cure.str.contains("--nearest").all()
    mended = dataset.inspect(tmp_path, nearest=True)
    assert mended.count("error") == 0, str(mended)
    assert mended.classes.kind == "nearest"
    values = np.array(mended.classes.values)
    if kind == "JPEG":
        near = values[np.abs(values[:, None] - [0, 128, 255]).argmin(0)]
        assert np.abs(near - [0, 128, 255]).max() <= 3
        right = [
            np.mean(np.abs(values[got] - true) < 9) for got, true in zip(encoded(tmp_path, mended), hard, strict=True)
        ]
        assert min(right) > 0.9
    assert mended.shares.sum() == pytest.approx(1)


def test_ripples_of_jpeg_around_black_and_white_are_no_classes(tmp_path):
    rows, columns = np.indices((96, 96))
    hard = [(255 * (np.hypot(rows % 24 - 12, columns % 24 - 12) < 5 + i)).astype(np.uint8) for i in range(4)]
    make(tmp_path, [np.repeat(mask[..., None], 3, -1) for mask in hard], "jpg", quality=75)
    mended = dataset.inspect(tmp_path, nearest=True)
    assert mended.classes.values == (0, 255)
    assert [mask.tolist() for mask in encoded(tmp_path, mended)] == [(mask // 255).tolist() for mask in hard]


@pytest.mark.parametrize(("void", "values"), [("auto", (0, 1, 2)), (0, (1, 2)), ("none", (0, 1, 2))])
def test_0_as_other_counts_as_class_or_void_by_choice(tmp_path, void, values):
    make(tmp_path, [blocks(0, 1, 2, seed=i).astype(np.uint8) for i in range(6)])
    report = dataset.inspect(tmp_path, void=void)
    assert report.classes.values == values
    assert report.shares.tolist() == pytest.approx([1 / len(values)] * len(values), abs=0.03)
    got = encoded(tmp_path, report)[0]
    assert ((got == 255).any(), int(got[got < 255].max())) == (void == 0, len(values) - 1)


def test_void_comes_from_a_list_that_names_it(tmp_path):
    make(tmp_path, [blocks(0, 1, 11, seed=i).astype(np.uint8) for i in range(6)])
    (tmp_path / "classes.csv").write_text("id,name\n0,sky\n1,road\n11,Void\n")
    report = dataset.inspect(tmp_path)
    assert (report.classes.values, report.classes.void, report.names) == ((0, 1), 11, ("sky", "road"))
    assert dataset.inspect(tmp_path, void="none").names == ("sky", "road", "Void")


def test_void_can_be_a_class_name_or_a_colour(tmp_path):
    chosen = np.array([(0, 0, 0), (255, 0, 0), (9, 9, 99)], np.uint8)
    make(tmp_path, [chosen[blocks(0, 1, 2, seed=i)] for i in range(6)])
    (tmp_path / "class_dict.csv").write_text("name,r,g,b\nsky,0,0,0\nroad,255,0,0\nunsure,9,9,99\n")
    for void in ("unsure", "#090963"):
        report = dataset.inspect(tmp_path, void=void)
        assert report.names == ("sky", "road")
        assert report.classes.void == 0x090963


def test_a_mean_iou_is_exact_beyond_two_to_the_31_pixels():
    """3 billion and 1 pixels, and one wrong pixel among 2 ** 25 of one image."""
    table = np.array([[3_000_000_001, 1], [2, 4]])
    assert metrics.iou(table)[0] == 3_000_000_001 / 3_000_000_004
    assert metrics.iou(table)[1] == 4 / 7
    truth = np.zeros((4096, 8192), np.uint8)
    guess = truth.copy()
    guess[0, 0] = 1
    counted = metrics.confusion_matrix(truth, guess, 2)
    assert np.asarray(counted).tolist() == [[2**25 - 1, 1], [0, 0]]
    assert metrics.iou(np.asarray(counted) * 100)[0] == (2**25 - 1) / 2**25
