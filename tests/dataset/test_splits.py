"""Splits without leakage: what is alike stays together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import image, mask, text

from segutils import dataset
from segutils.dataset.pairing import Pair
from segutils.dataset.splits import group_names, split_by_group


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=200).filter(lambda groups: len(set(groups)) >= 3),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.integers(0, 5),
)
def test_no_group_is_in_two_parts_and_no_pair_is_lost(groups, weights, seed):
    names = [f"patient {g}" for g in groups]
    shares = tuple(w / sum(weights) for w in weights)
    parts = split_by_group(names, shares=shares, seed=seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(names)))
    members = [{names[i] for i in part} for part in parts]
    assert all(members)
    assert not members[0] & members[1]
    assert not members[0] & members[2]
    assert not members[1] & members[2]
    largest = max(names.count(name) for name in names)
    for part, share in zip(parts, shares, strict=True):
        assert len(part) <= share * len(names) + largest
    for mine, again in zip(parts, split_by_group(names, shares=shares, seed=seed), strict=True):
        assert np.array_equal(mine, again)


def test_shares_are_met_where_each_is_its_own_group_and_another_seed_gives_other_parts():
    parts, other = split_by_group(range(1000)), split_by_group(range(1000), seed=1)
    assert [len(part) for part in parts] == [700, 150, 150]
    assert len(set(parts.test.tolist()) & set(other.test.tolist())) < 60


@pytest.mark.parametrize(
    ("groups", "shares", "message"),
    [
        ([1, 1, 2], (0.7, 0.15, 0.15), "at least three groups, got 2"),
        ([1, 2, 3], (0.7, 0.3), "three numbers > 0 with sum 1"),
        ([1, 2, 3], (0.8, 0.2, 0.0), "three numbers > 0"),
        ([1, 2, 3], (0.7, 0.7, 0.7), "sum 1, got"),
    ],
)
def test_splits_that_can_not_be_are_refused(groups, shares, message):
    with pytest.raises(ValueError, match=message):
        split_by_group(groups, shares=shares)


def test_groups_are_named_by_a_pattern_and_joined_by_duplicates():
    pairs = [Pair(key, f"{key}.png", (f"{key}_mask.png",)) for key in ("p1_a", "p1_b", "p2_a", "p3_a", "p4_a")]
    assert group_names(pairs) == ["p1_a", "p1_b", "p2_a", "p3_a", "p4_a"]
    assert group_names(pairs, r"p\d") == group_names(pairs, r"(p\d)_") == ["p1", "p1", "p2", "p3", "p4"]
    same = [("p1_b.png", "p3_a.png"), ("p3_a.png", "p4_a.png", "not among the pairs.png")]
    assert group_names(pairs, r"p\d", same) == ["p1", "p1", "p2", "p1", "p1"]
    for pattern in (r"q\d", r"p(x)?"):
        with pytest.raises(ValueError, match="does not fit 'p1_a'"):
            group_names(pairs, pattern)


def test_parts_that_folders_name_are_taken_only_if_complete():
    def pairs(*names):
        return [Pair(name, name, ()) for name in names]

    named = pairs("test/images/a.png", "val/images/b.png", "train/images/c.png", "train/images/d.png")
    assert [part.tolist() for part in dataset.splits_by_folder(named)] == [[2, 3], [1], [0]]
    assert dataset.splits_by_folder(named[:2] + named[3:3]) is None
    assert dataset.splits_by_folder([*named, *pairs("images/e.png")]) is None
    assert dataset.splits_by_folder(pairs("train.png", "val.png", "test.png")) is None


GROUPS = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (5 * ["train"] + 2 * ["validation"] + 3 * ["test"], ([0, 1, 2, 3, 4], [5, 6], [7, 8, 9])),
        (5 * ["train"] + 2 * ["validation"] + [None] + 2 * ["test"], ([0, 1, 2, 3, 4], [5, 6], [8, 9])),
        (10 * ["train"], None),
        (10 * [None], None),
        (5 * ["test"] + 5 * ["validation"], None),
    ],
)
def test_a_split_that_is_given_is_kept(named, expected):
    got = dataset.split_as_given(named, GROUPS)
    assert (got if got is None else tuple(part.tolist() for part in got)) == expected


@pytest.mark.parametrize("exam", ["test", "validation"])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_missing_is_taken_from_train_group_by_group_and_never_from_the_exam(exam, seed):
    got = dataset.split_as_given(8 * ["train"] + 2 * [exam], GROUPS, seed=seed)
    assert got.test.tolist() == [8, 9]
    assert sorted([*got.train, *got.validation]) == list(range(8))
    assert len(got.validation) == 2
    assert len({GROUPS[i] for i in got.validation}) == 1


def test_validation_is_taken_by_image_from_a_single_group_and_not_from_a_single_image():
    got = dataset.split_as_given(["train", "test", "train"], ["a", "b", "a"])
    assert got.test.tolist() == [1]
    assert sorted([got.train.tolist(), got.validation.tolist()]) == [[0], [2]]
    with pytest.raises(ValueError, match="train has one image with a mask only; add images to train, or a folder val"):
        dataset.split_as_given(["train", "test"], ["a", "b"])


def test_relatives_across_parts_are_named_once_for_two_parts():
    pairs = [Pair(key, f"{key}.png", ()) for key in "abcdef"]
    parts = ["train", "train", "validation", "test", None, "test"]
    groups = [("d.png", "a.png", "b.png"), ("a.png", "b.png"), ("c.png", "f.png", "e.png"), ("a.png", "c.png", "d.png")]
    assert dataset.across(pairs, parts, groups) == [
        ("a.png", "train", "d.png", "test"),
        ("c.png", "validation", "f.png", "test"),
        ("a.png", "train", "c.png", "validation"),
        ("c.png", "validation", "d.png", "test"),
    ]


def test_slices_of_a_stack_are_one_group_unless_a_pattern_parts_them():
    pairs = [Pair(f"v#{i}", f"v.tif#{i}", (f"m.tif#{i}",)) for i in range(3)] + [Pair("no#1", "no#1.png", ("x.png",))]
    assert group_names(pairs) == ["v", "v", "v", "no#1"]
    assert group_names(pairs, r"\d") == ["0", "1", "2", "1"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(0, 19), min_size=1, max_size=4), max_size=12))
def test_groups_that_duplicates_link_have_one_name_and_no_others(groups):
    pairs = [Pair(f"{i:02}", f"{i:02}.png", ("m.png",)) for i in range(20)]
    names = group_names(pairs, None, [tuple(f"{i:02}.png" for i in some) for some in groups])
    linked = {i: {i} for i in range(20)}
    for some in groups:
        together = set().union(*(linked[i] for i in some))
        linked |= dict.fromkeys(together, together)
    assert names == [f"{min(linked[i]):02}" for i in range(20)]


LISTS = {
    "films": ({"train.txt": "bear\ncamel\n", "val.txt": "dance-jump\n"}, "TTTTVV"),
    "paths of films": ({"train.lst": "", "val.txt": "480p/camel/\n", "test.txt": "480p/dance-jump\n"}, "TTVVEE"),
    "validation only": ({"valid.txt": "480p/camel/0.jpg\n480p/bear/1.jpg\n"}, "TVVTTT"),
    "cut short": ({"trn.txt": "480p/bear/0\n480p/camel/0\n480p/camel/1\n", "tst.txt": "480p/dance-jump/1\n"}, "T-TT-E"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_may_name_films_or_leave_the_train_part_out(tmp_path, kind):
    texts, expected = LISTS[kind]
    for film in ("bear", "camel", "dance-jump"):
        for i in range(2):
            image(tmp_path / f"JPEGImages/480p/{film}/{i}.jpg")
            mask(tmp_path / f"Annotations/480p/{film}/{i}.png")
    for name, content in texts.items():
        text(tmp_path / f"ImageSets/{name}", content)
    letters = {"train": "T", "validation": "V", "test": "E", None: "-"}
    assert "".join(letters[part] for part in dataset.inspect(tmp_path).parts) == expected
