"""What decides the points of assignment 4: hidden data, gradients and digits, answers by segutils.reference."""

import numpy as np
from sklearn import datasets

from segutils import reference
from segutils.classroom.tasks import Criterion, Task, judge_results


def loss_and_gradient(theta, images, labels):
    y_true, scores = np.eye(theta.shape[1])[labels], reference.dense(images, theta)
    upstream = reference.cross_entropy_gradient(y_true, scores) / len(labels)
    return reference.cross_entropy(y_true, scores).mean(), reference.dense_gradients(images, theta, upstream)[1]


def step_limit(x):
    singular = np.linalg.svd(x, compute_uv=False)
    return np.array([2 * len(x) / singular[0] ** 2, (singular[0] / singular[-1]) ** 2])


def momentum_step(theta, gradients, velocity, alpha, mu):
    """Theta and velocity after each of the gradients, (T, 2, D); and the arrays given, unchanged."""
    path, now, speed = [], theta, velocity
    for gradient in gradients:
        now, speed = reference.momentum(now, gradient, speed, learning_rate=alpha, momentum=mu)
        path.append([now, speed])
    return np.array(path), theta, gradients, velocity


def walk(step, theta, gradients, velocity, alpha, mu):
    path, now, speed = [], theta, velocity
    for gradient in gradients:
        now, speed = step(now, gradient, speed, alpha, mu)
        path.append([np.array(now), np.array(speed)])
    return np.array(path), theta, gradients, velocity


def adam_step(thetas, gradients, alpha, decay):
    """Thetas (networks, D) after each of the gradients (T, networks, D), each network with a state of its own."""
    states, path = [None] * len(thetas), []
    for several in gradients:
        for k, gradient in enumerate(several):
            moved, states[k] = reference.adam(thetas[k], gradient, states[k], learning_rate=alpha)
            thetas[k] = moved - alpha * decay * thetas[k]
        path.append(thetas.copy())
    return np.array(path)


def walk_in_turns(step, thetas, gradients, alpha, decay):
    states, thetas, path = [None] * len(thetas), list(thetas), []
    for several in gradients:
        for k, gradient in enumerate(several):
            moved, states[k] = step(thetas[k].copy(), gradient.copy(), states[k], alpha, decay)
            thetas[k] = np.array(moved)
        path.append(list(thetas))
    return np.array(path)


def step_sizes(steps, peak, warmup):
    t = np.arange(steps)
    falling = peak * np.cos(np.pi / 2 * (t - warmup) / max(1, steps - warmup)) ** 2  # the half-angle formula
    return np.where(t < warmup, peak * (t + 1) / max(1, warmup), falling)


def gradient_with_budget(images, labels, budget):
    """The gradient of the mean loss over chosen images, which counts what it costs."""
    spent, expected = 0, (images.shape[1], 10)

    def answer(theta, chosen):
        nonlocal spent
        if theta.shape != expected:  # a huge one would fill this process's memory
            raise ValueError(f"expected theta of shape {expected}, got {theta.shape}")
        chosen = np.atleast_1d(chosen)
        if chosen.dtype.kind == "b" and chosen.shape != labels.shape:
            raise IndexError(f"expected numbers of images, got truth values of shape {chosen.shape}")
        spent += chosen.size
        if spent > budget:
            raise RuntimeError(f"after {spent} images the budget of {budget} is spent")
        return loss_and_gradient(theta.astype(float), images[chosen], labels[chosen])[1]

    return answer


def start_training(train, gradient_of, weights, count, budget):
    return train(gradient_of, np.zeros((weights, 10)), count, budget)


def exam(images, labels):
    """A judge of trained weights, by their loss on these digits."""
    scale = ((1.5, 1), (0.8, 2), (0.45, 3), (0.35, 4), (0.28, 5))

    def judge(answers, _wanted):
        theta = answers[0][0]
        if theta.shape != (images.shape[1], 10):
            return 0, f"expected theta of shape {(images.shape[1], 10)}, got {theta.shape}"
        loss, _ = loss_and_gradient(theta.astype(float), images, labels)
        points = max((points for most, points in scale if loss <= most), default=0)
        return points / 5, "right" if points == 5 else f"its loss on other digits is {loss:.2f}"

    return judge


def _digits(rng):
    """Real digits whose pixels and classes are numbered anew, so that no weights learned elsewhere fit them."""
    digits = datasets.load_digits()
    order, pixels, names = (rng.permutation(n) for n in (len(digits.target), 64, 10))
    images, labels = digits.data[order][:, pixels] / 16, names[digits.target[order]]
    by_class = np.argsort(labels[:1000], kind="stable")
    return images[:1000][by_class], labels[:1000][by_class], exam(images[1000:], labels[1000:])


def _train_criteria(rng):
    images, labels, judge = _digits(rng)
    budget = 10_000
    return [
        Criterion(
            "the loss on other digits",
            5,
            [(images.shape[1], len(images), budget)],
            judge,
            oracle=lambda: gradient_with_budget(images, labels, budget),
        )
    ]


def _slopes(rng, steps, networks, small=0.1):
    """Gradients (T, networks, 4) of very different sizes; those of the last weight are 0."""
    return rng.normal(size=(steps, networks, 4)) * [1, 100, small, 0]


def _images(rng, n, d, c, scale=1.0):
    return scale * rng.normal(size=(d, c)), rng.normal(size=(n, d)), rng.integers(0, c, n)


TASKS = {
    "test_loss_and_gradient": Task(
        "loss_and_gradient",
        loss_and_gradient,
        lambda rng: [
            Criterion("the loss", 1, [_images(rng, 90, 6, 5)], judge_results([0])),
            Criterion("the gradient", 2, [_images(rng, 90, 6, 5)], judge_results([1])),
            Criterion(
                "few images, classes without one",
                1,
                [(rng.normal(size=(3, 7)), rng.normal(size=(n, 3)), np.array([4, 1, 4])[:n]) for n in (1, 3)],
            ),
            Criterion("large scores", 1, [_images(rng, 60, 6, 5, scale=s) for s in (2000.0, 9000.0)]),
        ],
    ),
    "test_step_limit": Task(
        "step_limit",
        step_limit,
        lambda rng: [
            Criterion("the limit with one weight", 1, [(rng.normal(size=(9, 1)) + 1,)], judge_results([0], 0)),
            Criterion(
                "the limit with several weights",
                2,
                [(rng.normal(size=(n, d)) + 0.5,) for n, d in ((30, 3), (50, 8))],
                judge_results([0], 0),
            ),
            Criterion("the condition number", 1, [(rng.normal(size=(40, 5)) + 0.5,)], judge_results([0], 1)),
        ],
    ),
    "test_momentum_step": Task(
        "momentum_step",
        momentum_step,
        lambda rng: [
            Criterion(
                "one step",
                1,
                [(rng.normal(size=4), rng.normal(size=(1, 4)), rng.normal(size=4), 0.3, 0.8)],
                judge_results([0]),
            ),
            Criterion(
                "many steps",
                1,
                [(rng.normal(size=3), rng.normal(size=(40, 3)), np.zeros(3), 0.05, mu) for mu in (0.9, 0.0)],
                judge_results([0]),
            ),
            Criterion(
                "the arrays given stay as they are",
                1,
                [(rng.normal(size=3), rng.normal(size=(1, 3)), rng.normal(size=3), 0.5, 0.6)],
                judge_results([0, 1, 2, 3]),
            ),
        ],
        use=walk,
    ),
    "test_adam_step": Task(
        "adam_step",
        adam_step,
        lambda rng: [
            Criterion("the first step", 1, [(rng.normal(size=(1, 4)), 5 * rng.normal(size=(1, 1, 4)), 0.25, 0.0)]),
            Criterion(
                "many steps",
                2,
                [
                    (rng.normal(size=(1, 4)), _slopes(rng, 60, 1, small), alpha, 0.0)
                    for alpha, small in ((0.25, 0.1), (0.01, 0.1), (0.25, 1e-6))  # ε counts for tiny gradients
                ],
            ),
            Criterion(
                "decay", 1, [(rng.normal(size=(1, 4)), _slopes(rng, steps, 1), 0.125, 0.25) for steps in (1, 20)]
            ),
            Criterion("two networks in turns", 1, [(rng.normal(size=(2, 4)), _slopes(rng, 12, 2), 0.125, 0.0)]),
        ],
        use=walk_in_turns,
    ),
    "test_step_sizes": Task(
        "step_sizes",
        step_sizes,
        lambda rng: [
            Criterion("the warm-up", 1, [(40, 0.75, 9)], judge_results([0], slice(0, 9))),
            Criterion("the cosine", 1, [(int(rng.integers(40, 70)), 0.75, 12)], judge_results([0], slice(12, None))),
            Criterion(
                "no warm-up, or nothing else",
                1,
                [(int(rng.integers(20, 50)), 0.3, 0), (7, 1.5, 7), (6, 3, 0), (1, 2, 1)],
            ),
        ],
    ),
    "test_train": Task("train", lambda weights, count, budget: 0.0, _train_criteria, use=start_training),
}
