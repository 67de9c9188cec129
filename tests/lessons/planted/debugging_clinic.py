"""Answers to the exercises `encode` and `faults`, right and wrong, with words that their feedback must contain."""

import numpy as np
from support import right, wrong


@right
def encode_by_broadcasting(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    unknown = rgb[~match.any(-1)]
    if len(unknown):
        raise ValueError(f"no class has colour {unknown[0].tolist()}; the colours are {colours.tolist()}")
    return match.argmax(-1)


@right
def encode_one_colour_at_a_time(rgb, colours):
    mask = np.full(rgb.shape[:2], -1)
    for number, (red, green, blue) in enumerate(colours):
        mask[(rgb[..., 0] == red) & (rgb[..., 1] == green) & (rgb[..., 2] == blue)] = number
    if mask.min() < 0:
        raise ValueError(f"unknown: {np.unique(rgb[mask < 0], axis=0)}")
    return mask


@right
def encode_with_a_dictionary(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    rows = []
    for row in rgb.tolist():
        for pixel in row:
            if tuple(pixel) not in classes:
                raise ValueError(f"unknown colour {tuple(pixel)}")
        rows.append([classes[tuple(pixel)] for pixel in row])
    return rows


@right
def encode_with_packed_colours(rgb, colours):
    weights = np.array([65536, 256, 1])
    packed, known = rgb @ weights, list(colours @ weights)
    if strange := [code for code in packed.ravel().tolist() if code not in known]:
        code = strange[0]
        raise ValueError(f"({code >> 16}, {code >> 8 & 255}, {code & 255}) is no class")
    return [[known.index(code) for code in row] for row in packed]


@wrong("became class 0 without a word")
def encode_as_in_case_2(rgb, colours):
    mask = np.zeros(rgb.shape[:2], int)
    for number, colour in enumerate(colours):
        mask[(rgb == colour).all(-1)] = number
    return mask


@wrong("the nearest class")
def encode_by_distance(rgb, colours):
    distance = np.linalg.norm(rgb[:, :, None].astype(float) - colours, axis=-1)
    return np.argmin(distance, axis=-1)


@wrong("became 255, void")
def encode_with_void(rgb, colours):
    mask = np.full(rgb.shape[:2], 255, np.uint8)
    for number, colour in enumerate(colours):
        mask[np.all(rgb == colour, axis=2)] = number
    return mask


@wrong("became -1")
def encode_with_minus_one(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    return [[classes.get(tuple(pixel), -1) for pixel in row] for row in rgb.tolist()]


@wrong("raises a KeyError")
def encode_by_look_up(rgb, colours):
    classes = {tuple(colour): number for number, colour in enumerate(colours.tolist())}
    return [[classes[tuple(pixel)] for pixel in row] for row in rgb.tolist()]


@wrong("raises a KeyError")
def encode_by_position(rgb, colours):
    return [[np.flatnonzero((colours == pixel).all(1))[0] for pixel in row] for row in rgb]


@wrong("does not say which colour")
def encode_without_naming_the_colour(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    if not match.any(-1).all():
        raise ValueError("bad mask")
    return match.argmax(-1)


@wrong("does not say which colour")
def encode_naming_the_known_colours(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    if match.sum() < match.shape[0] * match.shape[1]:
        raise ValueError(f"expected {colours.tolist()}")
    return match.argmax(-1)


@wrong("counted from 1")
def encode_from_one(rgb, colours):
    return encode_by_broadcasting(rgb, colours) + 1


@wrong("one* channel does")
def encode_by_any_channel(rgb, colours):
    match = (rgb[:, :, None, :] == colours).any(-1)
    if not match.any(-1).all():
        raise ValueError("unknown colour")
    return match.argmax(-1)


@wrong("Only the red channel")
def encode_by_red(rgb, colours):
    return [[colours[:, 0].tolist().index(pixel[0]) for pixel in row] for row in rgb]


@wrong("same sum")
def encode_by_brightness(rgb, colours):
    grey = colours.mean(-1).tolist()
    return [[grey.index(pixel.mean()) for pixel in row] for row in rgb]


@wrong("as OpenCV")
def encode_of_bgr(rgb, colours):
    mask = np.zeros(rgb.shape[:2], int)
    for number, (blue, green, red) in enumerate(colours):
        mask[(rgb == (red, green, blue)).all(-1)] = number
    return mask


@wrong("sorted order")
def encode_by_unique(rgb, colours):
    encode_by_broadcasting(rgb, colours)
    return np.unique(rgb.reshape(-1, 3), axis=0, return_inverse=True)[1].reshape(rgb.shape[:2])


@wrong("one-hot")
def encode_one_hot(rgb, colours):
    encode_by_broadcasting(rgb, colours)
    return (rgb[:, :, None, :] == colours).all(-1)


@wrong("not (H, W, 1)")
def encode_with_a_channel(rgb, colours):
    return np.expand_dims(encode_by_broadcasting(rgb, colours), -1)


@wrong("Rows and columns are swapped.")
def encode_transposed(rgb, colours):
    return encode_by_broadcasting(rgb.transpose(1, 0, 2), colours)


@wrong("it stops with ValueError: colours differ")
def encode_that_wants_every_colour(rgb, colours):
    found = {tuple(pixel) for row in rgb.tolist() for pixel in row}
    if found != {tuple(colour) for colour in colours.tolist()}:
        raise ValueError("colours differ")
    return encode_by_broadcasting(rgb, colours)


@wrong("expected an error, got values of shape (4, 6)")
def encode_with_seven(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    return np.where(match.any(-1), match.argmax(-1), 7)


# The second exercise, `faults`


@right
def faults_by_sets(images, masks, classes):
    return [
        masks.shape != images.shape[:3],
        bool(set(np.unique(masks).tolist()) - {*range(classes), 255}),
        images.max() <= 1,
        not set(np.unique(masks).tolist()) - {0, 255},
    ]


@right
def faults_by_comparing(images, masks, classes):
    whole = masks == np.floor(masks)
    in_range = ((masks >= 0) & (masks < classes)) | (masks == 255)
    labelled = masks[masks != 255]
    fit = images.shape[:-1] == masks.shape
    return np.array([not fit, not (whole & in_range).all(), not (images > 1).any(), (labelled == 0).all()])


@right
def faults_as_a_tuple(images, masks, classes):
    allowed = list(range(classes)) + [255]
    strange = [value for value in masks.ravel().tolist() if value not in allowed]
    objects = [value for value in masks.ravel().tolist() if value not in (0, 255)]
    return masks.shape != images.shape[:3], len(strange) > 0, float(images.max()) <= 1.0, len(objects) == 0


@wrong("channel axis and masks have none")
def faults_with_the_channel(images, masks, classes):
    return [images.shape != masks.shape, *faults_by_sets(images, masks, classes)[1:]]


@wrong("Only the number of images")
def faults_by_counting(images, masks, classes):
    return [len(images) != len(masks), *faults_by_sets(images, masks, classes)[1:]]


@wrong("Widths are not compared")
def faults_of_heights(images, masks, classes):
    return [images.shape[:2] != masks.shape[:2], *faults_by_sets(images, masks, classes)[1:]]


@wrong("Heights are not compared")
def faults_of_widths(images, masks, classes):
    same = len(images) == len(masks) and images.shape[2] == masks.shape[-1]
    return [not same, *faults_by_sets(images, masks, classes)[1:]]


@wrong("255 is void")
def faults_without_void(images, masks, classes):
    strange = set(np.unique(masks).tolist()) - set(range(classes))
    found = faults_by_sets(images, masks, classes)
    return [found[0], len(strange) > 0, *found[2:]]


@wrong("from 0 to C - 1")
def faults_with_one_class_more(images, masks, classes):
    found = faults_by_sets(images, masks, classes)
    return [found[0], faults_by_sets(images, masks, classes + 1)[1], *found[2:]]


@wrong("such as 0.5")
def faults_of_whole_numbers(images, masks, classes):
    return faults_by_sets(images, np.where(masks == 255, 255, np.trunc(masks)), classes)


@wrong("dtype does not say")
def faults_by_dtype(images, masks, classes):
    found = faults_by_sets(images, masks, classes)
    return [*found[:2], images.dtype != np.uint8, found[3]]


@wrong("One empty mask among others")
def faults_of_any_empty_mask(images, masks, classes):
    empty = any(not set(np.unique(mask).tolist()) - {0, 255} for mask in masks)
    return [*faults_by_sets(images, masks, classes)[:3], empty]


@wrong("255 is no object")
def faults_with_void_as_an_object(images, masks, classes):
    return [*faults_by_sets(images, masks, classes)[:3], masks.max() == 0]


@wrong("True where all is well")
def faults_upside_down(images, masks, classes):
    return [not found for found in faults_by_sets(images, masks, classes)]


@wrong("nearly that of a class")
def encode_with_a_tolerance(rgb, colours):
    near = np.isclose(rgb[:, :, None, :].astype(float), colours, atol=1).all(-1)
    if not near.any(-1).all():
        raise ValueError(f"unknown: {rgb[~near.any(-1)][0]}")
    return near.argmax(-1)


@wrong("name the first in reading order")
def encode_that_names_the_last(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    for colour, known in zip(rgb[::-1, ::-1].reshape(-1, 3), match[::-1, ::-1].any(-1).flat, strict=True):
        if not known:
            raise ValueError(f"unknown: {colour}")
    return match.argmax(-1)


@wrong("name the first in reading order")
def encode_that_names_the_smallest(rgb, colours):
    match = (rgb[:, :, None, :] == colours).all(-1)
    if not match.any(-1).all():
        raise ValueError(f"unknown: {min(rgb[~match.any(-1)].tolist())}")
    return match.argmax(-1)


@wrong("it stops with ValueError: unknown")
def encode_for_five_classes(rgb, colours):
    classes = np.full(rgb.shape[:2], -1)
    for number in range(5):
        classes[(rgb == colours[number]).all(-1)] = number
    if (classes < 0).any():
        raise ValueError(f"unknown: {rgb[classes < 0][0]}")
    return classes
