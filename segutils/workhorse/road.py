"""Steps between the folder and the training: the split, and images to choose the recipe by."""

from typing import NamedTuple

import numpy as np

from segutils.dataset.images import read_image
from segutils.dataset.similar import neighbours
from segutils.dataset.splits import Splits, across, group_names, split_as_given, split_by_group
from segutils.workhorse.data import evenly_apart
from segutils.workhorse.wording import listed

LOOKED_AT = 24  # training images that the recipe looks at
OTHERWISE = "label more images, or split them otherwise (another SEED, other folders)"


class Split(NamedTuple):
    """parts: Splits. groups: for each pair the name of its source. why: sentences. related: as splits.across."""

    parts: Splits
    groups: np.ndarray
    why: tuple
    related: list


def split(files, report, *, pattern=None, relatives=True, seed=0):
    """Train, validation and test: the set's own parts where it has some, else by source, none in two parts.

    Args:
        files: dataset.Files. report: of the doctor.
        pattern: regular expression for an image's source in its path; None: images that are alike are one source.
        relatives: look for tiles of one image and for frames of one film.
        seed: int >= 0.
    Returns: Split.
    Raises: ValueError if the pattern does not fit, there are too few images, or a part has no labelled pixel.
    """
    found = _split(files, report, pattern, relatives, seed)
    for name, part in zip(Splits._fields, found.parts, strict=True):
        if report.counts is not None and not report.counts[part].sum():
            raise ValueError(f"expected labelled pixels in each part, got none in {name}; {OTHERWISE}")
    return found if report.counts is None else found._replace(why=(*found.why, *_never_seen(report, found.parts)))


def _never_seen(report, parts):
    """A sentence on the classes that no training image holds, though others do; none if all are there."""
    here, somewhere = report.counts[parts.train].sum(0), report.counts.sum(0)
    missing = [report.classes.show(value) for value in np.array(report.classes.values)[(here == 0) & (somewhere > 0)]]
    if missing:
        said = f"No training image holds mask value {listed(missing, word='or')}, so the network can't learn it"
        yield f"{said}; {OTHERWISE}."


def _split(files, report, pattern, relatives, seed):
    alike = list(report.duplicates)
    if relatives and pattern is None:
        looked = report.tiles is not None
        alike += report.near
        alike += report.tiles if looked else neighbours(files, report.pairs, borders=report.borders or None)
    groups, why = np.array(group_names(report.pairs, pattern, alike)), []
    own = split_as_given(report.parts, groups, seed=seed)
    if own is not None:
        given = [part for part in Splits._fields if part in report.parts]
        related = across(report.pairs, report.parts, alike)
        why.append(f"The set's own parts are kept ({', '.join(given)})")
        if "test" not in given:
            why[-1] += "; what it calls validation is the test, and validation is taken from train"
        elif "validation" not in given:
            why[-1] += "; validation is taken from train"
        if len(given) < 3 and set(groups[own.train]) & set(groups[own.validation]):
            why.append("All train images hang together, so validation is some of them, and its score is too high")
        if related:
            why.append(f"{len(related)} groups of relatives lie in two parts, so the score may be too high")
        return Split(own, groups, _sentences(why), related)
    if len(report.pairs) < 3:
        need = "training, validation and test need at least three images with masks"
        raise ValueError(f"{need}, got {len(report.pairs)}; add some")
    if len(set(groups)) < 3 and pattern is None:
        groups = np.array(group_names(report.pairs, None, report.duplicates))
        if len(set(groups)) < 3:
            groups = np.array([pair.key for pair in report.pairs])
        why.append("All images hang together, so the split is by image, and the score tells of images like these alone")
    elif pattern is not None:
        why.append("The split is by the sources that GROUPS finds in the paths: none is in two parts")
    elif len(set(groups)) < len(groups):
        joined = len(groups) - len(set(groups))
        they = f"{joined} images join others that they resemble or adjoin"
        they = "1 image joins others that it resembles or adjoins" if joined == 1 else they
        why.append(f"The split is by source: {they}, in one part")
    else:
        why.append("The split is by image, for no two are copies, neighbours or frames of one film")
    return Split(split_by_group(groups, seed=seed), groups, _sentences(why), [])


def _sentences(parts):
    return tuple(f"{part}." for part in parts)


def sample_images(files, pairs, indices, *, channels):
    """Some training images as they are stored, evenly apart in the list: what the recipe is chosen by."""
    return [read_image(files, pairs[i].image, channels=channels) for i in evenly_apart(indices, LOOKED_AT)]
