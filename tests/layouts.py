"""Folders of images and masks as public sets and tools make them, tiny: each builder fills a folder.

LAYOUTS: {name: Layout}, what the doctor should find. Pixels are made here: images are smooth with noise, masks discs.
"""

import json
import zlib
from typing import NamedTuple

import numpy as np
import tifffile
from PIL import Image

ROWS, COLUMNS = SIZE = (36, 44)
FRAMES = {"train": range(4), "val": range(4, 6), "test": range(6, 8)}


class Layout(NamedTuple):
    """A builder, the number of pairs, the classes' names (or their number), the parts that are named, words of notes.

    question: words of the one sentence that asks; then no pair is expected.
    """

    build: object
    pairs: int
    classes: object = 2
    parts: dict | None = None
    notes: tuple = ()
    question: str = ""


def _save(path, values, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in (".tif", ".tiff") and (
        values.dtype != np.uint8 or values.ndim > 3 or values.shape[-1] > 4 > values.ndim
    ):
        tifffile.imwrite(path, values, **options)
    else:
        Image.fromarray(values).save(path, **options)


def _random(path):
    """Numbers that the path below the test's own folder gives, so that each run draws the same images."""
    parts = path.parts
    own = next((i for i, part in enumerate(parts) if part.startswith("test_")), 0)
    return np.random.default_rng(zlib.crc32("/".join(parts[own + 1 :]).encode()))


def image(path, bands=3, **options):
    """Smooth light with noise, of a size and a seed that the name gives."""
    rng = _random(path)
    coarse = Image.fromarray(rng.integers(40, 200, (5, 6, 3), "uint8")).resize(
        (COLUMNS, ROWS), Image.Resampling.BICUBIC
    )
    values = np.clip(np.asarray(coarse) + rng.normal(0, 9, (*SIZE, 3)), 0, 255).astype("uint8")
    _save(path, values if bands == 3 else values[..., 0], **options)


def discs(count, seed=0):
    """Numbers 1 to count on discs that do not touch."""
    rng, rows, columns = np.random.default_rng(seed), *np.indices(SIZE)
    numbered, cell = np.zeros(SIZE, np.int64), 44 // 6
    for k, at in enumerate(rng.permutation(30)[:count], start=1):
        y, x = divmod(int(at), 6)
        numbered[np.hypot(rows - 7 * y - 3, columns - cell * x - 3) < rng.uniform(2, 3.3)] = k
    return numbered


def labels(values, seed=0):
    """Values on discs, the first around them; each value occurs."""
    numbered = discs(max(6, 2 * len(values)), seed)
    return (
        np.array(values)[np.where(numbered, 1 + numbered % max(1, len(values) - 1), 0)] if len(values) > 1 else numbered
    )


def mask(path, values=(0, 255), palette=False, **options):
    picture = labels(values, zlib.crc32(path.stem.encode())).astype("uint8")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(picture)
    if palette:
        picture.putpalette([c for v in range(256) for c in (v * 37 % 256, v * 91 % 256, v * 53 % 256)])
    picture.save(path, **options)


def colours(path, chosen):
    seed = zlib.crc32(path.stem.encode())
    _save(path, np.array(chosen, "uint8")[labels(range(len(chosen)), seed).astype(int)])


def numbered(path, count, dtype="uint16"):
    _save(path, discs(count, zlib.crc32(path.stem.encode())).astype(dtype))


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def both(p, image_name, mask_name, numbers=range(6), values=(0, 255), **options):
    """Images and masks by two patterns of a number."""
    for i in numbers:
        image(p / image_name.format(i))
        mask(p / mask_name.format(i), values, **options)


def simple(image_name, mask_name, pairs=6, classes=2, values=(0, 255), **more):
    return Layout(lambda p: both(p, image_name, mask_name, range(1, pairs + 1), values), pairs, classes, **more)


# Kinds of the plan


def voc(p):
    for i in range(30):
        image(p / f"JPEGImages/2007_{i:06}.jpg")
    for i in range(6):
        mask(p / f"SegmentationClass/2007_{i:06}.png", (0, 5, 15, 255), palette=True)
        mask(p / f"SegmentationObject/2007_{i:06}.png", (0, 1, 2, 255), palette=True)
    text(p / "ImageSets/Segmentation/train.txt", "".join(f"2007_{i:06}\n" for i in range(4)))
    text(p / "ImageSets/Segmentation/val.txt", "".join(f"2007_{i:06}\n" for i in range(4, 6)))
    text(p / "ImageSets/Segmentation/trainval.txt", "".join(f"2007_{i:06}\n" for i in range(6)))


def cityscapes(p):
    for part in ("train", "val"):
        for i in range(4):
            base = f"{part}/town/town_{i:06}_000019_"
            image(p / f"leftImg8bit/{base}leftImg8bit.png")
            mask(p / f"gtFine/{base}gtFine_labelIds.png", (7, 8, 11))
            colours(p / f"gtFine/{base}gtFine_color.png", [(0, 0, 0), (128, 64, 128), (70, 70, 70)])
            numbered(p / f"gtFine/{base}gtFine_instanceIds.png", 9)
            text(p / f"gtFine/{base}gtFine_polygons.json", {"imgHeight": 36, "imgWidth": 44, "objects": []})


def observers(p):
    for i in range(1, 7):
        image(p / f"Image_{i:02}L.jpg")
        mask(p / f"Image_{i:02}L_1stHO.png")
        mask(p / f"Image_{i:02}L_2ndHO.png")


def busi(p):
    for kind in ("benign", "malignant"):
        both(p, f"{kind}/{kind} ({{}}).png", f"{kind}/{kind} ({{}})_mask.png", range(1, 6))
    mask(p / "benign/benign (3)_mask_1.png")
    mask(p / "malignant/malignant (4)_mask_1.png")


def trees(p):
    for kind in "ab":
        both(p, f"dataset/{kind}/{{}}.jpg", f"dataset_masks/{kind}/{{}}.png", range(4))


def roboflow(p):
    for part in ("train", "valid", "test"):
        for i in range(4):
            name = f"im{i}_jpg.rf.abc{part}{i}"
            image(p / f"{part}/{name}.jpg")
            mask(p / f"{part}/{name}_mask.png", (0, 1, 2))
        text(p / part / "_classes.csv", "Pixel Value, Class\n0, background\n1, cat\n2, dog\n")


SHAPES = [3, 3, 30, 4, 20, 30], [34, 5, 42, 5, 42, 15, 34, 15]
CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}]


def coco_file(numbers, pattern="{}.jpg"):
    drawn = [
        {"id": 2 * i + k, "image_id": i, "category_id": (1, 3)[k], "segmentation": [shape], "iscrowd": 0}
        for i in numbers
        for k, shape in enumerate(SHAPES)
    ]
    about = [{"id": i, "file_name": pattern.format(i), "width": COLUMNS, "height": ROWS} for i in numbers]
    return {"images": about, "categories": CATEGORIES, "annotations": drawn}


def coco(p):
    for i in range(6):
        image(p / f"images/{i}.jpg")
    text(p / "annotations/instances.json", coco_file(range(6)))


def coco_parts(p):
    for part, numbers in FRAMES.items():
        for i in numbers:
            image(p / f"{part}2017/{i:012}.jpg")
        text(p / f"annotations/instances_{part}2017.json", coco_file(numbers, "{:012}.jpg"))
        text(p / f"annotations/captions_{part}2017.json", {"images": [], "annotations": [{"id": 1, "caption": "x"}]})


def roboflow_coco(p):
    for part, numbers in zip(("train", "valid", "test"), FRAMES.values(), strict=True):
        for i in numbers:
            image(p / f"{part}/{i}_jpg.rf.a{i}.jpg")
        text(p / f"{part}/_annotations.coco.json", coco_file(numbers, "{0}_jpg.rf.a{0}.jpg"))


def volume(p, tail=".tif", count=8):
    rng = np.random.default_rng(0)
    slices = np.stack([255 * (discs(9, i) > 0) for i in range(count)]).astype("uint8")
    light = (60 + 80 * (slices > 0) + rng.normal(0, 20, slices.shape)).clip(0, 255).astype("uint8")
    tifffile.imwrite(p / f"train-volume{tail}", light)
    tifffile.imwrite(p / f"train-labels{tail}", slices)


def colour_beside(p):
    for i in range(6):
        image(p / f"images/{i}.png")
        mask(p / f"masks/{i}.png", (0, 1, 2))
        colours(p / f"colour_masks/{i}.png", [(0, 0, 0), (255, 0, 0), (0, 0, 255)])


def float_tiff(p):
    for i in range(6):
        values = np.random.default_rng(i).random(SIZE).astype("float32")
        _save(p / f"images/{i}.tif", values)
        mask(p / f"masks/{i}.png")


def wide_objects(p, dtype="uint16"):
    for i in range(6):
        image(p / f"images/{i}.png")
        values = discs(20, i)
        _save(p / f"masks/{i}.tif", np.where(values, values + 300 * i, 0).astype(dtype))


def few_objects(p, names=""):
    """One to four numbered objects, that lie apart; or organs, where a list names them."""
    if names:
        text(p / "classes.txt", names)
    for i in range(12):
        image(p / f"images/{i}.png")
        _save(p / f"masks/{i}.png", discs(1 + i % 4, i).astype("uint8"))


def few_regions(p, rings):
    """One region of each class: some of three rings around each other, or always the same three, apart."""
    rows, columns = np.indices(SIZE)
    for i in range(12):
        image(p / f"images/{i}.png")
        far = np.hypot(rows - SIZE[0] / 2 - i % 5, columns - SIZE[1] / 2)
        ringed = sum((far < 12 - 4 * k).astype("uint8") for k in range(1 + i % 3))
        _save(p / f"masks/{i}.png", ringed if rings else discs(3, i).astype("uint8"))


def class_folders(p):
    for i in range(6):
        image(p / f"images/{i}.png")
        for k, name in enumerate(("liver", "tumor")):
            seed = i + (k > 0) * (i < 4) * 50
            _save(p / f"masks/{name}/{i}.png", (255 * (discs(8 - 4 * k, seed) > 0)).astype("uint8"))


# Public sets


def camera_view(p):
    eye = (np.hypot(*(np.indices(SIZE) - np.array([18, 22])[:, None, None])) < 17).astype("uint8") * 255
    both(p, "photo/{}.png", "vessels/{}.png", range(1, 7))
    for i in range(1, 7):
        _save(p / f"camera/{i}.png", eye)


def drive(p):
    eye = (np.hypot(*(np.indices(SIZE) - np.array([18, 22])[:, None, None])) < 17).astype("uint8") * 255
    for i in range(21, 27):
        image(p / f"training/images/{i}_training.tif")
        mask(p / f"training/1st_manual/{i}_manual1.gif")
        _save(p / f"training/mask/{i}_training_mask.gif", eye)


def drive_whole(p, second=True):
    """With its test part: masks of two observers, or, as it is given out today, only where the camera sees."""
    drive(p)
    eye = (np.hypot(*(np.indices(SIZE) - np.array([18, 22])[:, None, None])) < 17).astype("uint8") * 255
    for i in range(1, 7 if second else 4):
        image(p / f"test/images/{i:02}_test.tif")
        _save(p / f"test/mask/{i:02}_test_mask.gif", eye)
        for k, folder in enumerate(("1st_manual", "2nd_manual") if second else (), start=1):
            mask(p / f"test/{folder}/{i:02}_manual{k}.gif")


def cell_tracking(p, silver=False):
    for film in ("01", "02"):
        for i in range(6):
            image(p / f"Fluo/{film}/t{i:03}.tif", bands=1)
            numbered(p / f"Fluo/{film}_GT/TRA/man_track{i:03}.tif", 9 + i)
            if not silver or i % 2 == 0:
                numbered(p / f"Fluo/{film}_GT/SEG/man_seg{i:03}.tif", 9 + i)
            if silver:
                numbered(p / f"Fluo/{film}_ST/SEG/man_seg{i:03}.tif", 9 + i)
        text(p / f"Fluo/{film}_GT/TRA/man_track.txt", "1 0 5 0\n")


def two_in_colour(p):
    for i in range(6):
        image(p / f"train/images/P{i:04}.png")
        colours(
            p / f"train/Semantic_masks/images/P{i:04}_instance_color_RGB.png", [(0, 0, 0), (0, 0, 63), (0, 127, 255)]
        )
        shown = discs(9, i)[..., None] * [23, 57, 91] % 256
        _save(p / f"train/Instance_masks/images/P{i:04}_instance_id_RGB.png", shown.astype("uint8"))


def some_split_by_class(p):
    for i in range(8):
        part = "TEST" if i > 5 else "TRAIN"
        image(p / f"{part}/images/d_{i}_.jpg")
        colours(p / f"{part}/masks/d_{i}_.bmp", [(0, 0, 0), (0, 0, 255), (255, 255, 0)])
        for name in ("FV", "HD", "RO") if i > 5 else ():
            mask(p / f"TEST/masks/{name}/d_{i}_.bmp")


def stare(p, experts=("ah", "vk")):
    for i in (1, 2, 3, 5, 44, 82):
        image(p / f"stare-images/im{i:04}.ppm")
        for k, name in enumerate(experts):
            drawn = discs(9, i) > 0
            _save(p / f"labels-{name}/im{i:04}.{name}.ppm", 255 * (drawn | np.roll(drawn, k, 1)).astype("uint8"))


def off_road(p):
    chosen = {"void": (0, 0, 0), "dirt": (108, 64, 20), "grass": (0, 102, 0)}
    for i in range(6):
        image(p / f"frames/{'creek' if i % 2 else 'park-1'}/creek_{i:05}.png")
        colours(p / f"annotations/{'creek' if i % 2 else 'park-1'}/creek_{i:05}.png", list(chosen.values()))
    lines = (f"{k} {name} {r} {g} {b}" for k, (name, (r, g, b)) in enumerate(chosen.items()))
    text(p / "annotations/colormap.txt", "\n".join(lines))


def torch_stacks(p):
    rng, masks = np.random.default_rng(0), np.stack([discs(6, i) > 0 for i in range(6)]).astype("int64")
    np.save(p / "images.npy", (masks[:, None] + rng.random((6, 3, *SIZE))).astype("float32"))
    np.save(p / "masks.npy", masks[:, None])


def objects_by_channel(p):
    """A channel for each kind, with objects numbered, and one for the rest, as PanNuke has them."""
    rng, masks = np.random.default_rng(0), np.zeros((6, *SIZE, 6))
    for i in range(6):
        numbers = discs(12, i)
        for k in range(5):
            masks[i, ..., k] = numbers * (numbers % 5 == k)
        masks[i, ..., 5] = numbers == 0
    light = 60 + 80 * (masks[..., 5:] == 0) + rng.normal(0, 20, (6, *SIZE, 3))
    for part, values in (("images", light.clip(0, 255).round()), ("masks", masks)):
        (p / f"Fold 1/{part}/fold1").mkdir(parents=True)
        np.save(p / f"Fold 1/{part}/fold1/{part}.npy", values)


def parts_of_faces(p, first=9997):
    """Zeros in the masks' numbers only, masks in folders that are numbers, too, and not each part in each image."""
    for i in range(first, first + 6):
        image(p / f"img/{i}.jpg")
        for k, part in enumerate(("skin", "hair", "nose")):
            if i != first + 2 or part != "nose":
                drawn = (discs(9, i) > 0) & (discs(9, i) % 3 == k)
                _save(p / f"anno/{i // 10000}/{i:05}_{part}.png", 255 * drawn.astype("uint8"))


def bands_apart(p):
    for i in range(6):
        for band in ("B02", "B03", "B04"):
            image(p / f"chip{i}/{band}.tif", bands=1)
        mask(p / f"chip{i}/labels.tif")


def colours_in_json(p):
    chosen = {"#000000": "Nothing", "#0000ff": "Sky", "#ff0000": "Car"}
    for i in range(6):
        image(p / f"camera/2018_camera_front_{i:04}.png")
        colours(p / f"label/2018_label_front_{i:04}.png", [tuple(bytes.fromhex(c[1:])) for c in chosen])
    text(p / "class_list.json", chosen)


def hrf(p):
    for i in range(1, 7):
        image(p / f"images/{i:02}_dr.JPG")
        mask(p / f"manual1/{i:02}_dr.tif")
        mask(p / f"mask/{i:02}_dr_mask.tif")


def segnet_camvid(p):
    for part in ("train", "val", "test"):
        both(p, f"{part}/{{:05}}.png", f"{part}annot/{{:05}}.png", range(3), (0, 1, 2, 11))


def camvid(p):
    chosen = {"Sky": (128, 128, 128), "Road": (128, 64, 128), "Car": (64, 0, 128)}
    for i in range(6):
        image(p / f"701_StillsRaw_full/0001TP_{i:06}.png")
        colours(p / f"LabeledApproved_full/0001TP_{i:06}_L.png", list(chosen.values()))
    lines = (f"{red} {green} {blue}\t{name}" for name, (red, green, blue) in chosen.items())
    text(p / "label_colors.txt", "\n".join(lines))


def deepglobe(p):
    for i in range(100, 106):
        image(p / f"train/{i}_sat.jpg")
        colours(p / f"train/{i}_mask.png", [(0, 255, 255), (255, 255, 0), (0, 0, 255)])
    for i in range(200, 202):
        image(p / f"valid/{i}_sat.jpg")
    text(p / "class_dict.csv", "name,r,g,b\nurban,0,255,255\nfarm,255,255,0\nwater,0,0,255\n")


def pets(p):
    for i, name in enumerate([f"Abyssinian_{k}" for k in range(4)] + [f"beagle_{k}" for k in range(4)]):
        image(p / f"images/{name}.jpg")
        mask(p / f"annotations/trimaps/{name}.png", (1, 2, 3))
        with open(p / f"annotations/{'test' if i % 4 == 3 else 'trainval'}.txt", "a", encoding="utf-8") as file:
            file.write(f"{name} 1 1 1\n")


def nnunet(p):
    for i in range(6):
        image(p / f"imagesTr/case_{i:03}_0000.png", bands=1)
        mask(p / f"labelsTr/case_{i:03}.png", (0, 1, 2))
    image(p / "imagesTs/case_090_0000.png", bands=1)
    text(p / "dataset.json", {"labels": {"background": 0, "liver": 1, "tumor": 2}, "numTraining": 6})


def nuclei(p):
    for i in range(4):
        image(p / f"a{i}f3/images/a{i}f3.png")
        for k in range(1, 5):
            _save(p / f"a{i}f3/masks/{k}{i}c.png", (255 * (discs(4, i) == k)).astype("uint8"))


def cellpose(p):
    for i in range(6):
        image(p / f"{i:03}_img.png", bands=1)
        numbered(p / f"{i:03}_masks.png", 12 + i)


def stardist(p):
    for part in ("train", "test"):
        for i in range(4):
            image(p / f"{part}/images/{part}{i}.tif", bands=1)
            numbered(p / f"{part}/masks/{part}{i}.tif", 9 + 2 * i)


def idrid(p):
    root, truth = "A. Segmentation/1. Original Images", "A. Segmentation/2. All Segmentation Groundtruths"
    for part, numbers in (("a. Training Set", range(1, 5)), ("b. Testing Set", range(5, 7))):
        for i in numbers:
            image(p / f"{root}/{part}/IDRiD_{i:02}.jpg")
            for k, (kind, short) in enumerate((("1. Microaneurysms", "MA"), ("3. Hard Exudates", "EX"))):
                if i + k != 3:
                    mask_of = (255 * np.isin(discs(8, i), [1 + k, 4 + k])).astype("uint8")
                    _save(p / f"{truth}/{part}/{kind}/IDRiD_{i:02}_{short}.tif", mask_of)


def lgg(p):
    for patient in ("CS_4941", "CS_4942", "DU_5851"):
        both(p, f"TCGA_{patient}/TCGA_{patient}_{{}}.tif", f"TCGA_{patient}/TCGA_{patient}_{{}}_mask.tif", range(1, 4))


def kitti(p):
    for i in range(6):
        image(p / f"training/image_2/{i:06}_10.png")
        image(p / f"testing/image_2/{i:06}_10.png")
        mask(p / f"training/semantic/{i:06}_10.png", (7, 8, 11))
        colours(p / f"training/semantic_rgb/{i:06}_10.png", [(0, 0, 0), (128, 64, 128), (70, 70, 70)])
        numbered(p / f"training/instance/{i:06}_10.png", 14)


def bdd(p):
    for part, numbers in FRAMES.items():
        for i in numbers:
            image(p / f"bdd100k/images/10k/{part}/0a{i}b-c{i}.jpg")
            mask(p / f"bdd100k/labels/sem_seg/masks/{part}/0a{i}b-c{i}.png", (0, 1, 2, 255))
            colours(
                p / f"bdd100k/labels/sem_seg/colormaps/{part}/0a{i}b-c{i}.png", [(0, 0, 0), (9, 64, 128), (70, 70, 7)]
            )


def nyu(p):
    for i in range(6):
        image(p / f"rgb/{i}.png")
        image(p / f"depth/{i}.png", bands=1)
        mask(p / f"label/{i}.png", (0, 1, 2))


def earlier_run(p):
    for i in range(6):
        image(p / f"images/{i}.png")
        mask(p / f"masks/{i}.png")
        mask(p / f"predictions/{i}.png")
        image(p / f"overlays/{i}.png")


# Exports of tools


def labelme(p):
    for i in range(6):
        image(p / f"photo {i}.jpg")
        shapes = [
            {"label": name, "points": np.reshape(shape, (-1, 2)).tolist(), "shape_type": "polygon"}
            for name, shape in zip(("cat", "dog"), SHAPES, strict=True)
        ]
        about = {"imagePath": f"photo {i}.jpg", "imageHeight": ROWS, "imageWidth": COLUMNS, "imageData": None}
        text(p / f"photo {i}.json", {"version": "5.0", "shapes": shapes, **about})


def yolo(p):
    for part in ("train", "val"):
        for i in range(4):
            image(p / f"images/{part}/{i}.jpg")
            lines = []
            for k, shape in enumerate(SHAPES):
                shares = np.reshape(shape, (-1, 2)) / [COLUMNS, ROWS]
                lines.append(f"{k} " + " ".join(f"{share:.5f}" for share in shares.ravel()))
            text(p / f"labels/{part}/{i}.txt", "\n".join(lines if i else []))
    text(p / "data.yaml", "train: images/train\nval: images/val\nnc: 2\nnames: ['cat', 'dog']\n")


def cvat_images(p):
    said = ["<annotations><version>1.1</version>"]
    for i in range(6):
        image(p / f"images/{i}.jpg")
        said.append(f'<image id="{i}" name="{i}.jpg" width="{COLUMNS}" height="{ROWS}">')
        for name, shape in zip(("cat", "dog"), SHAPES, strict=True):
            points = ";".join(f"{x},{y}" for x, y in np.reshape(shape, (-1, 2)))
            said.append(f'<polygon label="{name}" points="{points}" z_order="0"></polygon>')
        said.append("</image>")
    text(p / "annotations.xml", "".join(said) + "</annotations>")


def cvat_masks(p):
    for i in range(6):
        image(p / f"JPEGImages/{i}.jpg")
        colours(p / f"SegmentationClass/{i}.png", [(0, 0, 0), (128, 0, 0), (0, 128, 0)])
        colours(p / f"SegmentationObject/{i}.png", [(0, 0, 0), (9, 9, 200), (7, 128, 200)])
    text(p / "labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n")
    text(p / "ImageSets/Segmentation/default.txt", "".join(f"{i}\n" for i in range(6)))


def label_studio(p):
    tasks = []
    for i in range(6):
        image(p / f"images/{i}.jpg")
        result = [
            {
                "type": "polygonlabels",
                "value": {
                    "points": (np.reshape(shape, (-1, 2)) / [COLUMNS, ROWS] * 100).tolist(),
                    "polygonlabels": [name],
                },
            }
            for name, shape in zip(("cat", "dog"), SHAPES, strict=True)
        ]
        tasks.append(
            {"id": i, "data": {"image": f"/data/upload/1/0a1b2c3d-{i}.jpg"}, "annotations": [{"result": result}]}
        )
    text(p / "project-1.json", tasks)


def via(p):
    said = {}
    for i in range(6):
        image(p / f"{i}.jpg")
        regions = [
            {
                "shape_attributes": {"name": "polygon", "all_points_x": shape[::2], "all_points_y": shape[1::2]},
                "region_attributes": {"class": name},
            }
            for name, shape in zip(("cat", "dog"), SHAPES, strict=True)
        ]
        said[f"{i}.jpg123"] = {"filename": f"{i}.jpg", "size": 123, "regions": regions}
    text(p / "via_project.json", {"_via_img_metadata": said, "_via_settings": {}})


def supervisely(p):
    for i in range(6):
        image(p / f"ds0/img/{i}.jpg")
        drawn = [
            {
                "classTitle": n,
                "geometryType": "polygon",
                "points": {"exterior": np.reshape(s, (-1, 2)).tolist(), "interior": []},
            }
            for n, s in zip(("cat", "dog"), SHAPES, strict=True)
        ]
        text(p / f"ds0/ann/{i}.jpg.json", {"size": {"height": ROWS, "width": COLUMNS}, "objects": drawn})
    text(p / "meta.json", {"classes": [{"title": "cat", "shape": "polygon"}], "tags": []})


def qupath(p):
    for i in range(6):
        image(p / f"slide {i}.png")
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [np.reshape([*shape, *shape[:2]], (-1, 2)).tolist()]},
                "properties": {"objectType": "annotation", "classification": {"name": name, "color": [1, 2, 3]}},
            }
            for name, shape in zip(("cat", "dog"), SHAPES, strict=True)
        ]
        text(p / f"slide {i}.geojson", {"type": "FeatureCollection", "features": features})


def class_suffixes(p):
    for i in range(6):
        image(p / f"{i}.png")
        for k, name in enumerate(("liver", "tumor")):
            _save(p / f"{i}_{name}.png", (255 * (discs(6, i) % 2 == k) * (discs(6, i) > 0)).astype("uint8"))


def npy_stacks(p):
    rng = np.random.default_rng(0)
    masks = np.stack([discs(6, i) > 0 for i in range(6)]).astype("uint8")
    np.save(
        p / "images.npy", (60 + 80 * masks[..., None] + rng.normal(0, 20, (6, *SIZE, 3))).clip(0, 255).astype("uint8")
    )
    np.save(p / "masks.npy", masks)


def npz(p):
    rng = np.random.default_rng(0)
    masks = np.stack([discs(6, i) > 0 for i in range(6)]).astype("uint8")
    np.savez(p / "set.npz", images=rng.random((6, *SIZE)).astype("float32") + masks, masks=masks)


def npy_files(p):
    for i in range(6):
        (p / "X").mkdir(exist_ok=True), (p / "Y").mkdir(exist_ok=True)
        np.save(p / f"X/{i}.npy", np.random.default_rng(i).random((3, *SIZE)).astype("float32"))
        np.save(p / f"Y/{i}.npy", (discs(6, i) > 0).astype("int64"))


def five_bands(p, shape=(*SIZE, 5), **options):
    for i in range(6):
        values = np.random.default_rng(i).integers(0, 255, shape, "uint8")
        (p / "images").mkdir(exist_ok=True)
        tifffile.imwrite(p / f"images/{i}.tif", values, **options)
        mask(p / f"masks/{i}.png")


# What else was met


def asked(*patterns, apart=0):
    def build(p):
        for i in range(6):
            image(p / f"img/{i}.png")
            for k, pattern in enumerate(patterns):
                _save(p / pattern.format(i), labels((0, 1), i + apart * k).astype("uint8"))

    return build


def objects_by_folder(p, name="{}{}f{}"):
    for i in range(6):
        image(p / f"images/im{i}.png")
        for k in range(1, 4):
            _save(p / f"masks/im{i}/{name.format('xyz'[k - 1], i, k)}.png", (255 * (discs(3, i) == k)).astype("uint8"))


def objects_by_number(p):
    for i in range(6):
        image(p / f"img_{i}.png")
        for k in range(1, 2 + i % 3):
            _save(p / f"img_{i}_mask{k}.png", (255 * (discs(3, i) == k)).astype("uint8"))


def class_files(p, *names, pattern="case{0}/{1}.png", photo="case{}/image.png", every=1):
    for i in range(6 + 3 * (every > 1)):
        image(p / photo.format(i))
        for k, name in enumerate(names):
            if i % (1 + k * (every - 1)) == 0:
                _save(
                    p / pattern.format(i, name),
                    (255 * (discs(6, i) % len(names) == k) * (discs(6, i) > 0)).astype("uint8"),
                )


def labelme2voc(p):
    for i in range(6):
        image(p / f"JPEGImages/{i}.jpg")
        mask(p / f"SegmentationClassPNG/{i}.png", (0, 1, 2), palette=True)
        image(p / f"SegmentationClassVisualization/{i}.jpg")
        (p / "SegmentationClass").mkdir(exist_ok=True)
        np.save(
            p / f"SegmentationClass/{i}.npy",
            np.asarray(Image.open(p / f"SegmentationClassPNG/{i}.png")).astype("int32"),
        )
    text(p / "class_names.txt", "_background_\ncat\ndog\n")


def cellpose_run(p):
    for i in range(6):
        image(p / f"{i:03}.png", bands=1)
        numbered(p / f"{i:03}_cp_masks.png", 20)
        np.save(p / f"{i:03}_seg.npy", {"masks": 1}, allow_pickle=True)
        text(p / f"{i:03}_cp_outlines.txt", "1,2,3,4\n")


def coco_runs(p, ids=(7, 9)):
    about, drawn = [], []
    for i in range(6):
        image(p / f"data/{i}.jpg")
        about.append({"id": i, "file_name": f"data/{i}.jpg", "height": ROWS, "width": COLUMNS})
        for k, rows in enumerate((slice(3, 15), slice(20, 30))):
            inside = np.zeros(SIZE, int)
            inside[rows, 4:30] = 1
            ends = np.flatnonzero(np.diff(inside.ravel("F"), prepend=0)).tolist()
            runs = {"counts": np.diff([0, *ends, inside.size]).tolist(), "size": list(SIZE)}
            drawn.append({"id": 2 * i + k, "image_id": i, "category_id": ids[k], "segmentation": runs, "iscrowd": 0})
    names = [{"id": number, "name": name} for number, name in zip(ids, ("cat", "dog"), strict=True)]
    text(p / "result.json", {"images": about, "annotations": drawn, "categories": names})


def float_masks(p):
    for i in range(6):
        image(p / f"images/{i}.png")
        _save(p / f"masks/{i}.tif", (255 * (discs(6, i) > 0)).astype("float32"))


def two_volumes(p):
    for name in "ab":
        slices = np.stack([discs(9, i) > 0 for i in range(6)]).astype("uint8")
        light = np.random.default_rng(ord(name)).normal(90, 30, slices.shape).clip(0, 255).astype("float32")
        tifffile.imwrite(p / f"{name}_raw.tif", light)
        tifffile.imwrite(p / f"{name}_label.tif", slices)


def from_a_mac(p):
    both(p, "set/images/{}.png", "set/masks/{}.png")
    text(p / "__MACOSX/set/images/._0.png", "x")
    text(p / "set/.DS_Store", "x")


def some_unlabelled(p):
    both(p, "foo/{}.png", "bar/{}.png")
    for i in range(6, 9):
        image(p / f"foo/{i}.png")


def ilastik(p):
    both(p, "{}.png", "{}_Simple Segmentation.png", values=(1, 2))
    text(p / "0_Probabilities.h5", "x")


PARTS = {"train": 4, "validation": 2, "test": 2}
THREE = ("background", "cat", "dog")
THREE_OF_ROADS = ("background", "car", "road")
ORGANS = ("background", "liver", "spleen", "left kidney", "right kidney")
LAYOUTS = {
    "same folder, two endings": simple("{:03}.jpg", "{:03}.png", classes=("0", "128", "255"), values=(0, 128, 255)),
    "VOC": Layout(voc, 6, ("0", "5", "15"), {"train": 4, "validation": 2}, ("objects", "in no list")),
    "Cityscapes": Layout(cityscapes, 8, ("7", "8", "11"), {"train": 4, "validation": 4}, ("colour", "objects")),
    "ISIC": simple("P1_Training_Data/ISIC_{:07}.jpg", "P1_Training_GroundTruth/ISIC_{:07}_Segmentation.png"),
    "two observers": Layout(
        observers, 0, question="two masks for each image: *_1stHO and *_2ndHO; choose with --masks"
    ),
    "several masks of an image": Layout(busi, 10),
    "images_png, masks_png": simple("Train/Urban/images_png/{}.png", "Train/Urban/masks_png/{}.png"),
    "suffix _anno": simple("train_{}.bmp", "train_{}_anno.bmp", classes=4, values=(0, 1, 2, 3)),
    "only numbers agree": simple("x/img_{:03}.png", "y/{:03}_label.png"),
    "parallel trees": Layout(trees, 8),
    "Roboflow masks": Layout(roboflow, 12, THREE, {"train": 4, "validation": 4, "test": 4}),
    "COCO": Layout(coco, 6, THREE),
    "TIFF volumes": Layout(volume, 8),
    "colour copies": Layout(colour_beside, 6, 3, notes=("colour",)),
    "float TIFF": Layout(float_tiff, 6),
    "numbered objects, 16 bit": Layout(wide_objects, 6, ("background", "object"), notes=("one region",)),
    "a folder for each class": Layout(class_folders, 6, ("background", "liver", "tumor"), notes=("several classes",)),
    # public sets
    "DRIVE": Layout(drive, 6, notes=("fields of view",)),
    "a field of view, told by its pixels": Layout(camera_view, 6, notes=("fields of view",)),
    "DRIVE, a second observer": Layout(drive_whole, 0, question="two masks for each image: *_manual1 and *_manual2"),
    "DRIVE, test masks kept back": Layout(lambda p: drive_whole(p, False), 6, notes=("fields of view",)),
    "cell tracking": Layout(cell_tracking, 12, ("background", "object"), notes=("no masks of classes",)),
    "cell tracking, silver truth": Layout(lambda p: cell_tracking(p, True), 0, question="*ST* and *GT*; choose with"),
    "two masks in colour": Layout(two_in_colour, 0, question="*_id_RGB and *_color_RGB; choose with"),
    "some split by class, too": Layout(some_split_by_class, 8, 3, notes=("for some of the images only",)),
    "STARE": Layout(stare, 0, question="two masks for each image: *_ah and *_vk; choose with --masks"),
    "STARE, one expert": Layout(lambda p: stare(p, ("ah",)), 6),
    "numbers, names and colours in lines": Layout(off_road, 6, ("grass", "dirt")),
    "stacks of PyTorch": Layout(torch_stacks, 6),
    "objects numbered by channel": Layout(objects_by_channel, 6, 6),
    "parts of faces": Layout(parts_of_faces, 6, ("background", "hair", "nose", "skin")),
    "parts of faces, from 0": Layout(lambda p: parts_of_faces(p, 0), 6, ("background", "hair", "nose", "skin")),
    "bands apart": Layout(bands_apart, 0, question="three images for each mask: *_B02, *_B03 and *_B04; stack them"),
    "colours in JSON": Layout(colours_in_json, 6, ("Nothing", "Sky", "Car")),
    "HRF": Layout(hrf, 6, notes=("fields of view",)),
    "CamVid of SegNet": Layout(segnet_camvid, 9, 4, {"train": 3, "validation": 3, "test": 3}),
    "CamVid": Layout(camvid, 6, ("Car", "Road", "Sky")),
    "Carvana": simple("train/0cdf_{:02}.jpg", "train_masks/0cdf_{:02}_mask.gif"),
    "CVC-ClinicDB": simple("Original/{}.tif", "Ground Truth/{}.tif"),
    "DeepGlobe": Layout(deepglobe, 6, ("water", "urban", "farm")),
    "Oxford pets": Layout(pets, 8, 3),
    "nnU-Net": Layout(nnunet, 6, 3),
    "BBBC038": Layout(nuclei, 4),
    "Cellpose": Layout(cellpose, 6, ("background", "object")),
    "StarDist": Layout(stardist, 8, ("background", "object"), {"train": 4, "test": 4}),
    "IDRiD": Layout(idrid, 6, 3, {"train": 4, "test": 2}),
    "LGG": Layout(lgg, 9),
    "KITTI": Layout(kitti, 6, 3, notes=("colour", "objects")),
    "BDD100K": Layout(bdd, 8, 3, PARTS, ("colour",)),
    "NYU": Layout(nyu, 6, 3, notes=("no masks",)),
    "Inria": simple("AID/train/images/austin{}.tif", "AID/train/gt/austin{}.tif"),
    "GlaS": simple("Train/Images/train_{}.bmp", "Train/Annotation/train_{}_anno.bmp"),
    "ADE20K": simple(
        "images/training/ADE_train_{:08}.jpg", "annotations/training/ADE_train_{:08}.png", values=(0, 9, 3), classes=3
    ),
    "COCO-Stuff": simple("train2017/{:012}.jpg", "stuffthingmaps/train2017/{:012}.png", values=(0, 9, 3), classes=3),
    "Potsdam": simple("2_Ortho_RGB/top_potsdam_2_{}_RGB.tif", "5_Labels/top_potsdam_2_{}_label.tif"),
    "CARLA": simple("dataA/CameraRGB/F61-{}.png", "dataA/CameraSeg/F61-{}.png", values=(0, 7, 10), classes=3),
    "Massachusetts": simple("tiff/train/228785_{}.tiff", "tiff/train_labels/228785_{}.tif"),
    # what people make
    "an earlier run": Layout(earlier_run, 6, notes=("predictions",)),
    "prefixes": simple("im_{:03}.png", "gt_{:03}.png"),
    "ImageJ": simple("cell {}.tif", "Mask of cell {}.tif"),
    "zeros in front": simple("frames/frame_{:04}.png", "drawn/{}.png"),
    "a double suffix": simple("img/IMG_{:04}.JPG", "msk/IMG_{:04}.JPG.png"),
    "letter for a suffix": simple("{}.png", "{}_L.png", values=(0, 1, 2), classes=3),
    "words of another language": simple("Bilder/Blöcke {}.png", "Masken/Blöcke {}.png"),
    "deep below": simple("a/b/c/pics/{}.png", "a/b/c/truth/new/{}.png"),
    "a class file, by suffix": Layout(class_suffixes, 6, ("background", "liver", "tumor")),
    "few numbered objects": Layout(few_objects, 12, ("background", "object"), notes=("one region",)),
    "few objects with names": Layout(lambda p: few_objects(p, "\n".join(ORGANS)), 12, ORGANS),
    "rings of classes": Layout(lambda p: few_regions(p, True), 12, 4),
    "one region of each class": Layout(lambda p: few_regions(p, False), 12, 4),
    "numbered objects, 32 bit": Layout(lambda p: wide_objects(p, "int32"), 6, ("background", "object")),
    # what else was met
    "two label sets": Layout(asked("labels_coarse/{}.png", "labels_fine/{}.png"), 0, question="labels_coarse/* and"),
    "labels old and new": Layout(asked("gt/{}_old.png", "gt/{}_new.png", apart=9), 0, question="*_new and *_old"),
    "three experts": Layout(
        asked(*(f"expert_{k}/{{}}.png" for k in (1, 2, 3))), 0, question="three masks for each image"
    ),
    "readers A and B": Layout(asked("img/{}_manualA.png", "img/{}_manualB.png"), 0, question="*_manualA and *_manualB"),
    "train ids beside ids": Layout(asked("gt/{}_labelIds.png", "gt/{}_labelTrainIds.png"), 0, question="choose with"),
    "a folder of objects": Layout(objects_by_folder, 6, ("background", "object")),
    "a folder of numbered objects": Layout(lambda p: objects_by_folder(p, "{2}"), 6, ("background", "object")),
    "numbered masks of objects": Layout(objects_by_number, 6, ("background", "object")),
    "class files in a folder": Layout(lambda p: class_files(p, "liver", "tumor"), 6, ("background", "liver", "tumor")),
    "class folders at the top": Layout(
        lambda p: class_files(p, "car", "road", pattern="{1}/{0}.png", photo="photos/{}.png"), 6, THREE_OF_ROADS
    ),
    "classes that not all have": Layout(
        lambda p: class_files(p, "road", "car", "sky", pattern="gt/{0}_{1}.png", photo="im/{}.png", every=2),
        9,
        ("background", "car", "road", "sky"),
    ),
    "labelme2voc": Layout(labelme2voc, 6, ("_background_", "cat", "dog"), notes=("arrays", "to look at")),
    "a run of Cellpose": Layout(cellpose_run, 6, ("background", "object"), notes=("can't be read",)),
    "COCO, run lengths": Layout(coco_runs, 6, THREE),
    "COCO, numbers from 0": Layout(lambda p: coco_runs(p, (0, 1)), 6, THREE),
    "masks of floats": Layout(float_masks, 6, ("0", "255")),
    "two volumes of floats": Layout(two_volumes, 12),
    "a zip from a Mac": Layout(from_a_mac, 6),
    "some unlabelled": Layout(some_unlabelled, 6),
    "ilastik": Layout(ilastik, 6),
    # tools and arrays
    "COCO with its parts": Layout(coco_parts, 8, THREE, PARTS),
    "Roboflow COCO": Layout(roboflow_coco, 8, THREE, PARTS),
    "labelme": Layout(labelme, 6, THREE),
    "YOLO": Layout(yolo, 8, THREE, {"train": 4, "validation": 4}),
    "CVAT for images": Layout(cvat_images, 6, THREE),
    "CVAT masks": Layout(cvat_masks, 6, ("background", "dog", "cat"), notes=("objects",)),
    "Label Studio": Layout(label_studio, 6, THREE),
    "VIA": Layout(via, 6, THREE),
    "Supervisely": Layout(supervisely, 6, THREE),
    "QuPath": Layout(qupath, 6, THREE),
    "NumPy stacks": Layout(npy_stacks, 6),
    "NumPy archive": Layout(npz, 6),
    "a NumPy array each": Layout(npy_files, 6),
    "five bands": Layout(five_bands, 6),
    "five bands, bands first": Layout(lambda p: five_bands(p, (5, *SIZE)), 6),
    "five bands, planes": Layout(
        lambda p: five_bands(p, (5, *SIZE), planarconfig="separate", photometric="minisblack"), 6
    ),
}
