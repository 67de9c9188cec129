"""Answers to the exercise `encode`, right ones and wrong ones with words that their feedback must contain."""

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
    if strange := set(packed.ravel().tolist()) - set(known):
        code = strange.pop()
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
