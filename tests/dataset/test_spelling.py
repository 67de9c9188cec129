"""Names that differ in little: signs, capitals, marks, repeated words; no mask goes to the image of a near name."""

import numpy as np
import pytest
from support import save

from segutils import dataset
from segutils.dataset import letters, spelling

SIZE = (24, 30)
FOLDERS = [("images", "masks"), ("ortho", "etiketten")]


def photo(seed):
    return np.random.default_rng(seed).integers(0, 255, (*SIZE, 3), dtype=np.uint8)


def pairs_of(path, images, masks, folders=("ortho", "etiketten")):
    """[(stem of an image, stem of its mask)] of what is found among files with these stems."""
    for i, stem in enumerate(images):
        save(path / folders[0] / f"{stem}.tif", photo(i))
    for i, stem in enumerate(masks):
        save(path / folders[1] / f"{stem}.png", 255 * (np.indices(SIZE).sum(0) // 9 % 2 == i % 2).astype(np.uint8))
    found = dataset.arrange(dataset.Files(path)).pairing
    return sorted(tuple(name.rpartition("/")[2][:-4] for name in (pair.image, *pair.masks)) for pair in found.pairs)


ALIKE = {
    "signs": [f"tile_{x}_{y}" for x in (-1, 0, 1) for y in (-2, 1, 2)],
    "signs behind letters": ["x-1_y2", "x0_y2", "x1_y2", "x1_y-2"],
    "plus and minus": ["s7_+5", "s7_-5", "s8_+5", "s9_5", "s9+5", "s9-5"],
    "signs at the start": ["-1", "1", "-2", "2", "-1.5", "1.5"],
    "capitals": ["wt_A", "wt_a", "wt_b", "mut_A", "mut_B"],
    "symbols": ["a", "a+", "a#", "b", "c%"],
    "separators": ["a_1_2", "a_1-2", "a_1.2", "b_3_4"],
    "repeated words": ["left", "left_left", "left_left_left", "right"],
    "zeros": ["1", "01", "2", "02", "3"],
    "Devanagari": ["का", "कि", "की", "कु", "कू", "के"],
    "Thai": ["กา", "กิ", "กี", "กุ"],
    "Arabic digits": ["صورة٣", "صورة٤", "صورة٥"],
    "Arabic points": ["بَ", "بِ", "بُ"],
    "pictures": ["😀", "😁", "😂"],
    "Latin-1": ["Bl\udcf6cke", "Bl\udce4cke", "Bl\udcfccke"],
}


@pytest.mark.parametrize("folders", FOLDERS)
@pytest.mark.parametrize("names", ALIKE.values(), ids=ALIKE)
def test_files_with_one_stem_are_pairs_however_near_other_stems_are(tmp_path, names, folders):
    assert pairs_of(tmp_path, names, names, folders) == sorted((name, name) for name in names)


NEAR = {
    "a minus": ("tile_-1_2", "tile_1_2", ["tile_0_1", "tile_0_2", "tile_2_2", "tile_3_1"]),
    "a minus at the end": ("a_-1", "a_1", ["b_1", "c_1", "d_1"]),
    "plus, minus": ("s7_+5", "s7_-5", ["s1_+5", "s2_+5", "s3_-5", "s4_+6"]),
    "plus, minus behind a digit": ("s7+5", "s7-5", ["s1+5", "s2-5", "s3-5", "s4+6"]),
    "plus, minus, and one end": ("a_-1", "a_+1", ["b_-1", "c_-1", "d_+1"]),
    "a minus behind a letter": ("x-1_y2", "x1_y2", ["x0_y1", "x0_y2", "x2_y2"]),
    "capitals": ("wt_A", "wt_a", ["wt_B", "wt_b", "wt_C"]),
    "a repeated word": ("left_left", "left", ["right", "up", "down"]),
    "a vowel": ("का", "कि", ["के", "की", "गा", "गि"]),
    "zeros": ("01", "1", ["2", "3", "4", "02"]),
}


@pytest.mark.parametrize("folders", FOLDERS)
@pytest.mark.parametrize("case", NEAR.values(), ids=NEAR)
def test_where_image_and_mask_of_two_near_names_are_lost_the_rest_are_no_pair(tmp_path, case, folders):
    image, mask, others = case
    assert pairs_of(tmp_path, [image, *others], [mask, *others], folders) == sorted((one, one) for one in others)


def test_a_sign_behind_the_word_of_a_role_stays_with_its_number(tmp_path):
    for i, number in enumerate(("-2", "-1", "0", "2")):
        save(tmp_path / f"img_{number}.png", photo(i))
    for number in ("-2", "1", "0", "2"):
        save(tmp_path / f"mask_{number}.png", np.eye(*SIZE, dtype=np.uint8))
    found = dataset.find_pairs(dataset.Files(tmp_path)).pairs
    assert {pair[1:] for pair in found} == {(f"img_{n}.png", (f"mask_{n}.png",)) for n in ("-2", "0", "2")}


def test_names_that_are_written_otherwise_throughout_are_still_partners(tmp_path):
    images, masks = [f"Scan-{i:02}" for i in range(1, 7)], [f"scan_{i}" for i in range(1, 7)]
    assert pairs_of(tmp_path, images, masks) == sorted(zip(images, masks, strict=True))


def test_folders_of_masks_are_told_apart_by_capitals_where_images_are(tmp_path):
    for i, stem in enumerate(("a", "A", "b")):
        save(tmp_path / f"ortho/{stem}.tif", photo(i))
        for k in range(2):
            save(tmp_path / f"etiketten/{stem}/{'xy'[k]}{i}.png", 255 * np.eye(*SIZE, k, dtype=np.uint8))
    found = dataset.find_pairs(dataset.Files(tmp_path)).pairs
    assert {(pair.image[6], mask[10]) for pair in found for mask in pair.masks} == {("a", "a"), ("A", "A"), ("b", "b")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("img001", ["img", "001"]),
        ("का_कि2", ["का", "कि", "2"]),
        ("Gro\u0308ße ٣", ["Gro\u0308ße", "٣"]),
        ("trainannot_5", ["train", "annot", "5"]),
    ],
)
def test_a_name_is_taken_apart_into_words_and_numbers_of_any_script(text, words):
    assert [word.text for word in spelling.split_words(text)] == words


@pytest.mark.parametrize(
    ("texts", "signed"),
    [
        (["tile_-1_2"], [["-1"]]),
        (["scan-01", "scan-02"], [[], []]),
        (["x-1", "x1"], [["-1"], []]),
        (["2020-01-02"], [[]]),
        (["a--5"], [["-5"]]),
    ],
)
def test_a_sign_belongs_to_its_number_where_it_is_no_separator(texts, signed):
    found = letters.signs({text: ("image", text) for text in texts})
    assert [[letters.NUMBER.match(text, place)[0] for place in sorted(found[text])] for text in texts] == signed
