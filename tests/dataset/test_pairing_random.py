"""Two sets of names that differ by any folder, prefix and suffix are paired, whatever stands beside them."""

import random
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from segutils import dataset

WORDS = ["amber", "birch", "cedar", "delta", "ember", "frost", "grove", "heath", "iris", "jade", "kelp", "lotus"]
SIZE = (24, 30)
PHOTOS = [Image.fromarray(np.random.default_rng(i).integers(0, 255, (*SIZE, 3), dtype=np.uint8)) for i in range(12)]
STRIPES = [(np.indices(SIZE).sum(0) // 18 + k) % 3 for k in range(3)]
LABELS = [Image.fromarray(np.array([0, 1, 4], np.uint8)[stripe]) for stripe in STRIPES]
COLOURS = [Image.fromarray(np.array([(0, 0, 0), (200, 9, 9), (0, 9, 200)], np.uint8)[stripe]) for stripe in STRIPES]
KEYS = {
    "padded": lambda draw, n: [f"{i:04}" for i in range(n)],
    "unpadded": lambda draw, n: [str(i + 1) for i in range(n)],
    "words": lambda draw, n: draw.sample(WORDS, n),
    "hashes": lambda draw, n: ["".join(draw.choice("0123456789abcdef") for _ in range(8)) for _ in range(n)],
    "dates": lambda draw, n: [f"2021-03-{i + 1:02}" for i in range(n)],
    "words with numbers": lambda draw, n: [f"{WORDS[i % 3]}{i}" for i in range(n)],
    "two levels": lambda draw, n: [f"{WORDS[i // 4]}_{i % 4}" for i in range(n)],
}
FOLDERS = ["", "images", "photos", "raw", "x", "data/input", "JPEGImages", "A", "scans 2020", "frames"]
DRAWN = ["", "masks", "labels", "gt", "y", "data/output2", "annotation", "B", "drawn by Ada", "truth"]
BEFORE, AFTER = ["", "", "", "img_", "im", "scan-", "photo "], ["", "", "", "_img", "_rgb", "-raw", "_0000"]
MASK_BEFORE = ["", "", "", "mask_", "seg", "gt-", "label "]
MASK_AFTER = ["", "", "_mask", "_seg", "-labels", "_L", "_anno", "_bw", "_manual"]
ASIDE = ["", "", "colour", "predictions"]


def a_set(draw):
    """{name: image} and the expected pairs, or None where two files would have one name."""
    count = draw.choice([5, 6, 8, 12])
    names = KEYS[draw.choice(list(KEYS))](draw, count)
    split = draw.choice([None, None, "above", "below", "in the folder's name"])
    parts = ["train"] * (count - 4) + ["val"] * 2 + ["test"] * 2 if split else [""] * count
    if split and draw.random() < 0.5:  # numbers begin again in each part
        seen = Counter()
        names = [f"{seen.update([part]) or seen[part]:03}" for part in parts]
    folder, drawn, aside = draw.choice(FOLDERS), draw.choice(DRAWN), draw.choice(ASIDE)
    before, after, before_mask, after_mask = map(draw.choice, (BEFORE, AFTER, MASK_BEFORE, MASK_AFTER))
    if draw.random() < 0.3:
        before_mask = draw.choice([before, before_mask + before])
    suffix, mask_suffix = draw.choice(["png", "jpg", "bmp", "tif"]), draw.choice(["png", "png", "bmp", "tif", "gif"])
    lone = draw.sample(range(count), draw.choice([0, 0, 1])) if count > 6 and not split else []

    def place(part, home, stem):
        if split == "in the folder's name":
            home, part = f"{part}_{home}".strip("_").replace("/", "_"), ""
        folders = (part, home) if split == "above" else (home, part)
        return "/".join(filter(None, (*folders, stem)))

    files, pairs = {}, []
    for i, (name, part) in enumerate(zip(names, parts, strict=True)):
        image = place(part, folder, f"{before}{name}{after}.{suffix}")
        mask = place(part, drawn, f"{before_mask}{name}{after_mask}.{mask_suffix}")
        if {image, mask} & set(files) or image == mask:
            return None
        files[image] = PHOTOS[i]
        if i not in lone:
            files[mask] = LABELS[draw.randrange(3)]
            pairs.append((image, (mask,)))
        if aside and i not in lone:
            files[place(part, aside, f"{name}.png")] = (COLOURS if aside == "colour" else LABELS)[draw.randrange(3)]
    return files, sorted(pairs)


@pytest.mark.parametrize("seed", [*range(60), 97, 177, 290])  # the last three: hashes behind glued prefixes
def test_sets_with_names_of_any_kind_are_paired(tmp_path, seed):
    draw = random.Random(seed)
    made = None
    while made is None:
        made = a_set(draw)
    for name, image in made[0].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        image.save(tmp_path / name)
    found = dataset.arrange(dataset.Files(tmp_path))
    assert sorted((pair.image, pair.masks) for pair in found.pairing.pairs) == made[1], found.question
