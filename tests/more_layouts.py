"""More folders of images and masks as public sets give them out, whole: with side files, copies, parts kept back.

LAYOUTS: as layouts.LAYOUTS. Each was written down before it was tried.
"""

import unicodedata

import numpy as np
from layouts import PARTS, SIZE, Layout, colours, discs, image, mask, numbered, text
from PIL import Image


def _save(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def ade_full(p, places=("abbey", "beach")):
    """The full release: class numbers in the colours of _seg.png, parts of objects, lists of objects as text."""
    for part, numbers in (("training", range(4)), ("validation", range(4, 6))):
        for i in numbers:
            home = p / f"images/{part}/{places[i % 2][0]}/{places[i % 2]}"
            image(home / f"ADE_{part[:5]}_{i:08}.jpg")
            of_class = np.array([0, 120, 1735])[discs(2, i)]
            of_object = np.array([0, 40 + i, 200 - i])[discs(2, i)]
            red_green = (of_class // 256 * 10, of_class % 256, of_object)
            _save(home / f"ADE_{part[:5]}_{i:08}_seg.png", np.stack(red_green, -1).astype("uint8"))
            for level in range(1, 2 + i % 2):
                parts = (np.zeros(SIZE, int), 30 * (discs(3, i) == 1), np.zeros(SIZE, int))
                _save(home / f"ADE_{part[:5]}_{i:08}_parts_{level}.png", np.stack(parts, -1).astype("uint8"))
            text(
                home / f"ADE_{part[:5]}_{i:08}_atr.txt",
                '001 # 0 # 0 # sky # sky # ""\n002 # 0 # 0 # wall # wall # ""\n',
            )
    text(p / "index_ade20k.txt", "nothing to see")


def pascal_context(p):
    for i in range(6):
        image(p / f"JPEGImages/2008_{i:06}.jpg")
        mask(p / f"59_context_labels/2008_{i:06}.png", (0, 2, 3))
        mask(p / f"33_context_labels/2008_{i:06}.png", (0, 7, 9), seed=3)
    text(p / "59_labels.txt", "1: aeroplane\n2: bicycle\n3: bird\n")


def love_da(p):
    """The same numbers in town and country; the masks of the test part are kept back."""
    for part, numbers in (("Train", (0, 1)), ("Val", (2,)), ("Test", (3,))):
        for place in ("Rural", "Urban"):
            for i in numbers:
                image(p / f"{part}/{place}/images_png/{i}.png")
                if part != "Test":
                    mask(p / f"{part}/{place}/masks_png/{i}.png", (0, 1, 4))


def cityscapes_whole(p):
    """A town has one or two images only; the masks of the test part are kept back."""
    for part, towns in (("train", ("aachen", "ulm")), ("val", ("lindau",)), ("test", ("bonn",))):
        for town in towns:
            for i in range(2):
                stem = f"{part}/{town}/{town}_{i:06}_000019"
                image(p / f"leftImg8bit/{stem}_leftImg8bit.png")
                if part != "test":
                    mask(p / f"gtFine/{stem}_gtFine_labelIds.png", (7, 8, 11))
                    numbered(p / f"gtFine/{stem}_gtFine_instanceIds.png", 12)
                    colours(p / f"gtFine/{stem}_gtFine_color.png", [(0, 0, 0), (128, 64, 128), (70, 70, 70)])
                drawn = [{"label": "road", "polygon": [[0, 0], [9, 0], [9, 9]]}]
                text(p / f"gtFine/{stem}_gtFine_polygons.json", {"imgHeight": 36, "imgWidth": 44, "objects": drawn})
    text(p / "README", "as downloaded")


def vistas(p):
    for part, numbers in (("training", range(4)), ("validation", range(4, 6))):
        for i in numbers:
            image(p / f"{part}/images/k{i}_Xq.jpg")
            mask(p / f"{part}/labels/k{i}_Xq.png", (0, 1, 2), palette=True)
            numbered(p / f"{part}/instances/k{i}_Xq.png", 12)
            numbered(p / f"{part}/panoptic/k{i}_Xq.png", 14)
    for i in (6, 7):
        image(p / f"testing/images/k{i}_Xq.jpg")
    labels = [
        {"name": f"a--{n}", "readable": n, "color": [i, 9, 9], "instances": True}
        for i, n in enumerate(("Bird", "Curb", "Car"))
    ]
    text(p / "config.json", {"labels": labels, "version": "1.1", "mapping": "public"})


def isic_attributes(p):
    """Five attributes, a file for each, most of them black; superpixels lie among the images."""
    for i in range(6):
        image(p / f"ISIC2018_Task1-2_Training_Input/ISIC_{i:07}.jpg")
        numbered_patches = np.stack([discs(9, i), np.zeros(SIZE, int), np.zeros(SIZE, int)], -1).astype("uint8")
        _save(p / f"ISIC2018_Task1-2_Training_Input/ISIC_{i:07}_superpixels.png", numbered_patches)
        for k, name in enumerate(("globules", "milia_like_cyst", "pigment_network")):
            there = 255 * (discs(6, i) == k + 1) * (i % 3 != k)
            _save(p / f"ISIC2018_Task2_Training_GroundTruth_v3/ISIC_{i:07}_attribute_{name}.png", there.astype("uint8"))
    text(p / "ISIC2018_Task1-2_Training_Input/ATTRIBUTION.txt", "by many")


def suim(p):
    """Colour masks, and in the test part a folder of black and white ones for each kind of thing as well."""
    sea = [(0, 0, 0), (0, 0, 255), (255, 0, 0)]
    for i in range(4):
        image(p / f"train_val/images/d_r_{i}_.jpg")
        colours(p / f"train_val/masks/d_r_{i}_.bmp", sea)
    for i in range(4, 6):
        image(p / f"TEST/images/d_r_{i}_.jpg")
        colours(p / f"TEST/masks/d_r_{i}_.bmp", sea)
        for kind in ("RI", "FV", "WR"):
            mask(p / f"TEST/masks/{kind}/d_r_{i}_.bmp")


def livecell(p):
    """Three COCO files beside folders of TIFF images by kind of cell."""
    for part, folder, numbers in (
        ("train", "train_val", range(4)),
        ("val", "train_val", (4, 5)),
        ("test", "test", (6, 7)),
    ):
        about = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "cell"}]}
        for i in numbers:
            name = f"A172_Phase_A7_{i}_02d00h00m.tif"
            image(p / f"images/livecell_{folder}_images/A172/{name}", bands=1)
            about["images"].append({"id": i, "file_name": name, "height": SIZE[0], "width": SIZE[1], "url": "x"})
            ring = [[5, 5, 20, 5, 20, 18, 5, 18]]
            about["annotations"].append({"id": i, "image_id": i, "category_id": 1, "segmentation": ring, "iscrowd": 0})
        text(p / f"annotations/LIVECell/livecell_coco_{part}.json", about)


def uavid(p):
    """The same numbers in each sequence; the test part has no labels."""
    for part, sequences in (("train", (1, 2)), ("val", (16,)), ("test", (21,))):
        for k in sequences:
            for i in (0, 100):
                image(p / f"uavid_{part}/seq{k}/Images/{i:06}.png")
                if part != "test":
                    colours(p / f"uavid_{part}/seq{k}/Labels/{i:06}.png", [(0, 0, 0), (128, 0, 0), (64, 0, 128)])


def drone(p):
    root = "dataset/semantic_drone_dataset"
    for i in range(6):
        image(p / f"{root}/original_images/{i:03}.jpg")
        mask(p / f"{root}/label_images_semantic/{i:03}.png", (0, 1, 2))
        colours(
            p / f"RGB_color_image_masks/RGB_color_image_masks/{i:03}.png", [(0, 0, 0), (128, 64, 128), (70, 70, 70)]
        )
    text(
        p / "class_dict_seg.csv", "name, r, g, b\\nunlabeled, 0, 0, 0\\npaved-area, 128, 64, 128\\ndirt, 70, 70, 70\\n"
    )


def flood_net(p):
    for part, numbers in (("train", range(4)), ("val", (4, 5)), ("test", (6, 7))):
        for i in numbers:
            image(p / f"FloodNet/{part}/{part}-org-img/{6279 + i}.jpg")
            mask(p / f"FloodNet/{part}/{part}-label-img/{6279 + i}_lab.png", (0, 1, 9))
            colours(
                p / f"ColorMasks/ColorMasks-{part.title()}Set/{6279 + i}_lab.png",
                [(0, 0, 0), (61, 230, 250), (4, 255, 3)],
            )


def super_annotate(p):
    """Endings upon endings: a.jpg, a.jpg___fuse.png, a.jpg___pixel.json."""
    for i in range(6):
        image(p / f"IMG {i}.JPG")
        colours(p / f"IMG {i}.JPG___fuse.png", [(0, 0, 0), (255, 128, 0), (0, 128, 255)])
        text(p / f"IMG {i}.JPG___pixel.json", {"metadata": {"name": f"IMG {i}.JPG"}, "instances": []})
    text(p / "classes/classes.json", [{"name": "crack", "color": "#ff8000"}, {"name": "rust", "color": "#0080ff"}])


def wood_scape(p):
    for i in range(6):
        image(p / f"rgb_images/{i:05}_FV.png")
        mask(p / f"semantic_annotations/gtLabels/{i:05}_FV.png", (0, 1, 2))
        colours(p / f"semantic_annotations/rgbLabels/{i:05}_FV.png", [(0, 0, 0), (128, 64, 128), (70, 70, 70)])


def other_accents(p):
    """Names that a Mac wrote letter by accent, and another computer in one letter; with capital endings and spaces."""
    for i in range(6):
        image(p / "Bilder" / unicodedata.normalize("NFD", f"Röntgen Größe ({i}).PNG"))
        mask(p / "Masken" / unicodedata.normalize("NFC", f"Röntgen Größe ({i}).PNG"))
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX/Bilder/._Röntgen.PNG", ".ipynb_checkpoints/x.png"):
        text(p / name, "no image")


def duts(p):
    for part, numbers in (("TR", range(4)), ("TE", (4, 5))):
        for i in numbers:
            image(p / f"DUTS-{part}/DUTS-{part}-Image/ILSVRC2012_test_{i:08}.jpg")
            mask(p / f"DUTS-{part}/DUTS-{part}-Mask/ILSVRC2012_test_{i:08}.png")


def dots_in_names(p):
    """Dots within names, before and behind the word of a mask."""
    for i in range(6):
        image(p / f"scan.{i}.v2.tif")
        mask(p / f"scan.{i}.v2.mask.tif")
        text(p / f"scan.{i}.v2.regions.txt", "12,13 14,15\\n")


def bags_of_names(p):
    """Masks two folders deeper than images; some masks are lost, and a side file lies around."""
    for i in range(8):
        image(p / f"fotos/Straße {i}/bild.jpeg")
        if i not in (2, 5):
            mask(p / f"etiketten/neu/Straße {i}/bild.png")
    text(p / "fotos/Straße 1/bild.txt", "cloudy")


def mvtec(p):
    """Normal images, which have no masks by design, beside those of each kind of defect, in two categories."""
    for thing, defects in (("bottle", ("broken_large", "contamination")), ("cable", ("cut",))):
        for i in range(5):
            image(p / f"{thing}/train/good/{i:03}.png")
        for i in range(2):
            image(p / f"{thing}/test/good/{i:03}.png")
        for defect in defects:
            for i in range(3):
                image(p / f"{thing}/test/{defect}/{i:03}.png")
                mask(p / f"{thing}/ground_truth/{defect}/{i:03}_mask.png")


def endovis(p):
    """Frames of two cameras, and a folder for each tool, one of which is held left."""
    for sequence in (1, 2):
        for i in range(3):
            for eye in ("left", "right"):
                image(p / f"instrument_dataset_{sequence}/{eye}_frames/frame{i:03}.png")
            for k, tool in enumerate(("Left_Prograsp_Forceps", "Maryland_Bipolar_Forceps")):
                drawn = 10 * (k + 1) * (discs(6, i) % 2 == k) * (discs(6, i) > 0)
                truth = p / f"instrument_dataset_{sequence}/ground_truth/{tool}_labels/frame{i:03}.png"
                _save(truth, drawn.astype("uint8"))


def pedestrians(p):
    """Few people in each image, numbered in a palette; a text about each image lies beside them."""
    for i in range(1, 13):
        image(p / f"PNGImages/FudanPed{i:05}.png")
        numbers = Image.fromarray(discs(1 + i % 4, i).astype("uint8"))
        numbers.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0])
        (p / "PedMasks").mkdir(exist_ok=True)
        numbers.save(p / f"PedMasks/FudanPed{i:05}_mask.png")
        about = (
            f'Image filename : "PennFudanPed/PNGImages/FudanPed{i:05}.png"\nObjects with ground truth : {1 + i % 4}\n'
        )
        text(p / f"Annotation/FudanPed{i:05}.txt", about)


LAYOUTS = {
    "Penn-Fudan": Layout(pedestrians, 12, ("background", "object"), notes=("one region",)),
    "MVTec AD": Layout(mvtec, 9, 2, {"test": 9}),
    "EndoVis": Layout(endovis, 0, question="two images for each mask: left_frames/* and right_frames/*"),
    "ADE20K, full": Layout(ade_full, 6, ("0", "120", "1735"), {"train": 4, "validation": 2}, ("parts",)),
    "Pascal Context": Layout(pascal_context, 0, question="33_context_labels/* and 59_context_labels/*"),
    "LoveDA": Layout(love_da, 6, 3, {"train": 4, "validation": 2}),
    "Cityscapes, whole": Layout(
        cityscapes_whole, 6, ("7", "8", "11"), {"train": 4, "validation": 2}, ("colour", "objects")
    ),
    "Vistas": Layout(vistas, 6, 3, {"train": 4, "validation": 2}, ("objects",)),
    "ISIC, attributes": Layout(isic_attributes, 6, 4, {"train": 6}, ("no masks of classes",)),
    "SUIM": Layout(suim, 6, 3, notes=("for some of the images only",)),
    "LIVECell": Layout(livecell, 8, ("background", "cell"), PARTS),
    "UAVid": Layout(uavid, 6, 3, {"train": 4, "validation": 2}),
    "semantic drones": Layout(drone, 6, 3, notes=("colour",)),
    "FloodNet": Layout(flood_net, 8, 3, PARTS, ("colour",)),
    "SuperAnnotate": Layout(super_annotate, 6, 3),
    "WoodScape": Layout(wood_scape, 6, 3, notes=("colour",)),
    "accents of two systems": Layout(other_accents, 6),
    "DUTS": Layout(duts, 6),
    "dots in names": Layout(dots_in_names, 6),
    "a folder for each image": Layout(bags_of_names, 6),
}
