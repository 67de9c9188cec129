"""Muon for convolutions: steps that are orthogonal matrices. A short training gets further with it than with Adam.

A U-Net of the course reaches in 3,000 scenes what takes Adam 5,000 (benchmarks/results.md). The class is registered
under a name that `.keras` files hold, so the name stays.
"""

import keras

from segutils.plumbing.fused import FusedAdam

ops = keras.ops


@keras.saving.register_keras_serializable("segutils")
class ConvolutionMuon(FusedAdam):
    """Muon (Jordan et al. 2024) for the kernels of convolutions between many maps, Adam for all other weights.

    Adam gives each weight a step of its own size. A kernel is also a matrix, a row for each input of a filter and a
    column for each filter; a few directions of it get nearly all of the gradient. Muon steps equally far in all of
    them: momentum, then the orthogonal matrix closest to it. Keras's own Muon does this for 2-D arrays alone.

    Formula: M ← μM + G; W ← W - s · rate · orthogonal(G + μM), W of shape (rows · columns · inputs, filters).
    Args:
        learning_rate: number or schedule, for Muon and for Adam.
        scale: s, the length of Muon's step along each direction, in learning rates; > 0.
        momentum: μ, 0 to 1 (excluded).
        rounds: of `orthogonal`; >= 1.
        fewest: maps that a kernel must have on both sides, else Adam trains it.
        options: as keras.optimizers.Adam.
    Raises: ValueError for a value outside its range.
    Source: https://kellerjordan.github.io/posts/muon/
    >>> ConvolutionMuon(0.03, beta_2=0.99).scale
    5.0
    """

    def __init__(self, learning_rate=0.001, *, scale=5.0, momentum=0.8, rounds=3, fewest=16, **options):
        super().__init__(learning_rate, **options)
        if not (scale > 0 and 0 <= momentum < 1 and rounds >= 1):
            got = f"{scale}, {momentum} and {rounds}"
            raise ValueError(f"expected scale > 0, 0 <= momentum < 1 and rounds >= 1, got {got}; try 5, 0.8 and 3")
        self.scale, self.momentum, self.rounds, self.fewest = scale, momentum, rounds, fewest

    def takes(self, shape):
        """Whether Muon trains weights of this shape.

        >>> ConvolutionMuon().takes((3, 3, 16, 64)), ConvolutionMuon().takes((3, 3, 1, 64))
        (True, False)
        """
        return len(shape) == 4 and min(shape[2:]) >= self.fewest

    def update_step(self, gradient, variable, learning_rate):
        if not self.takes(variable.shape):
            super().update_step(gradient, variable, learning_rate)
            return
        gradient, rate = (ops.cast(x, variable.dtype) for x in (gradient, learning_rate))
        memory = self._momentums[self._get_variable_index(variable)]
        memory.assign(self.momentum * memory + gradient)
        matrix = ops.reshape(gradient + self.momentum * memory, (-1, variable.shape[-1]))
        variable.assign_sub(self.scale * rate * ops.reshape(orthogonal(matrix, self.rounds), variable.shape))

    def get_config(self):
        own = {name: getattr(self, name) for name in ("scale", "momentum", "rounds", "fewest")}
        return {**super().get_config(), **own}


def orthogonal(matrix, rounds):
    """Nearly the orthogonal matrix closest to a matrix, by products of matrices alone (Newton and Schulz).

    U S Vᵀ becomes U p(p(…S…)) Vᵀ with p(s) = 3.4445 s - 4.775 s³ + 2.0315 s⁵, which takes all that is not small to
    0.7 to 1.2. More rounds lift smaller singular values.

    Args: matrix: (R, C) floats; rounds: >= 1. Returns: the same shape.
    >>> bool(abs(orthogonal(ops.eye(3), 5)[0, 1]) < 1e-6)
    True
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = ops.transpose(matrix) if tall else matrix
    x = x / (ops.norm(x) + 1e-7)
    for _ in range(rounds):
        squares = ops.matmul(x, ops.transpose(x))
        x = 3.4445 * x + ops.matmul(2.0315 * ops.matmul(squares, squares) - 4.775 * squares, x)
    return ops.transpose(x) if tall else x
