# Planted answers to assignment 3: `# %% <test cell> <points> · <what is right or wrong>`, then the code.
# The k-th answers to all tasks are the work of one student, so each must stand alone (but for what `all` defines).

# %% all
import numpy as np


def _log_p(logits):
    z = logits - logits.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def _costs(labels, logits):
    """Of the pixels (N,) labels, (N, C) logits: -log p of the true class."""
    return -_log_p(logits)[np.arange(len(labels)), labels]


def _one_hot(labels, classes):
    return (labels[..., None] == np.arange(classes)).astype(float)


def _parts(y, p):
    """TP, FP, FN of each image."""
    return (y * p).sum((1, 2)), ((1 - y) * p).sum((1, 2)), (y * (1 - p)).sum((1, 2))


def _over(above, below):
    """The fraction; 0/0 is 1."""
    return np.where(below > 0, above / np.where(below > 0, below, 1), 1)


def _confusion(y_true, y_pred, classes):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


def _ratio(above, below):
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)


# %% test_cross_entropy 5 · right: the valid pixels picked out
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return _costs(labels[valid], logits[valid]).mean() if valid.any() else 0


# %% test_cross_entropy 5 · right: pixel by pixel
def cross_entropy(labels, logits, void=255):
    total, count = 0.0, 0
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if labels[i, j] != void:
                z = logits[i, j]
                total += max(z) + np.log(sum(np.exp(z - max(z)))) - z[labels[i, j]]
                count += 1
    return total / max(count, 1)


# %% test_cross_entropy 5 · right: logaddexp and one-hot, void as zeros
def cross_entropy(labels, logits, void=255):
    log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    y = _one_hot(np.where(labels == void, -1, labels), logits.shape[-1])
    return -np.sum(y * log_p) / max(1, y.sum())


# %% test_cross_entropy 4 · probabilities first, then the logarithm
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    if not valid.any():
        return 0.0
    powers = np.exp(logits[valid])
    p = powers / powers.sum(-1, keepdims=True)
    return -np.log(p[np.arange(valid.sum()), labels[valid]]).mean()


# %% test_cross_entropy 4 · a stable softmax, but then the logarithm of 0
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    if not valid.any():
        return 0.0
    powers = np.exp(logits - logits.max(-1, keepdims=True))[valid]
    p = powers / powers.sum(-1, keepdims=True)
    return -np.log(p[np.arange(valid.sum()), labels[valid]]).mean()


# %% test_cross_entropy 4 · probabilities clipped, as Keras does without from_logits
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    if not valid.any():
        return 0.0
    p = np.clip(np.exp(_log_p(logits[valid])), 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(valid.sum()), labels[valid]]).mean()


# %% test_cross_entropy 4 · the mean over all pixels, void ones too
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return _costs(labels[valid], logits[valid]).sum() / labels.size


# %% test_cross_entropy 4 · void pixels taken for background
def cross_entropy(labels, logits, void=255):
    if (labels == void).all():
        return 0.0
    labels = np.where(labels == void, 0, labels)
    return _costs(labels.ravel(), logits.reshape(-1, logits.shape[-1])).mean()


# %% test_cross_entropy 4 · nothing but void gives nan
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return _costs(labels[valid], logits[valid]).sum() / valid.sum()


# %% test_cross_entropy 3 · void pixels not looked at
def cross_entropy(labels, logits, void=255):
    return _costs(labels.ravel(), logits.reshape(-1, logits.shape[-1])).mean()


# %% test_cross_entropy 1 · the sum instead of the mean
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return _costs(labels[valid], logits[valid]).sum()


# %% test_cross_entropy 1 · the sign forgotten
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return -_costs(labels[valid], logits[valid]).mean() if valid.any() else 0.0


# %% test_cross_entropy 1 · the logarithm to the base 2
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    p = np.exp(_log_p(logits[valid]))
    return -np.log2(p[np.arange(valid.sum()), labels[valid]]).mean() if valid.any() else 0.0


# %% test_cross_entropy 0 · logits taken for probabilities
def cross_entropy(labels, logits, void=255):
    valid = labels != void
    return -np.log(logits[valid][np.arange(valid.sum()), labels[valid]]).mean()


# %% test_cross_entropy 0 · a map of losses, no mean
def cross_entropy(labels, logits, void=255):
    y = _one_hot(np.where(labels == void, -1, labels), logits.shape[-1])
    return -(y * _log_p(logits)).sum(-1)


# %% test_cross_entropy 4 · void is a number above all classes
def cross_entropy(labels, logits, void=255):
    valid = labels < logits.shape[-1]
    return _costs(labels[valid], logits[valid]).mean() if valid.any() else 0.0


# %% test_cross_entropy 4 · void is always 255
def cross_entropy(labels, logits, void=255):
    valid = labels != 255
    return _costs(labels[valid], logits[valid]).mean() if valid.any() else 0.0


# %% test_cross_entropy_gradient 4 · right: p - y, times valid
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])) / valid.sum()


# %% test_cross_entropy_gradient 4 · right: only the valid pixels written
def cross_entropy_gradient(labels, logits, void=255):
    gradient, valid = np.zeros(logits.shape), labels != void
    p = np.exp(_log_p(logits[valid]))
    p[np.arange(len(p)), labels[valid]] -= 1
    gradient[valid] = p / len(p)
    return gradient


# %% test_cross_entropy_gradient 4 · right: pixel by pixel
def cross_entropy_gradient(labels, logits, void=255):
    gradient = np.zeros_like(logits)
    places = np.argwhere(labels != void)
    for i, j in places:
        powers = np.exp(logits[i, j] - max(logits[i, j]))
        for c in range(logits.shape[2]):
            gradient[i, j, c] = (powers[c] / sum(powers) - (c == labels[i, j])) / len(places)
    return gradient


# %% test_cross_entropy_gradient 3 · softmax overflows
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return valid * (p - _one_hot(labels, logits.shape[-1])) / valid.sum()


# %% test_cross_entropy_gradient 0 · not divided by the number of pixels
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1]))


# %% test_cross_entropy_gradient 3 · divided by all pixels
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])) / labels.size


# %% test_cross_entropy_gradient 0 · the sign of a step, y - p
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (_one_hot(labels, logits.shape[-1]) - np.exp(_log_p(logits))) / valid.sum()


# %% test_cross_entropy_gradient 3 · void pixels get the gradient p
def cross_entropy_gradient(labels, logits, void=255):
    gradient = np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])
    return gradient / (labels != void).sum()


# %% test_cross_entropy_gradient 3 · void pixels taken for background
def cross_entropy_gradient(labels, logits, void=255):
    labels = np.where(labels == void, 0, labels)
    return (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])) / labels.size


# %% test_cross_entropy_gradient 3 · void is a number above all classes
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels < logits.shape[-1])[..., None]
    return valid * (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])) / valid.sum()


# %% test_cross_entropy_gradient 0 · logits instead of probabilities
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (logits - _one_hot(labels, logits.shape[-1])) / valid.sum()


# %% test_cross_entropy_gradient 0 · only the true class gets a gradient
def cross_entropy_gradient(labels, logits, void=255):
    valid, y = (labels != void)[..., None], _one_hot(labels, logits.shape[-1])
    return valid * y * (np.exp(_log_p(logits)) - y) / valid.sum()


# %% test_cross_entropy_gradient 0 · softmax over all pixels
def cross_entropy_gradient(labels, logits, void=255):
    valid, powers = (labels != void)[..., None], np.exp(logits - logits.max())
    return valid * (powers / powers.sum() - _one_hot(labels, logits.shape[-1])) / valid.sum()


# %% test_cross_entropy_gradient 0 · the mean over the pixels
def cross_entropy_gradient(labels, logits, void=255):
    valid = labels != void
    return (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1]))[valid].mean(0)


# %% test_cross_entropy_gradient 0 · divided by the number of logits
def cross_entropy_gradient(labels, logits, void=255):
    valid = (labels != void)[..., None]
    return valid * (np.exp(_log_p(logits)) - _one_hot(labels, logits.shape[-1])) / (valid * np.ones(logits.shape)).sum()


# %% test_weighted_cross_entropy 3 · right: np.average
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return np.average(costs, weights=weights[labels.ravel()])


# %% test_weighted_cross_entropy 3 · right: class by class
def weighted_cross_entropy(labels, logits, weights):
    above = sum(w * -_log_p(logits)[labels == c, c].sum() for c, w in enumerate(weights))
    return above / sum(w * (labels == c).sum() for c, w in enumerate(weights))


# %% test_weighted_cross_entropy 3 · right: one-hot times weights
def weighted_cross_entropy(labels, logits, weights):
    y = np.eye(len(weights))[labels] * weights
    return -np.sum(y * _log_p(logits)) / np.sum(y)


# %% test_weighted_cross_entropy 1 · weights forgotten
def weighted_cross_entropy(labels, logits, weights):
    return _costs(labels.ravel(), logits.reshape(-1, len(weights))).mean()


# %% test_weighted_cross_entropy 1 · divided by the number of pixels
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return (weights[labels.ravel()] * costs).mean()


# %% test_weighted_cross_entropy 0 · divided by the sum over the classes
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return (weights[labels.ravel()] * costs).sum() / weights.sum()


# %% test_weighted_cross_entropy 0 · not divided
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return (weights[labels.ravel()] * costs).sum()


# %% test_weighted_cross_entropy 1 · the weight of the predicted class
def weighted_cross_entropy(labels, logits, weights):
    votes = weights[logits.argmax(-1)].ravel()
    return (votes * _costs(labels.ravel(), logits.reshape(-1, len(weights)))).sum() / votes.sum()


# %% test_weighted_cross_entropy 1 · the weight inside the logarithm
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return (costs - np.log(weights[labels.ravel()])).mean()


# %% test_weighted_cross_entropy 1 · the logits weighted
def weighted_cross_entropy(labels, logits, weights):
    return _costs(labels.ravel(), (logits * weights).reshape(-1, len(weights))).mean()


# %% test_weighted_cross_entropy 1 · one over the weight
def weighted_cross_entropy(labels, logits, weights):
    votes = 1 / weights[labels.ravel()]
    return (votes * _costs(labels.ravel(), logits.reshape(-1, len(weights)))).sum() / votes.sum()


# %% test_weighted_cross_entropy 0 · means of the classes, weighted
def weighted_cross_entropy(labels, logits, weights):
    means = [-_log_p(logits)[labels == c, c].mean() for c in range(len(weights))]
    return (weights * means).sum() / weights.sum()


# %% test_weighted_cross_entropy 0 · the sign forgotten
def weighted_cross_entropy(labels, logits, weights):
    votes = weights[labels.ravel()]
    return -(votes * _costs(labels.ravel(), logits.reshape(-1, len(weights)))).sum() / votes.sum()


# %% test_weighted_cross_entropy 1 · weights squared
def weighted_cross_entropy(labels, logits, weights):
    costs = _costs(labels.ravel(), logits.reshape(-1, len(weights)))
    return np.average(costs, weights=weights[labels.ravel()] ** 2)


# %% test_weighted_cross_entropy 1 · the mean of a class without pixels is nan
def weighted_cross_entropy(labels, logits, weights):
    own = -(_log_p(logits) * np.eye(len(weights))[labels]).sum(axis=-1)
    votes = weights * np.bincount(labels.ravel(), minlength=len(weights))
    return sum(v * own[labels == c].mean() for c, v in enumerate(votes)) / votes.sum()


# %% test_weighted_cross_entropy 1 · only the classes that occur have weights
def weighted_cross_entropy(labels, logits, weights):
    own = -(_log_p(logits) * np.eye(len(weights))[labels]).sum(axis=-1)
    votes = weights[np.unique(labels, return_inverse=True)[1].reshape(labels.shape)]
    return (votes * own).sum() / votes.sum()


# %% test_tversky 5 · right: sums over rows and columns
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - _over(hits, hits + alpha * extra + beta * missed)


# %% test_tversky 5 · right: image by image, a list
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    losses = []
    for y, p in zip(y_true, y_pred, strict=True):
        if y.sum() == 0 and p.sum() == 0:
            losses.append(0.0)
        else:
            hits = np.sum(y * p)
            losses.append(1 - hits / (hits + alpha * (p.sum() - hits) + beta * (y.sum() - hits)))
    return losses


# %% test_tversky 5 · right: a tiny number above and below
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = np.array(_parts(y_true, y_pred))
    return 1 - (hits + 1e-9) / (hits + alpha * extra + beta * missed + 1e-9)


# %% test_tversky 3 · α and β swapped
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - _over(hits, hits + beta * extra + alpha * missed)


# %% test_tversky 3 · pooled over the images
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = (part.sum() for part in _parts(y_true, y_pred))
    return np.full(len(y_true), 1 - _over(hits, hits + alpha * extra + beta * missed))


# %% test_tversky 4 · two empty masks give nan
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - hits / (hits + alpha * extra + beta * missed)


# %% test_tversky 4 · a tiny number below only
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - hits / (hits + alpha * extra + beta * missed + 1e-9)


# %% test_tversky 4 · an empty truth always costs 0
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return np.where(y_true.any((1, 2)), 1 - _over(hits, hits + alpha * extra + beta * missed), 0)


# %% test_tversky 4 · only if all images are empty
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    if not y_true.any():
        return y_pred.any((1, 2)).astype(float)
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - hits / (hits + alpha * extra + beta * missed)


# %% test_tversky 4 · a faint prediction counts as empty
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    empty = ~y_true.any((1, 2)) & ~(y_pred > 0.5).any((1, 2))
    return np.where(empty, 0, 1 - _over(hits, hits + alpha * extra + beta * missed))


# %% test_tversky 4 · an empty prediction costs 0
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return np.where(y_pred.any((1, 2)), 1 - _over(hits, hits + alpha * extra + beta * missed), 0)


# %% test_tversky 0 · the coefficient instead of the loss
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return _over(hits, hits + alpha * extra + beta * missed)


# %% test_tversky 0 · the mean over the images
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return (1 - _over(hits, hits + alpha * extra + beta * missed)).mean()


# %% test_tversky 3 · Dice, whatever α and β are
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - _over(2 * hits, 2 * hits + extra + missed)


# %% test_tversky 1 · TP twice, as in Dice
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - _over(2 * hits, 2 * hits + alpha * extra + beta * missed)


# %% test_tversky 2 · Dice with squares
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    return 1 - _over(2 * (y_true * y_pred).sum((1, 2)), (y_true**2 + y_pred**2).sum((1, 2)))


# %% test_tversky 1 · the prediction cut at 0.5
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, (y_pred > 0.5).astype(float))
    return 1 - _over(hits, hits + alpha * extra + beta * missed)


# %% test_tversky 0 · one pixel added above and below
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = _parts(y_true, y_pred)
    return 1 - (hits + 1) / (hits + alpha * extra + beta * missed + 1)


# %% test_tversky 0 · sums over rows only
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits = (y_true * y_pred).sum(1)
    return 1 - _over(hits, hits + alpha * ((1 - y_true) * y_pred).sum(1) + beta * (y_true * (1 - y_pred)).sum(1))


# %% test_tversky 4 · a number above and below that a faint alarm feels
def tversky(y_true, y_pred, alpha=0.5, beta=0.5):
    hits, extra, missed = np.array(_parts(y_true, y_pred))
    return 1 - (hits + 1e-7) / (hits + alpha * extra + beta * missed + 1e-7)


# %% test_dice_gradient 4 · right: the quotient rule
def dice_gradient(y_true, y_pred):
    overlap, size = np.sum(y_true * y_pred), np.sum(y_true) + np.sum(y_pred)
    return np.zeros_like(y_pred) if size == 0 else -2 * (y_true * size - overlap) / size**2


# %% test_dice_gradient 4 · right: a difference quotient
def dice_gradient(y_true, y_pred):
    gradient = np.zeros(y_pred.shape)
    if not (y_true.any() or y_pred.any()):
        return gradient
    for place in np.ndindex(*y_pred.shape):
        losses = []
        for h in (1e-5, -1e-5):
            p = y_pred.copy()
            p[place] += h
            losses.append(1 - 2 * (y_true * p).sum() / (y_true.sum() + p.sum()))
        gradient[place] = (losses[0] - losses[1]) / 2e-5
    return gradient


# %% test_dice_gradient 4 · right: two slopes, one inside the object and one outside
def dice_gradient(y_true, y_pred):
    size = y_true.sum() + y_pred.sum()
    outside = 2 * (y_true * y_pred).sum() / size**2 if size else 0
    inside = outside - 2 / size if size else 0
    return np.where(y_true == 1, inside, outside)


# %% test_dice_gradient 3 · two empty masks give nan
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_true) / size


# %% test_dice_gradient 3 · 0 where either mask is empty
def dice_gradient(y_true, y_pred):
    if not (y_true.any() and y_pred.any()):
        return np.zeros(y_true.shape)
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_true) / size


# %% test_dice_gradient 2 · S taken for a constant
def dice_gradient(y_true, y_pred):
    size = y_true.sum() + y_pred.sum()
    return -2 * y_true / size if size else 0 * y_true


# %% test_dice_gradient 1 · the coefficient's gradient
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (y_true - overlap / size) / size if size else 0 * y_true


# %% test_dice_gradient 2 · the loss with squares
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), (y_true**2 + y_pred**2).sum()
    return (4 * overlap * y_pred / size - 2 * y_true) / size if size else 0 * y_true


# %% test_dice_gradient 1 · the factor 2 forgotten
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return (overlap / size - y_true) / size if size else 0 * y_true


# %% test_dice_gradient 1 · divided by S once instead of twice
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_true) if size else 0 * y_true


# %% test_dice_gradient 1 · divided by the number of pixels
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_true) / size / y_true.size if size else 0 * y_true


# %% test_dice_gradient 1 · for logits behind a sigmoid
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_true) / size * y_pred * (1 - y_pred) if size else 0 * y_true


# %% test_dice_gradient 1 · the gradient for the truth
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * (overlap / size - y_pred) / size if size else 0 * y_true


# %% test_dice_gradient 1 · that of cross-entropy, p - y
def dice_gradient(y_true, y_pred):
    return (y_pred - y_true) / y_true.size


# %% test_dice_gradient 2 · all pixels forgotten that are not of the object
def dice_gradient(y_true, y_pred):
    overlap, size = (y_true * y_pred).sum(), y_true.sum() + y_pred.sum()
    return 2 * y_true * (overlap / size - 1) / size if size else 0 * y_true


# %% test_dice_gradient 0 · the loss instead of its gradient
def dice_gradient(y_true, y_pred):
    return 1 - 2 * (y_true * y_pred).sum() / (y_true.sum() + y_pred.sum())


# %% test_class_iou 4 · right: a confusion matrix
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))


# %% test_class_iou 4 · right: class by class, sets of pixels
def class_iou(y_true, y_pred, classes, void=255):
    scores = []
    for c in range(classes):
        true, predicted = y_true == c, (y_pred == c) & (y_true != void)
        union = (true | predicted).sum()
        scores.append((true & predicted).sum() / union if union else float("nan"))
    return scores


# %% test_class_iou 4 · right: pixel by pixel, TP, FP and FN counted
def class_iou(y_true, y_pred, classes, void=255):
    hits, extra, missed = np.zeros((3, classes))
    for true, predicted in zip(y_true.ravel(), y_pred.ravel(), strict=True):
        if true == void:
            continue
        if true == predicted:
            hits[true] += 1
        else:
            extra[predicted] += 1
            missed[true] += 1
    with np.errstate(invalid="ignore"):
        return hits / (hits + extra + missed)


# %% test_class_iou 2 · an absent class gets 0
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return np.nan_to_num(_ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts)))


# %% test_class_iou 2 · an absent class gets 1
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return np.nan_to_num(_ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts)), nan=1)


# %% test_class_iou 3 · nan for every class that is not in the truth
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    scores = _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))
    return np.where(counts.sum(1) > 0, scores, np.nan)


# %% test_class_iou 3 · what is predicted on void pixels counts as too much
def class_iou(y_true, y_pred, classes, void=255):
    pairs = [(y_true == c, y_pred == c) for c in range(classes)]
    return [_ratio((true & predicted).sum(), (true | predicted).sum()) for true, predicted in pairs]


# %% test_class_iou 3 · 0 for a class that is predicted for void pixels alone
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    scores = _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))
    return np.where(np.isin(np.arange(classes), y_pred), np.nan_to_num(scores), scores)


# %% test_class_iou 3 · void is a number above all classes
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true < classes
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))


# %% test_class_iou 3 · void pixels taken for background
def class_iou(y_true, y_pred, classes, void=255):
    counts = _confusion(np.where(y_true == void, 0, y_true), y_pred, classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))


# %% test_class_iou 3 · void not looked at: an index too large
def class_iou(y_true, y_pred, classes, void=255):
    counts = _confusion(y_true, y_pred, classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))


# %% test_class_iou 2 · only classes that occur
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    present = np.union1d(y_true[valid], y_pred[valid])
    pairs = [((y_true == c) & valid, (y_pred == c) & valid) for c in present]
    return [(true & predicted).sum() / (true | predicted).sum() for true, predicted in pairs]


# %% test_class_iou 0 · recall
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(1))


# %% test_class_iou 0 · precision
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(0))


# %% test_class_iou 0 · Dice
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(2 * np.diag(counts), counts.sum(0) + counts.sum(1))


# %% test_class_iou 0 · hits counted twice in the union
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1))


# %% test_class_iou 0 · the mean over the classes
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return np.nanmean(_ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts)))


# %% test_class_iou 0 · background left out
def class_iou(y_true, y_pred, classes, void=255):
    valid = y_true != void
    counts = _confusion(y_true[valid], y_pred[valid], classes)
    return _ratio(np.diag(counts), counts.sum(0) + counts.sum(1) - np.diag(counts))[1:]
