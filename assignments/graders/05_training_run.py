"""What decides the points of assignment 5: hidden data, simulated epochs, and an exam drawn from the seed.

The exam's characters belong to an alphabet that is invented anew for each seed. They stand in no data set, so no answer
can be looked up, and what was learned elsewhere does not name them. Models run in the child; it sends only numbers.
"""

import functools
import itertools

import numpy as np
from scipy import interpolate, ndimage, special

from segutils import reference
from segutils.classroom.tasks import Criterion, Limits, Task, judge_results

LIMITS = Limits(packages=None, seconds=60, total_seconds=150, memory=6 * 2**30, file_bytes=2**24)
PARAMETERS = 34_826
CURVE = interpolate.CubicSpline(range(4), np.eye(4))(np.linspace(0, 3, 60))  # (60, 4): a curve from its four points


def prepare(images, labels, classes):
    return images.reshape(*images.shape, 1) / 255, (labels[:, None] == np.arange(classes)).astype(float)


def _photos(rng, most):
    """Images whose brightest pixel is `most`, and labels that leave classes out."""
    images = rng.integers(0, most, (7, 5, 9), np.uint8)
    images[3, 2, 4] = most
    return images, rng.integers(0, 4, 7), 6


def float32(answers, wanted):
    if any(array.dtype != np.float32 for arrays in answers for array in arrays):
        return 0, f"got {', '.join(str(array.dtype) for array in answers[0])}"
    return judge_results([0, 1])(answers, wanted)


def split_judge(labels, sources, share, fault):
    """A judge of splits: each must be whole and have no `fault`(train, validation)."""

    def judge(answers, _wanted):
        for parts in answers:
            if len(parts) != 2 or any(p.ndim != 1 or p.dtype.kind not in "iu" or not p.size for p in parts):
                return 0, "expected two arrays of whole numbers, neither empty"
            if sorted(np.concatenate(parts).tolist()) != list(range(len(labels))):
                return 0, "some image is in no part, or in more than one"
            said = fault(*parts, answers)
            if said:
                return 0, said
        return 1, "right"

    return judge


def _split_criteria(rng):
    originals, share = np.array([7, 13, 21, 40]), 0.3  # 2.1, 3.9, 6.3 and 12: rounded neither always down nor always up
    names = rng.permutation(1000)[: originals.sum()]
    which = np.repeat(np.arange(len(names)), rng.integers(1, 5, len(names)))
    which = rng.permutation(which)
    labels, sources = np.repeat(np.arange(4), originals)[which], names[which]

    def whole(train, validation, answers):
        return ""

    def apart(train, validation, answers):
        shared = np.intersect1d(sources[train], sources[validation])
        return f"{len(shared)} originals have copies in both parts" if len(shared) else ""

    def fair(train, validation, answers):
        got = [len(np.unique(sources[validation][labels[validation] == label])) for label in range(4)]
        right = got == [2, 4, 6, 12]
        return "" if right else f"validation has {got} originals of the classes, of {originals.tolist()}"

    def seeded(train, validation, answers):
        first, again, other, once_more = ({*parts[1].tolist()} for parts in answers)
        if not (first == again != other == once_more):
            return "the seed must decide, and it alone"
        drawn = np.isin(np.unique(sources[labels == 3]), sources[validation])
        neighbours = (drawn != np.roll(drawn, 1)).sum() == 2
        return "originals with neighbouring numbers are no random ones" if neighbours else ""

    one, two = ((labels, sources, share, seed) for seed in (3, 4))
    return [
        Criterion(name, points, cases, split_judge(labels, sources, share, fault))
        for name, points, cases, fault in (
            ("each image in exactly one part", 1, [one], whole),
            ("copies stay together", 2, [one], apart),
            ("the share of each class", 1, [one], fair),
            ("the seed decides", 1, [one, one, two, two], seeded),
        )
    ]


def look_at(build_model, images, one_hot):
    """Outputs, [loss, accuracy] as the model reports them, and its weights."""
    import keras

    model = build_model()
    if not isinstance(model, keras.Model):
        raise TypeError(f"expected a keras.Model, got {type(model).__name__}")
    outputs = np.asarray(model(images))
    report = model.evaluate(images, one_hot, verbose=0, return_dict=True)
    accuracy = next((value for key, value in report.items() if "acc" in key), -1.0)
    return outputs, np.array([report["loss"], accuracy]), *model.get_weights()


ACTIVATIONS = {
    "ReLU": reference.relu,
    "none": lambda z: z,
    "sigmoid": reference.sigmoid,
    "tanh": np.tanh,
    "leaky ReLU": lambda z: np.where(z < 0, 0.2 * z, z),
    "GELU": lambda z: z / 2 * (1 + special.erf(z / np.sqrt(2))),
    "SiLU": lambda z: z * reference.sigmoid(z),
    "ELU": lambda z: np.where(z < 0, np.expm1(np.minimum(z, 0)), z),
    "softplus": lambda z: np.logaddexp(0, z),
}


def forward(images, weights, activation, padding):
    """The outputs of the article's network, computed here from the weights that a model has."""
    x = images
    for kernel, bias in (weights[0:2], weights[2:4]):
        x = reference.max_pool(activation(reference.conv2d(x, kernel, bias, padding=padding)))
    return reference.dense(x.reshape(len(x), -1), *weights[4:6])


def activation_of(outputs, images, weights):
    """The name of the activation with which these weights give these outputs (or logits of them); "" if none does."""
    if [w.ndim for w in weights] != [4, 1, 4, 1, 2, 1]:
        return ""
    padding = "same" if weights[4].shape[0] == 49 * weights[2].shape[-1] else "valid"
    few = slice(0, 3)
    for name, activation in ACTIVATIONS.items():
        try:
            z = forward(images[few].astype(float), weights, activation, padding)
        except ValueError:  # kernels and inputs that do not fit
            return ""
        if any(np.allclose(made, outputs[few], rtol=1e-3, atol=1e-4) for made in (z, reference.softmax(z))):
            return name
    return ""


def _model_criteria(rng):
    images, one_hot = rng.normal(size=(40, 28, 28, 1)).astype(np.float32), np.eye(10)[rng.integers(0, 10, 40)]

    def judge(fault):
        def judge_one(answers, _wanted):
            outputs, report, *weights = answers[0]
            outputs = outputs.astype(float)
            if outputs.shape != (40, 10) or report.shape != (2,):
                return 0, f"expected outputs of shape (40, 10), got {outputs.shape}"
            used = activation_of(outputs, images, [w.astype(float) for w in weights])
            if not used:
                return 0, "the outputs are not those of convolution, pooling, convolution, pooling, dense layer"
            said = fault(outputs, report, weights, used, np.allclose(outputs.sum(1), 1, atol=1e-3))
            return not said, said or "right"

        return judge_one

    def size(outputs, report, weights, used, probable):
        parameters = sum(w.size for w in weights)
        return "" if parameters == PARAMETERS else f"it has {parameters:,} parameters"

    def logits(outputs, report, weights, used, probable):
        return "the outputs are probabilities" if probable or outputs.min() >= 0 else ""

    def relu(outputs, report, weights, used, probable):
        return "" if used == "ReLU" else "negative sums pass, or are not set to 0"

    def loss(outputs, report, weights, used, probable):
        log_p = np.log(outputs) if probable else np.log(reference.softmax(outputs))
        want = -(one_hot * log_p).sum(1).mean()
        return "" if abs(report[0] - want) < 1e-3 * want else "the loss does not fit the outputs"

    def accuracy(outputs, report, weights, used, probable):
        want = (outputs.argmax(1) == one_hot.argmax(1)).mean()
        return "" if abs(report[1] - want) < 1e-3 else "no accuracy is reported, or a wrong one"

    named = (
        ("outputs and parameters", 2, size),
        ("logits", 1, logits),
        ("ReLU", 1, relu),
        ("a loss that fits", 1, loss),
        ("accuracy", 1, accuracy),
    )
    return [Criterion(name, points, [(images, one_hot)], judge(fault)) for name, points, fault in named]


def simulate(keep_best, path, epochs):
    """The file that a callback wrote: the only weight of a model is the number of the epoch."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    callback = keep_best(path)
    callback.set_model(model)
    callback.set_params({"epochs": len(epochs), "steps": 1, "verbose": 0})
    callback.on_train_begin()
    for epoch, numbers in enumerate(epochs):
        model.set_weights([np.full((1, 1), float(epoch))])
        callback.on_epoch_begin(epoch)
        logs = dict(zip(("loss", "accuracy", "val_loss", "val_accuracy"), map(float, numbers), strict=True))
        callback.on_epoch_end(epoch, logs)
    callback.on_train_end()
    with open(path, "rb") as file:
        return np.frombuffer(file.read(), np.uint8)


def epoch_in_file(content):
    """The epoch whose model lies in a .keras file; loaded where no code of the student has been."""
    import keras

    with open("kept.keras", "wb") as file:
        file.write(content.tobytes())
    return keras.models.load_model("kept.keras").get_weights()[0].item()


def _epochs(rng, validation_losses):
    """Loss, accuracy, validation loss and validation accuracy; all but the validation loss get ever better."""
    n = len(validation_losses)
    return np.stack(
        [np.linspace(1, 0.1, n), np.linspace(0.5, 0.99, n), validation_losses, np.linspace(0.4, 0.9, n)], axis=1
    )


def _keep_criteria(rng):
    falling, middle, first = [0.9, 0.7, 0.6, 0.3], [0.8, 0.5, 0.35, 0.4, 0.38, 0.7], [0.2, 0.5, 0.4]
    high = [900.0, 400, 250, 300]
    return [
        Criterion("better to the end", 1, [("a.keras", _epochs(rng, falling))]),
        Criterion(
            "best earlier", 2, [(f"{k}.keras", _epochs(rng, run)) for k, run in enumerate((middle, first, high))]
        ),
    ]


def report_of(y_true, y_pred, classes):
    pairs = np.bincount(y_true * classes + y_pred, minlength=classes**2).reshape(classes, classes)
    found = [pairs[c, c] / pairs[c].sum() if pairs[c].any() else np.nan for c in range(classes)]
    return pairs, np.array(found)


def _labels(rng, n, classes, present):
    return rng.choice(present, n), rng.permutation(np.arange(n) % classes), classes


def _never_predicted(rng):
    """Each of the classes 0, 1 and 2 has images; 1 is never predicted."""
    y_true = rng.permutation(np.arange(60) % 3)
    return y_true, np.where(rng.random(60) < 0.5, 0, 2), 3


def _alphabet(rng):
    """Ten characters (10, 2, 4, 2), all pairs of five strokes; a stroke is a smooth curve through four points."""
    strokes = rng.uniform(-1, 1, (5, 4, 2))
    characters = strokes[list(itertools.combinations(range(5), 2))]
    curves = np.einsum("tk,cskd->cstd", CURVE, characters).reshape(10, -1, 2)
    low, high = curves.min(axis=1), curves.max(axis=1)
    middle, half = (low + high) / 2, (high - low).max(axis=1) / 2
    return (characters - middle[:, None, None]) / half[:, None, None, None]


def _write(rng, characters, turn, shift):
    """Images (N, 28, 28): each by a writer with another hand and pen, turned by up to `turn` degrees, and shifted."""
    n = len(characters)
    points = characters + rng.normal(0, 0.13, characters.shape)
    hand, angle = np.eye(2) + rng.uniform(-0.22, 0.22, (n, 2, 2)), np.deg2rad(rng.uniform(-turn, turn, n))
    turned = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1).reshape(n, 2, 2)
    curves = np.einsum("tk,nskd,nde,nef->nstf", CURVE, points, hand, turned, optimize=True).reshape(n, -1, 2)
    places = 13.5 + 8.5 * curves + rng.uniform(-shift, shift, (n, 1, 2))  # in pixels
    rows, columns = np.moveaxis(np.clip(np.round(places).astype(int) + 6, 0, 39), -1, 0)  # with a margin of 6 pixels
    canvas = np.zeros((n, 40, 40), np.float32)
    np.add.at(canvas, (np.arange(n)[:, None], rows, columns), 1)
    ink = ndimage.gaussian_filter(canvas, (0, 0.85, 0.85))[:, 6:34, 6:34]
    return np.round(255 * (1 - np.exp(-ink * rng.uniform(1.5, 3.5, (n, 1, 1))))).astype(np.uint8)


@functools.lru_cache(maxsize=2)
def _draw_exam(seed):
    """Images and labels to learn from (1,000) and of the exam (600).

    Each character is written in two forms, as a 7 with and without a bar. Some alphabets are easier than others:
    another one is drawn until two classifiers that know nothing of turns and shifts do about as well as in any exam.
    """
    rng = np.random.default_rng(seed)
    while True:
        characters, labels = _alphabet(rng), rng.permutation(np.arange(1600) % 10)
        forms = np.stack([characters, characters + rng.normal(0, 0.45, characters.shape)])
        written = forms[rng.integers(0, 2, 1600), labels]
        images, exam = _write(rng, written[:1000], 0, 0), _write(rng, written[1000:], 18, 2.5)
        labels, truth = labels[:1000], labels[1000:]
        means = np.array([images[labels == c].mean(axis=0) for c in range(10)])
        by_means = (truth == _nearest(means, np.arange(10), exam)).mean()
        by_neighbours = (truth == _nearest(images, labels, exam)).mean()
        if 0.54 <= by_means <= 0.61 and 0.69 <= by_neighbours <= 0.79:
            return images, labels, exam, truth


def _nearest(images, labels, exam):
    x, e = (several.reshape(len(several), -1).astype(np.float32) for several in (images, exam))
    return labels[((x**2).sum(axis=1) - 2 * e @ x.T).argmin(axis=1)]


def _exam_criteria(rng):
    images, labels, exam, truth = _draw_exam(int(rng.integers(2**62)))
    scale = ((0.40, 1), (0.50, 2), (0.63, 3), (0.80, 4), (0.86, 5))

    def judge(answers, _wanted):
        guesses = answers[0][0]
        if guesses.shape != (600,):
            return 0, f"expected 600 labels, got an array of shape {guesses.shape}"
        right = (guesses == truth).mean()
        points = max((points for least, points in scale if right >= least), default=0)
        return points / 5, "right" if points == 5 else f"{100 * right:.0f}% of the exam are right"

    return [Criterion("the exam", 5, [(images, labels, exam)], judge)]


TASKS = {
    "test_prepare": Task(
        "prepare",
        prepare,
        lambda rng: [
            Criterion(name, points, [_photos(rng, most) for most in (255, 180)], judge)
            for name, points, judge in (
                ("images, shape and scale", 2, judge_results([0])),
                ("labels", 1, judge_results([1])),
                ("float32", 1, float32),
            )
        ],
    ),
    "test_split": Task("split", lambda labels, sources, share, seed: 0, _split_criteria, results=2),
    "test_build_model": Task("build_model", lambda images, one_hot: 0, _model_criteria, use=look_at, results=8),
    "test_keep_best": Task(
        "keep_best",
        lambda path, epochs: float(epochs[:, 2].argmin()),
        _keep_criteria,
        use=simulate,
        then=epoch_in_file,
    ),
    "test_report_of": Task(
        "report_of",
        report_of,
        lambda rng: [
            Criterion(
                "the matrix", 1, [_labels(rng, n, c, np.arange(c)) for n, c in ((90, 5), (4000, 3))], judge_results([0])
            ),
            Criterion("the recalls", 1, [_labels(rng, 90, 5, np.arange(5)), _never_predicted(rng)], judge_results([1])),
            Criterion("classes without images", 1, [_labels(rng, 40, 6, np.array(p)) for p in ([0, 2, 5], [1, 3])]),
        ],
    ),
    "test_classify": Task("classify", lambda images, labels, exam: 0, _exam_criteria),
}
