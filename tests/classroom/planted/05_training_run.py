# Planted answers to assignment 5: `# %% <test cell> <points> · <what is right or wrong>`, then the code.
# The k-th answers to all tasks are the work of one student, so each must stand alone (but for what `all` defines).

# %% all
import keras
import numpy as np
from scipy import ndimage


def _split(labels, sources, share, rng, whole=round):
    held = []
    for label in np.unique(labels):
        originals = rng.permutation(np.unique(sources[labels == label]))
        held.extend(originals[: whole(share * len(originals))])
    inside = np.isin(sources, held)
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def _layers(*, padding="valid", relu="relu", last=None, filters=(32, 64)):
    return [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(filters[0], 3, activation=relu, padding=padding),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(filters[1], 3, activation=relu, padding=padding),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation=last),
    ]


def _model(loss=None, metrics=("accuracy",), **options):
    model = keras.Sequential(_layers(**options))
    model.compile("adam", loss or keras.losses.CategoricalCrossentropy(from_logits=True), metrics=list(metrics))
    return model


def _confusion(y_true, y_pred, classes):
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (y_true, y_pred), 1)
    return confusion


def _recall(confusion):
    return np.array([row[c] / row.sum() if row.sum() else np.nan for c, row in enumerate(confusion)])


def _nearest(images, labels, exam):
    x, e = (z.reshape(len(z), -1).astype(np.float32) / 255 for z in (images, exam))
    return labels[((x**2).sum(1) - 2 * e @ x.T).argmin(axis=1)]


def _trained(images, labels, exam, epochs, scale=255):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(_layers())
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images[..., None] / scale, labels, epochs=epochs, verbose=0)
    return model.predict(exam[..., None] / 255, verbose=0).argmax(axis=1)


# %% test_prepare 4 · right: astype, then divide
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images.astype(np.float32)[..., np.newaxis] / np.float32(255), y


# %% test_prepare 4 · right: Keras's to_categorical
def prepare(images, labels, classes):
    y = keras.utils.to_categorical(labels, classes).astype("float32")
    return np.expand_dims(images / 255, -1).astype("float32"), y


# %% test_prepare 4 · right: filled by hand
def prepare(images, labels, classes):
    x = np.empty((*images.shape, 1), np.float32)
    x[..., 0] = images / 255
    y = np.zeros((len(labels), classes), np.float32)
    y[np.arange(len(labels)), labels] = 1
    return x, y


# %% test_prepare 3 · float64
def prepare(images, labels, classes):
    return images[..., None] / 255, np.eye(classes)[labels]


# %% test_prepare 1 · no channel axis
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images.astype(np.float32) / 255, y


# %% test_prepare 1 · the channel axis first
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images[:, None].astype(np.float32) / 255, y


# %% test_prepare 1 · not scaled
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images[..., None].astype(np.float32), y


# %% test_prepare 1 · divided by 256
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images[..., None].astype(np.float32) / 256, y


# %% test_prepare 1 · divided by the brightest pixel
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images[..., None].astype(np.float32) / images.max(), y


# %% test_prepare 1 · each image divided by its brightest pixel
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return (images / images.max(axis=(1, 2), keepdims=True)).astype(np.float32)[..., None], y


# %% test_prepare 1 · whole numbers divided: all 0 or 1
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return (images[..., None] // 255).astype(np.float32), y


# %% test_prepare 2 · labels not one-hot
def prepare(images, labels, classes):
    return images[..., None].astype(np.float32) / 255, labels.astype(np.float32)


# %% test_prepare 2 · as many columns as the labels show
def prepare(images, labels, classes):
    y = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    return images[..., None].astype(np.float32) / 255, y


# %% test_prepare 0 · images only
def prepare(images, labels, classes):
    return images[..., None].astype(np.float32) / 255


# %% test_prepare 1 · scaled from -1 to 1
def prepare(images, labels, classes):
    y = np.eye(classes, dtype=np.float32)[labels]
    return images[..., None].astype(np.float32) / 127.5 - 1, y


# %% test_split 5 · right: class by class
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(seed))


# %% test_split 5 · right: sets of originals
def split(labels, sources, share, seed):
    rng, train, validation = np.random.default_rng(seed), [], []
    class_of = dict(zip(sources.tolist(), labels.tolist(), strict=True))
    for label in sorted(set(class_of.values())):
        mine = sorted(s for s, c in class_of.items() if c == label)
        held = set(rng.choice(mine, round(share * len(mine)), replace=False).tolist())
        for i in np.flatnonzero(labels == label):
            (validation if sources[i] in held else train).append(i)
    return np.array(train), np.array(validation)


# %% test_split 5 · right: a random key for each original
def split(labels, sources, share, seed):
    originals, first = np.unique(sources, return_index=True)
    keys, held = np.random.default_rng(seed).random(len(originals)), []
    for label in np.unique(labels):
        mine = labels[first] == label
        order = np.argsort(np.where(mine, keys, 2))
        held.append(originals[order[: round(share * mine.sum())]])
    inside = np.isin(sources, np.concatenate(held))
    return np.where(~inside)[0], np.where(inside)[0]


# %% test_split 2 · images are drawn instead of originals
def split(labels, sources, share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    cut = round(share * len(labels))
    return order[cut:], order[:cut]


# %% test_split 2 · images are drawn, class by class
def split(labels, sources, share, seed):
    rng, held = np.random.default_rng(seed), []
    for label in np.unique(labels):
        mine = rng.permutation(np.flatnonzero(labels == label))
        held.extend(mine[: round(share * len(mine))])
    return np.setdiff1d(np.arange(len(labels)), held), np.array(held)


# %% test_split 4 · not random: the first originals of each class
def split(labels, sources, share, seed):
    rng = type("Fixed", (), {"permutation": staticmethod(np.sort)})
    return _split(labels, sources, share, rng)


# %% test_split 4 · the seed is not used
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(0))


# %% test_split 4 · one seed is obeyed, the others are not
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(3 if seed == 3 else None))


# %% test_split 4 · not random: sorted originals, from another place for each seed
def split(labels, sources, share, seed):
    rng = type("Fixed", (), {"permutation": staticmethod(lambda originals: np.roll(np.sort(originals), seed))})
    return _split(labels, sources, share, rng)


# %% test_split 4 · a generator without a seed
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng())


# %% test_split 4 · cut off instead of rounded
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(seed), int)


# %% test_split 4 · always rounded up
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(seed), lambda part: int(np.ceil(part)))


# %% test_split 4 · the share of all originals, whatever their class
def split(labels, sources, share, seed):
    return _split(0 * labels, sources, share, np.random.default_rng(seed))


# %% test_split 4 · the two parts swapped
def split(labels, sources, share, seed):
    return _split(labels, sources, share, np.random.default_rng(seed))[::-1]


# %% test_split 0 · labels instead of numbers of images
def split(labels, sources, share, seed):
    train, validation = _split(labels, sources, share, np.random.default_rng(seed))
    return labels[train], labels[validation]


# %% test_split 0 · masks instead of numbers
def split(labels, sources, share, seed):
    train, validation = _split(labels, sources, share, np.random.default_rng(seed))
    mask = np.isin(np.arange(len(labels)), validation)
    return ~mask, mask


# %% test_split 0 · one image of each original, the copies thrown away
def split(labels, sources, share, seed):
    first = np.unique(sources, return_index=True)[1]
    train, validation = _split(labels[first], sources[first], share, np.random.default_rng(seed))
    return first[train], first[validation]


# %% test_split 0 · all images are used for training
def split(labels, sources, share, seed):
    train, validation = _split(labels, sources, share, np.random.default_rng(seed))
    return np.arange(len(labels)), validation


# %% test_build_model 6 · right: Sequential
def build_model():
    return _model()


# %% test_build_model 6 · right: functional, ReLU as layers
def build_model():
    inputs = keras.Input((28, 28, 1))
    x = inputs
    for filters in (32, 64):
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(keras.layers.Conv2D(filters, (3, 3))(x)))
    outputs = keras.layers.Dense(10, activation="linear")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, outputs)
    model.compile(
        "sgd", keras.losses.CategoricalCrossentropy(from_logits=True), metrics=[keras.metrics.CategoricalAccuracy()]
    )
    return model


# %% test_build_model 6 · right: the loss as a function
def build_model():
    def loss(y_true, y_pred):
        return keras.ops.categorical_crossentropy(y_true, y_pred, from_logits=True)

    return _model(loss)


# %% test_build_model 5 · a softmax, and a loss that fits it
def build_model():
    return _model("categorical_crossentropy", last="softmax")


# %% test_build_model 5 · a softmax, and a loss that asks for logits: Keras takes those before the softmax
def build_model():
    return _model(last="softmax")


# %% test_build_model 5 · logits, and a loss that takes them for probabilities
def build_model():
    return _model("categorical_crossentropy")


# %% test_build_model 4 · padding: same
def build_model():
    return _model(padding="same")


# %% test_build_model 4 · the filters swapped
def build_model():
    return _model(filters=(64, 32))


# %% test_build_model 5 · no ReLU
def build_model():
    return _model(relu=None)


# %% test_build_model 5 · sigmoid instead of ReLU
def build_model():
    return _model(relu="sigmoid")


# %% test_build_model 5 · no accuracy
def build_model():
    return _model(metrics=())


# %% test_build_model 0 · not compiled
def build_model():
    return keras.Sequential(_layers())


# %% test_build_model 0 · a loss for whole-number labels
def build_model():
    return _model(keras.losses.SparseCategoricalCrossentropy(from_logits=True))


# %% test_keep_best 3 · right: the defaults of monitor and mode
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, save_best_only=True)


# %% test_keep_best 3 · right: all said
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(
        path, monitor="val_loss", mode="min", save_best_only=True, save_weights_only=False
    )


# %% test_keep_best 3 · right: a callback of one's own
def keep_best(path):
    class Keep(keras.callbacks.Callback):
        best = float("inf")

        def on_epoch_end(self, epoch, logs=None):
            if logs["val_loss"] < self.best:
                self.best = logs["val_loss"]
                self.model.save(path)

    return Keep()


# %% test_keep_best 1 · the last epoch
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path)


# %% test_keep_best 1 · the lowest training loss
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=True)


# %% test_keep_best 1 · the highest validation accuracy
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, monitor="val_accuracy", mode="max", save_best_only=True)


# %% test_keep_best 0 · the highest validation loss
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, monitor="val_loss", mode="max", save_best_only=True)


# %% test_keep_best 0 · the first epoch: accuracy, at its lowest
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, monitor="val_accuracy", mode="min", save_best_only=True)


# %% test_keep_best 0 · weights only, a name that Keras refuses
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, save_best_only=True, save_weights_only=True)


# %% test_keep_best 0 · weights only, in another file
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(
        path.replace(".keras", ".weights.h5"), save_best_only=True, save_weights_only=True
    )


# %% test_keep_best 0 · the article's argument save_model
def keep_best(path):
    return keras.callbacks.ModelCheckpoint(path, monitor="val_loss", save_model=True)


# %% test_keep_best 0 · early stopping, nothing on disk
def keep_best(path):
    return keras.callbacks.EarlyStopping(monitor="val_loss", restore_best_weights=True)


# %% test_keep_best 0 · a name of one's own
def keep_best(path):
    return keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)


# %% test_keep_best 1 · a callback that starts at a loss of 100
def keep_best(path):
    class Keep(keras.callbacks.Callback):
        best = 100

        def on_epoch_end(self, epoch, logs=None):
            if logs["val_loss"] < self.best:
                self.best = logs["val_loss"]
                self.model.save(path)

    return Keep()


# %% test_report_of 3 · right: add.at
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, _recall(m)


# %% test_report_of 3 · right: counted pair by pair
def report_of(y_true, y_pred, classes):
    m = np.array([[((y_true == t) & (y_pred == p)).sum() for p in range(classes)] for t in range(classes)])
    with np.errstate(invalid="ignore"):
        return m, m.diagonal() / m.sum(axis=1)


# %% test_report_of 3 · right: a product of one-hot labels
def report_of(y_true, y_pred, classes):
    t, p = np.eye(classes)[y_true], np.eye(classes)[y_pred]
    recall = [(y_pred[y_true == c] == c).mean() if (y_true == c).any() else np.nan for c in range(classes)]
    return t.T @ p, np.array(recall)


# %% test_report_of 0 · transposed, and so precision
def report_of(y_true, y_pred, classes):
    m = _confusion(y_pred, y_true, classes)
    return m, _recall(m)


# %% test_report_of 1 · transposed, recalls right
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m.T, _recall(m)


# %% test_report_of 1 · precision instead of recall
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, _recall(m.T)


# %% test_report_of 2 · 0 for a class without images
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, np.nan_to_num(_recall(m))


# %% test_report_of 2 · 1 for a class without images
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, np.nan_to_num(_recall(m), nan=1.0)


# %% test_report_of 2 · the counts do not fit into uint8
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m.astype(np.uint8), _recall(m)


# %% test_report_of 2 · NaN for a class that is never predicted
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, np.where(m.any(axis=0), _recall(m), np.nan)


# %% test_report_of 1 · a pair counts once only
def report_of(y_true, y_pred, classes):
    m = np.zeros((classes, classes), int)
    m[y_true, y_pred] += 1
    return m, _recall(_confusion(y_true, y_pred, classes))


# %% test_report_of 1 · shares instead of counts
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m / len(y_true), np.nan_to_num(_recall(m))


# %% test_report_of 1 · the accuracy for each class
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    return m, np.full(classes, m.trace() / m.sum())


# %% test_report_of 2 · classes that occur only
def report_of(y_true, y_pred, classes):
    m = _confusion(y_true, y_pred, classes)
    seen = m.sum(axis=1) > 0
    return m, _recall(m)[seen]


# %% test_report_of 0 · the matrix only
def report_of(y_true, y_pred, classes):
    return _confusion(y_true, y_pred, classes)


# %% test_classify 5 · right: the network, each image turned and shifted in every epoch
def classify(images, labels, exam):
    keras.utils.set_random_seed(1)
    augment = [
        keras.layers.RandomRotation(0.06, fill_mode="constant"),
        keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
    ]
    first, *others = _layers()
    model = keras.Sequential([first, *augment, *others])
    model.compile(keras.optimizers.Adam(0.003), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images[..., None] / 255, labels, epochs=14, verbose=0)
    return model.predict(exam[..., None] / 255, verbose=0).argmax(axis=1)


# %% test_classify 5 · right: ten copies made beforehand
def classify(images, labels, exam):
    rng, x = np.random.default_rng(0), []
    for _ in range(10):
        for image in images:
            turned = ndimage.rotate(image, rng.uniform(-20, 20), reshape=False, order=1)
            x.append(ndimage.shift(turned, rng.uniform(-2.5, 2.5, 2), order=1))
    keras.utils.set_random_seed(0)
    model = keras.Sequential(_layers())
    model.compile(keras.optimizers.Adam(0.002), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(np.array(x)[..., None] / 255, np.tile(labels, 10), epochs=2, verbose=0)
    return model.predict(exam[..., None] / 255, verbose=0).argmax(axis=1)


# %% test_classify 5 · right: nearest neighbours among thirty turned copies
def classify(images, labels, exam):
    rng, x = np.random.default_rng(0), []
    for _ in range(30):
        for image in images:
            turned = ndimage.rotate(image, rng.uniform(-20, 20), reshape=False, order=1)
            x.append(ndimage.shift(turned, rng.uniform(-2.5, 2.5, 2), order=1))
    return _nearest(np.array(x), np.tile(labels, 30), exam)


# %% test_classify 3 · no augmentation
def classify(images, labels, exam):
    return _trained(images, labels, exam, 12)


# %% test_classify 3 · nearest neighbours, no augmentation
def classify(images, labels, exam):
    return _nearest(images, labels, exam)


# %% test_classify 2 · the nearest class mean
def classify(images, labels, exam):
    means = np.array([images[labels == c].mean(axis=0) for c in range(10)])
    return _nearest(means, np.arange(10), exam)


# %% test_classify 0 · the first label for all
def classify(images, labels, exam):
    return np.full(len(exam), labels[0])


# %% test_classify 0 · labels at random
def classify(images, labels, exam):
    return np.random.default_rng(0).integers(0, 10, len(exam))


# %% test_classify 0 · the training labels handed back
def classify(images, labels, exam):
    return labels


# %% test_classify 0 · scores instead of labels
def classify(images, labels, exam):
    return np.eye(10)[_nearest(images, labels, exam)]


# %% test_classify 0 · classes shifted by one
def classify(images, labels, exam):
    return (_nearest(images, labels, exam) + 1) % 10


# %% test_classify 0 · the network without training
def classify(images, labels, exam):
    return _trained(images, labels, exam[:, ::-1], 1)[:1].repeat(len(exam))


# %% test_classify 0 · nothing is returned
def classify(images, labels, exam):
    _nearest(images, labels, exam)
