"""Losses for segmentation, written with `keras.ops` alone, so they run on every Keras backend.

Each function takes integer masks and scores and returns one number per image; `SegmentationLoss` wraps any of
them for `model.compile` and for `keras.saving`, in safe mode. TP, FP and FN below are *soft* counts: sums of
probabilities over an image's pixels. Void pixels (`ignore_class`) count nowhere.
"""

import inspect

import keras

from segutils.plumbing.arguments import check_choice

ops = keras.ops


def cross_entropy(y_true, y_pred, *, class_weights=None, ignore_class=None, from_logits=True):
    """Weighted mean over an image's pixels of minus the log-probability of the true class.

    Formula: Σ w[y] · (-log p[y]) / Σ w[y]
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        class_weights: C numbers >= 0; None weighs all classes alike.
        ignore_class: label of void pixels, e.g. 255.
    Returns: (B,) float32; 0 for an image that is all void.
    Raises: ValueError if the shapes do not fit.
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(cross_entropy(mask, logits)[0]), 3)
    0.127
    """
    return focal(
        y_true, y_pred, gamma=0.0, class_weights=class_weights, ignore_class=ignore_class, from_logits=from_logits
    )


def focal(y_true, y_pred, *, gamma=2.0, class_weights=None, ignore_class=None, from_logits=True):
    """Cross-entropy that down-weights confident pixels, so that the hard ones decide; gamma = 0 is plain cross-entropy.

    Formula: Σ w[y] · (1 - p[y])^gamma · (-log p[y]) / Σ w[y]
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        gamma: how fast easy pixels lose weight; >= 0.
        class_weights: C numbers >= 0; None weighs all classes alike.
        ignore_class: label of void pixels, e.g. 255, which count nowhere.
    Returns: (B,) float32; 0 for an image that is all void.
    Raises: ValueError if the shapes do not fit or gamma is negative.
    Source: Lin et al. 2017, arXiv:1708.02002.
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(focal(mask, logits)[0]), 3)
    0.002
    """
    if gamma < 0:
        raise ValueError(f"gamma must be >= 0, got {gamma}; 0 is cross-entropy, 2 is common")
    truth, log_p = _pixels(y_true, y_pred, ignore_class, from_logits)
    cost = -log_p if gamma == 0 else -log_p * ops.power(ops.maximum(1 - ops.exp(log_p), 1e-7), gamma)
    costs = ops.diagonal(soft_confusion(truth, cost), axis1=1, axis2=2)  # of the true class, (B, C)
    pixels = ops.sum(truth, axis=(1, 2))
    weights = 1.0 if class_weights is None else _weights(class_weights, truth.shape[-1])
    total, weight = (ops.sum(weights * x, axis=-1) for x in (costs, pixels))
    return ops.where(weight > 0, total / ops.where(weight > 0, weight, 1.0), 0.0)


def tversky(
    y_true, y_pred, *, alpha=0.5, beta=0.5, exponent=1.0, smooth=1.0, over="image", ignore_class=None, from_logits=True
):
    """One minus the Tversky overlap of each class, averaged over all classes.

    Formula: mean over c of (1 - (TP + s) / (TP + alpha · FP + beta · FN + s)) ^ exponent, s = smooth
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        alpha, beta: cost of a false positive, of a false negative; >= 0.
        exponent: 1 is Tversky; below 1, the focal Tversky loss; > 0.
        smooth: pixels added above and below, so that a class in neither mask costs (almost) nothing; >= 0.
        over: "image" counts in each image alone; "batch" pools the counts of the batch, so small objects in
            one image are judged together with large ones in another.
        ignore_class: label of void pixels, e.g. 255, which count nowhere.
    Returns: (B,) float32 in [0, 1]; a class empty in both masks adds 0.
    Raises: ValueError if the shapes do not fit or a number is out of its range.
    Source: Salehi et al. 2017, arXiv:1706.05721; Abraham and Khan 2019, arXiv:1810.07842.
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(tversky(mask, logits)[0]), 3)
    0.06
    """
    check_choice("over", over, ("image", "batch"))
    if min(alpha, beta, smooth) < 0 or exponent <= 0:
        got = f"alpha={alpha}, beta={beta}, smooth={smooth}, exponent={exponent}"
        raise ValueError(f"alpha, beta and smooth must be >= 0 and exponent > 0, got {got}")
    truth, log_p = _pixels(y_true, y_pred, ignore_class, from_logits)
    counts = soft_confusion(truth, ops.exp(log_p))  # without void pixels, which have no true class
    true_positives, predicted = ops.diagonal(counts, axis1=1, axis2=2), ops.sum(counts, axis=1)
    actual = ops.sum(truth, axis=(1, 2))
    if over == "batch":
        pooled = (ops.sum(x, axis=0, keepdims=True) for x in (true_positives, predicted, actual))
        true_positives, predicted, actual = (ops.broadcast_to(x, ops.shape(predicted)) for x in pooled)
    false_positives, false_negatives = predicted - true_positives, actual - true_positives
    union = true_positives + alpha * false_positives + beta * false_negatives + smooth
    overlap = ops.where(union > 0, (true_positives + smooth) / ops.where(union > 0, union, 1.0), 1.0)
    miss = 1 - overlap
    return ops.mean(miss if exponent == 1 else ops.power(ops.maximum(miss, 1e-7), exponent), axis=-1)


def dice(y_true, y_pred, *, smooth=1.0, over="image", ignore_class=None, from_logits=True):
    """One minus the soft Dice overlap of each class, averaged over all classes: Tversky with alpha = beta = 1/2.

    Formula: mean over c of 1 - (2 TP + 2 s) / (2 TP + FP + FN + 2 s), s = smooth
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        smooth: pixels added above and below, so that a class in neither mask costs (almost) nothing; >= 0.
        over: "image" counts in each image alone; "batch" pools the counts of the batch.
        ignore_class: label of void pixels, e.g. 255, which count nowhere.
    Returns: (B,) float32 in [0, 1]; a class empty in both masks adds 0.
    Raises: ValueError if the shapes do not fit or `smooth` is negative.
    Source: Milletari et al. 2016, arXiv:1606.04797 (there with squares below; notebook 5 compares).
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(dice(mask, logits)[0]), 3)
    0.06
    """
    return tversky(y_true, y_pred, smooth=smooth, over=over, ignore_class=ignore_class, from_logits=from_logits)


def focal_tversky(
    y_true, y_pred, *, alpha=0.3, beta=0.7, exponent=0.75, smooth=1.0, over="image", ignore_class=None, from_logits=True
):
    """Tversky to a power below 1, which keeps a gradient on classes that are nearly right.

    Formula: mean over c of (1 - (TP + s) / (TP + alpha · FP + beta · FN + s)) ^ exponent, s = smooth
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        alpha, beta: cost of a false positive, of a false negative; >= 0.
        exponent: below 1, nearly right classes keep their gradient; > 0.
        smooth, over: pixels added above and below, >= 0; counts within an "image" or a "batch".
        ignore_class: label of void pixels, e.g. 255, which count nowhere.
    Returns: (B,) float32 in [0, 1]; a class empty in both masks adds 0.
    Raises: ValueError if the shapes do not fit or a number is out of its range.
    Source: Abraham and Khan 2019, arXiv:1810.07842.
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(focal_tversky(mask, logits)[0]), 3)
    0.121
    """
    options = {"smooth": smooth, "over": over, "ignore_class": ignore_class, "from_logits": from_logits}
    return tversky(y_true, y_pred, alpha=alpha, beta=beta, exponent=exponent, **options)


def cross_entropy_dice(
    y_true,
    y_pred,
    *,
    dice_weight=0.5,
    class_weights=None,
    smooth=1.0,
    over="image",
    ignore_class=None,
    from_logits=True,
):
    """Cross-entropy, which cares for every pixel, and Dice, which cares for every class, in one number per image.

    Formula: (1 - w) · CE + w · Dice, w = dice_weight
    Args:
        y_true: (B, H, W) ints in 0..C-1, or `ignore_class`.
        y_pred: (B, H, W, C) logits, or probabilities if not `from_logits`.
        dice_weight: w, in 0..1.
        class_weights: C numbers >= 0, for the cross-entropy; None weighs all classes alike.
        smooth, over: of Dice: pixels added above and below, >= 0; counts within an "image" or a "batch".
        ignore_class: label of void pixels, e.g. 255, which count nowhere.
    Returns: (B,) float32; 0 for an image that is all void.
    Raises: ValueError if the shapes do not fit or a number is out of its range.
    >>> mask, logits = ops.array([[[0, 1]]]), ops.array([[[[2.0, 0.0], [0.0, 2.0]]]])
    >>> round(float(cross_entropy_dice(mask, logits)[0]), 3)
    0.093
    """
    if not 0 <= dice_weight <= 1:
        raise ValueError(f"dice_weight must lie in 0..1, got {dice_weight}")
    void = {"ignore_class": ignore_class, "from_logits": from_logits}
    pixels = cross_entropy(y_true, y_pred, class_weights=class_weights, **void)
    return (1 - dice_weight) * pixels + dice_weight * dice(y_true, y_pred, smooth=smooth, over=over, **void)


LOSSES = {
    function.__name__: function for function in (cross_entropy, focal, dice, tversky, focal_tversky, cross_entropy_dice)
}


def with_distance(y_true, y_pred, *, class_loss="cross_entropy", weight=1.0, ignore_class=None, options=None):
    """A loss of two heads: one of the functions above for the classes, and a map that the last channel learns.

    Formula: L + w · mean over pixels of (-d log σ(z) - (1 - d) log(1 - σ(z))), σ the sigmoid, smallest at σ(z) = d
    Args:
        y_true: (B, H, W, 2) numbers: the label, in 0..C-1 or `ignore_class`, and the map d, e.g. objects.rim_distance.
        y_pred: (B, H, W, C + 1) logits: of the classes, and z of the map.
        class_loss, options: name of the function for the classes, and its further options.
        weight: w, of the map; >= 0.
        ignore_class: label of void pixels, which count in neither part.
    Returns: (B,) float32; 0 for an image that is all void.
    Raises: ValueError for an unknown class_loss, a negative weight, or shapes that do not fit.
    >>> y_true, logits = ops.array([[[[1.0, 0.5]]]]), ops.array([[[[-9.0, 9.0, 0.0]]]])
    >>> round(float(with_distance(y_true, logits)[0]), 3)
    0.693
    """
    check_choice("class_loss", class_loss, tuple(LOSSES))
    shape = tuple(y_true.shape)
    if len(shape) != 4 or shape[-1] != 2:
        raise ValueError(f"expected y_true (B, H, W, 2), label and distance, got {shape}; stack them on the last axis")
    if weight < 0:
        raise ValueError(f"weight must be >= 0, got {weight}; 1 weighs both heads alike")
    y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    labels, distance, z = y_true[..., 0], y_true[..., 1], y_pred[..., -1]
    classes = LOSSES[class_loss](labels, y_pred[..., :-1], ignore_class=ignore_class, **(options or {}))
    counts = ops.ones_like(z) if ignore_class is None else ops.cast(labels != ignore_class, "float32")
    costs = counts * (ops.softplus(z) - z * distance)  # the formula, without overflow
    return classes + weight * ops.sum(costs, (1, 2)) / ops.maximum(ops.sum(counts, (1, 2)), 1.0)


@keras.saving.register_keras_serializable("segutils")
class SegmentationLoss(keras.losses.Loss):
    """One of the functions above as a Keras loss: the mean of its numbers over the batch's images.

    Args:
        function: name of the function, e.g. "cross_entropy_dice".
        name, reduction: as for every Keras loss.
        options: keyword options of that function.
    Raises: ValueError for an unknown function or option.
    >>> SegmentationLoss("dice", ignore_class=255).get_config()["ignore_class"]
    255
    """

    def __init__(self, function, *, name=None, reduction="sum_over_batch_size", **options):
        check_choice("loss", function, (*LOSSES, with_distance.__name__))
        super().__init__(name=name or function, reduction=reduction)
        self.cost = LOSSES.get(function, with_distance)
        allowed = inspect.getfullargspec(self.cost).kwonlyargs
        for option in options:
            check_choice(f"option of {function}", option, tuple(allowed))
        self.function = function  # options as plain lists and numbers, so that they can be saved
        self.options = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in options.items()}

    def call(self, y_true, y_pred):
        return self.cost(y_true, y_pred, **self.options)

    def get_config(self):
        return {"function": self.function, "name": self.name, "reduction": self.reduction, **self.options}


def one_hot(labels, classes, ignore_class=None):
    """Integer masks as one channel per class, 1 for the pixel's class and 0 elsewhere; all 0 where void.

    Args: labels: (B, H, W) ints in 0..classes-1, or `ignore_class`, the label of void pixels; classes: how many.
    Returns: (B, H, W, classes) float32 tensor.
    >>> tuple(one_hot(ops.array([[[0, 2, 255]]]), 3, 255).shape)
    (1, 1, 3, 3)
    """
    labels = ops.cast(labels, "int32")
    if ignore_class is not None:
        labels = ops.where(labels == ignore_class, -1, labels)
    return ops.one_hot(labels, classes, dtype="float32")


def soft_confusion(truth, scores):
    """Confusion matrices of scores instead of masks: what the pixels of each true class add up to in each channel.

    Of probabilities, the diagonal is the soft count TP of Dice; of one-hot predictions it is the confusion matrix.
    A matrix product, whose gradient is one too: quicker than sums over pixels.

    Formula: M[b, t, c] = Σ_j truth[b, j, t] · scores[b, j, c], over the pixels j of image b
    Args:
        truth: (B, H, W, C) one-hot, as one_hot returns it.
        scores: (B, H, W, C) float32.
    Returns: (B, C, C) float32 tensor; exact for one-hot scores up to 2²⁴ pixels of a class.
    >>> truth = one_hot(ops.array([[[0, 1, 1]]]), 2)
    >>> float(soft_confusion(truth, truth)[0, 1, 1])
    2.0
    """
    truth, scores = (ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1])) for x in (truth, scores))
    return ops.matmul(ops.transpose(truth, (0, 2, 1)), scores)


def _pixels(y_true, y_pred, ignore_class, from_logits):
    """One-hot truth (B, H, W, C), all zero where void, and log-probabilities of the same shape, both float32."""
    y_pred = ops.cast(y_pred, "float32")
    labels, scores = tuple(y_true.shape), tuple(y_pred.shape)
    sizes_fit = all(a == b for a, b in zip(labels, scores, strict=False) if None not in (a, b))
    if len(labels) != 3 or len(scores) != 4 or not sizes_fit:
        cure = "pass integer masks (no one-hot, no channel axis) and one score per class"
        raise ValueError(f"expected masks (B, H, W) and scores (B, H, W, C), got {labels} and {scores}; {cure}")
    if scores[-1] < 2:
        raise ValueError(
            f"expected scores of at least 2 classes, got {scores}; give the background a channel of its own"
        )
    log_p = ops.log_softmax(y_pred) if from_logits else ops.log(ops.clip(y_pred, 1e-7, 1.0))
    return one_hot(y_true, scores[-1], ignore_class), log_p


def _weights(class_weights, classes):
    if len(class_weights) != classes or min(class_weights) < 0:
        raise ValueError(f"class_weights must be {classes} numbers >= 0, got {class_weights}")
    return ops.convert_to_tensor(class_weights, "float32")
