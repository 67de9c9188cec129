"""What a run leaves for each image: its mask in the set's own values, an overlay, numbered objects, probabilities."""

import contextlib
import csv
import json

import numpy as np
from skimage.measure import regionprops_table

from segutils.dataset.images import save_image
from segutils.dataset.report import as_stored, file_name
from segutils.dataset.windows import MAX_PIXELS
from segutils.plumbing import made
from segutils.plumbing.storage import atomic_write
from segutils.workhorse import counting, figures

COLUMNS = ("image", "object", "class", "area", "row", "column", "top", "left", "bottom", "right")
THUMBNAIL = 1600  # pixels; an overlay of a larger image is made smaller


def stored(mask, classes):
    """A class mask with the values that the set's own masks have; objects drawn one by one become 255 on 0."""
    if classes.kind in ("values", "nearest") and tuple(classes.values) == (0, 1):
        return np.asarray(mask, np.uint8)
    return as_stored(mask, classes)


def save_mask(path, mask, classes):
    """Write a mask as PNG, or as TIFF where it is too large for most readers of PNG; returns the path."""
    if mask.size <= MAX_PIXELS:
        save_image(path, stored(mask, classes))
        return path
    import tifffile

    path, side = path.with_suffix(".tif"), 1024
    windows = [(y, x) for y in range(0, mask.shape[0], side) for x in range(0, mask.shape[1], side)]
    first = stored(mask[:1, :1], classes)

    def tiles():
        for y, x in windows:
            values = stored(mask[y : y + side, x : x + side], classes)
            short = [(0, side - length) for length in values.shape[:2]]
            yield np.pad(values, [*short, *[(0, 0)] * (values.ndim - 2)])

    with atomic_write(path) as temporary:
        shape = (*mask.shape, *first.shape[2:])
        options = {"photometric": "rgb" if first.ndim == 3 else "minisblack", "compression": "zlib"}
        tifffile.imwrite(temporary, tiles(), shape=shape, dtype=first.dtype, tile=(side, side), **options)
    return path


def save_probabilities(path, probabilities, names):
    """Write (H, W, K) uint16 as a TIFF of K planes; 65535 is certain."""
    import tifffile

    with atomic_write(path) as temporary:
        about = {"axes": "CYX", "Channel": {"Name": list(names)}}
        planes = np.moveaxis(np.asarray(probabilities[:]), -1, 0)
        tifffile.imwrite(temporary, planes, photometric="minisblack", compression="zlib", metadata=about)


def run_lengths(inside):
    """COCO's uncompressed code of a mask (H, W) bool: lengths of runs down the columns, the first of them outside."""
    flat = np.asarray(inside, bool).ravel(order="F")
    turns = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate([[0] if not flat[:1].any() else [0, 0], turns, [len(flat)]])
    return np.diff(edges).tolist()


class Keeper:
    """Writes what is asked for of each predicted image into a folder; a context manager.

    What an earlier one left there and this one does not write again goes, once all is written; other files stay.

    Args:
        folder: Path. classes: dataset.Classes. names: of the classes. background: number of that class, or None.
        rule: counting.Rule that makes objects, or None for none.
        coco: also write coco.json of the objects.
    """

    def __init__(self, folder, classes, names, *, background=None, rule=None, coco=False):
        self.folder, self.classes, self.names, self.background, self.rule = folder, classes, names, background, rule
        self.colours = figures.class_colours(len(names), background)
        self.coco = {"images": [], "categories": [], "annotations": []} if coco and rule else None
        self.count, self.held, self.rows, self.made = 0, contextlib.ExitStack(), None, set()

    def __enter__(self):
        self.earlier = made.listed(self.folder)
        if self.rule:
            temporary = self.held.enter_context(atomic_write(self._new("objects.csv")))
            options = {"newline": "", "encoding": "utf-8", "errors": "backslashreplace"}  # for names of other encodings
            self.rows = csv.writer(self.held.enter_context(open(temporary, "w", **options)))
            self.rows.writerow(COLUMNS)
        if self.coco:
            kinds = [k for k in range(len(self.names)) if k != self.background]
            self.coco["categories"] = [{"id": k + 1, "name": self.names[k]} for k in kinds]
        return self

    def __exit__(self, *error):
        if self.coco and error[0] is None:
            with atomic_write(self._new("coco.json")) as temporary:
                temporary.write_text(json.dumps(self.coco), encoding="utf-8")
        swallowed = self.held.__exit__(*error)
        if error[0] is None:
            made.remove_stale(self.folder, self.earlier, self.made)
            made.remember(self.folder, self.made)
        elif self.made:
            made.remember(self.folder, self.earlier | self.made)
        return swallowed

    def _new(self, *parts):
        """Path of a file that is about to be written."""
        self.made.add("/".join(parts))
        return self.folder.joinpath(*parts)

    def add(self, key, image, mask, *, file="", depth=None, probabilities=None, numbered=None):
        """Write all of one image. Returns: the name that its files share, and the overlay.

        Args:
            key: name of the image. image: (H, W, C) uint8, sliced like an array. mask: (H, W) ints, predicted,
                sliced like an array.
            file: of the image, as coco.json names it; "": the key.
            depth: (H, W), as the rule takes it, or None.
            probabilities: (H, W, K) uint16, or None.
            numbered: (H, W) ints, the objects by the rule, where they are known.
        """
        name = file_name(self.count, key)
        self.count += 1
        if mask.size <= MAX_PIXELS:  # a larger one may lie on disk, and is sliced
            mask = np.asarray(mask[:, :], np.uint8)
        self._new("masks", save_mask(self.folder / "masks" / name, mask, self.classes).name)
        every = -(-max(mask.shape) // THUMBNAIL)
        shown = np.asarray(image[::every, ::every]), mask[::every, ::every]
        laid = figures.overlay(*shown, self.colours, background=self.background)
        save_image(self._new("overlays", name), laid, fast=True)
        if probabilities is not None:
            planes = name.removesuffix(".png") + ".tif"
            save_probabilities(self._new("probabilities", planes), probabilities, self.names)
        if self.rule and mask.size <= counting.LARGEST:
            self._add_objects(key, file or key, name, mask, depth, numbered)
        return name, laid

    def _add_objects(self, key, file, name, mask, depth, numbered):
        of_class = counting.foreground(mask[:, :], self.background)
        numbered = _in_order(self.rule(of_class, depth) if numbered is None else numbered)
        count = int(numbered.max(initial=0))
        if count > 65535:
            import tifffile

            with atomic_write(self._new("objects", name.removesuffix(".png") + ".tif")) as temporary:
                tifffile.imwrite(temporary, numbered.astype(np.uint32), compression="zlib")
        else:
            save_image(self._new("objects", name), numbered.astype(np.uint16))
        about = ("label", "area", "centroid", "bbox", "intensity_max") if count else ()
        table = regionprops_table(numbered, of_class, properties=about) if count else {}
        if self.coco:
            self.coco["images"].append(
                {"id": self.count, "file_name": file, "height": mask.shape[0], "width": mask.shape[1]}
            )
        for k in range(count):
            kind, area = int(table["intensity_max"][k]) - 1, int(table["area"][k])
            box = [int(table[f"bbox-{side}"][k]) for side in range(4)]
            centre = [round(float(table[f"centroid-{axis}"][k]), 2) for axis in range(2)]
            self.rows.writerow([key, k + 1, self.names[kind], area, *centre, *box])
            if self.coco:
                self._add_annotation(numbered == k + 1, kind, area, box)

    def _add_annotation(self, inside, kind, area, box):
        top, left, bottom, right = box
        self.coco["annotations"].append(
            {
                "id": len(self.coco["annotations"]) + 1,
                "image_id": self.count,
                "category_id": kind + 1,
                "segmentation": {"size": list(inside.shape), "counts": run_lengths(inside)},
                "area": area,
                "bbox": [left, top, right - left, bottom - top],
                "iscrowd": 0,
            }
        )


def _in_order(numbered):
    """The same objects, numbered 1, 2, … without gaps."""
    there = np.bincount(numbered.ravel(), minlength=1) > 0
    there[0] = True
    return (np.cumsum(there) - 1)[numbered]
