# Planted answers to assignment 2: `# %% <test cell> <points> · <what is right or wrong>`, then the code.
# The k-th answers to all tasks are the work of one student, so each must stand alone (but for what `all` defines).

# %% all
import numpy as np


def _windows(x, size, stride=1):
    """Of x (H, W, C) the windows (H', W', M · N, C)."""
    seen = np.lib.stride_tricks.sliding_window_view(x, size, axis=(0, 1))[::stride, ::stride]
    return np.moveaxis(seen, 2, -1).reshape(*seen.shape[:2], -1, x.shape[2])


def _count(shape, layers, weights_and_biases, shrink):
    """Parameters of a network; weights_and_biases(kind, inputs, outputs, kernel), shrink(size, kind, number)."""
    (rows, columns, channels), total = shape, 0
    for kind, number, *filters in layers:
        if kind == "conv":
            total += weights_and_biases(kind, channels, filters[0], number)
            channels = filters[0]
        if kind == "dense":
            total += weights_and_biases(kind, rows * columns * channels, number, 1)
            rows, columns, channels = 1, 1, number
        rows, columns = shrink(rows, kind, number), shrink(columns, kind, number)
    return total


def _usual(kind, inputs, outputs, kernel):
    return (kernel * kernel * inputs + 1) * outputs


def _valid(size, kind, number):
    return {"conv": size - number + 1, "pool": size // number, "dense": size}[kind]


def _winners(x, size, stride):
    """For each window (i, j) the winner's place."""
    for i in range((x.shape[0] - size) // stride + 1):
        for j in range((x.shape[1] - size) // stride + 1):
            window = x[stride * i : stride * i + size, stride * j : stride * j + size]
            m, n = np.unravel_index(window.argmax(), window.shape)
            yield i, j, stride * i + m, stride * j + n


# %% test_count_parameters 4 · right: the shape is carried along
def count_parameters(shape, layers):
    rows, columns, channels = shape
    total = 0
    for layer in layers:
        if layer[0] == "conv":
            _, kernel, filters = layer
            total += kernel**2 * channels * filters + filters
            rows, columns, channels = rows - kernel + 1, columns - kernel + 1, filters
        if layer[0] == "pool":
            rows, columns = rows // layer[1], columns // layer[1]
        if layer[0] == "dense":
            total += rows * columns * channels * layer[1] + layer[1]
            rows, columns, channels = 1, 1, layer[1]
    return total


# %% test_count_parameters 4 · right: recursion, layer by layer
def count_parameters(shape, layers):
    if not layers:
        return 0
    (rows, columns, channels), (kind, number, *more), rest = shape, layers[0], layers[1:]
    if kind == "pool":
        return count_parameters((rows // number, columns // number, channels), rest)
    if kind == "dense":
        return (rows * columns * channels + 1) * number + count_parameters((1, 1, number), rest)
    after = (rows - number + 1, columns - number + 1, more[0])
    return (number**2 * channels + 1) * more[0] + count_parameters(after, rest)


# %% test_count_parameters 4 · right: pattern matching, an array of one number
def count_parameters(shape, layers):
    size, channels, total = np.array(shape[:2]), shape[2], []
    for layer in layers:
        match layer:
            case ["conv", kernel, filters]:
                total += [np.ones((kernel, kernel, channels, filters)).size, filters]
                size, channels = size - kernel + 1, filters
            case ["pool", window]:
                size = (size - window) // window + 1
            case ["dense", units]:
                total += [np.prod(size) * channels * units, units]
                size, channels = np.ones(2, int), units
    return np.sum(total)


# %% test_count_parameters 0 · biases left out
def count_parameters(shape, layers):
    return _count(shape, layers, lambda kind, inputs, outputs, kernel: kernel**2 * inputs * outputs, _valid)


# %% test_count_parameters 0 · one bias for each layer
def count_parameters(shape, layers):
    return _count(shape, layers, lambda kind, inputs, outputs, kernel: kernel**2 * inputs * outputs + 1, _valid)


# %% test_count_parameters 2 · a filter has one kernel for all channels
def count_parameters(shape, layers):
    def parameters(kind, inputs, outputs, kernel):
        return (kernel**2 + 1) * outputs if kind == "conv" else (inputs + 1) * outputs

    return _count(shape, layers, parameters, _valid)


# %% test_count_parameters 3 · a convolution leaves the size as it is
def count_parameters(shape, layers):
    return _count(shape, layers, _usual, lambda size, kind, n: size // n if kind == "pool" else size)


# %% test_count_parameters 3 · pooling rounds up
def count_parameters(shape, layers):
    return _count(
        shape, layers, _usual, lambda size, kind, n: -(-size // n) if kind == "pool" else _valid(size, kind, n)
    )


# %% test_count_parameters 2 · pooling leaves the size as it is
def count_parameters(shape, layers):
    return _count(shape, layers, _usual, lambda size, kind, n: size if kind == "pool" else _valid(size, kind, n))


# %% test_count_parameters 2 · pooling has weights
def count_parameters(shape, layers):
    pools = sum(layer[1] ** 2 for layer in layers if layer[0] == "pool")
    return _count(shape, layers, _usual, _valid) + pools


# %% test_count_parameters 2 · every convolution sees the image's channels
def count_parameters(shape, layers):
    def parameters(kind, inputs, outputs, kernel):
        return (kernel**2 * shape[2] + 1) * outputs if kind == "conv" else (inputs + 1) * outputs

    return _count(shape, layers, parameters, _valid)


# %% test_count_parameters 1 · the dense layer gets one number for each channel
def count_parameters(shape, layers):
    channels, total = shape[2], 0
    for kind, number, *filters in layers:
        if kind != "pool":
            kernel, outputs = (number, filters[0]) if filters else (1, number)
            total, channels = total + (kernel**2 * channels + 1) * outputs, outputs
    return total


# %% test_count_parameters 2 · a second dense layer gets the map once more
def count_parameters(shape, layers):
    first = [layer[0] == "dense" for layer in layers]
    first = first.index(True) if any(first) else len(layers)
    total = _count(shape, layers[: first + 1], _usual, _valid)
    inputs = _count(shape, [*layers[:first], ["dense", 1]], _usual, _valid) - _count(
        shape, layers[:first], _usual, _valid
    )
    return total + sum(inputs * layer[1] for layer in layers[first + 1 :])


# %% test_count_parameters 0 · the visible examples by heart
def count_parameters(shape, layers):
    return {(6, 8, 2): 95, (2, 3, 1): 43, (4, 6, 2): 39, (7, 7, 1): 29}.get(tuple(shape), 34826)


# %% test_pool 4 · right: window by window
def pool(x, size, stride, kind):
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.empty((rows, columns, x.shape[2]))
    for i in range(rows):
        for j in range(columns):
            for c in range(x.shape[2]):
                window = x[i * stride : i * stride + size, j * stride : j * stride + size, c]
                y[i, j, c] = window.max() if kind == "max" else window.mean()
    return y


# %% test_pool 4 · right: a view of all windows
def pool(x, size, stride, kind):
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
    return seen.max((-2, -1)) if kind == "max" else seen.mean((-2, -1))


# %% test_pool 4 · right: strided slices, one for each place in the window
def pool(x, size, stride, kind):
    rows, columns = x.shape[0] - size + 1, x.shape[1] - size + 1
    slices = [x[m : m + rows : stride, n : n + columns : stride] for m, n in np.ndindex(size, size)]
    if kind == "max":
        y = slices[0]
        for other in slices[1:]:
            y = np.maximum(y, other)
        return y
    return sum(slices) / size**2


# %% test_pool 3 · the maximum starts at zero
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), stride)
    return seen.max(2, initial=0) if kind == "max" else seen.mean(2)


# %% test_pool 3 · the stride is taken to be the size
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), size)
    return seen.max(2) if kind == "max" else seen.mean(2)


# %% test_pool 1 · always the maximum
def pool(x, size, stride, kind):
    return _windows(x, (size, size), stride).max(2)


# %% test_pool 3 · for the mean the stride is at most the size
def pool(x, size, stride, kind):
    if kind == "mean":
        return _windows(x, (size, size), min(size, stride)).mean(2)
    return _windows(x, (size, size), stride).max(2)


# %% test_pool 3 · the maximum over the channels, too
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), stride)
    return seen.max((2, 3))[..., None] if kind == "max" else seen.mean((2, 3))[..., None]


# %% test_pool 3 · windows hang over the border
def pool(x, size, stride, kind):
    over = [-(n - size) % stride for n in x.shape[:2]]
    seen = _windows(np.pad(x, ((0, over[0]), (0, over[1]), (0, 0)), constant_values=x.min()), (size, size), stride)
    return seen.max(2) if kind == "max" else seen.mean(2)


# %% test_pool 3 · the mean divides by the stride squared
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), stride)
    return seen.max(2) if kind == "max" else seen.sum(2) / stride**2


# %% test_pool 1 · the sum instead of the mean
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), stride)
    return seen.max(2) if kind == "max" else seen.sum(2)


# %% test_pool 0 · the formula as printed in the article, stride 1
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size))
    return seen.max(2) if kind == "max" else seen.mean(2)


# %% test_pool 0 · the first pixel of each window
def pool(x, size, stride, kind):
    return _windows(x, (size, size), stride)[:, :, 0]


# %% test_pool 0 · the axis of the channels is lost
def pool(x, size, stride, kind):
    seen = _windows(x, (size, size), stride)
    return seen.max((2, 3)) if kind == "max" else seen.mean((2, 3))


# %% test_pool 3 · size and stride swapped
def pool(x, size, stride, kind):
    seen = _windows(x, (stride, stride), size)
    return seen.max(2) if kind == "max" else seen.mean(2)


# %% test_pool 3 · the maximum starts at -100
def pool(x, size, stride, kind):
    rows, columns = ((n - size) // stride + 1 for n in x.shape[:2])
    y = np.full((rows, columns, x.shape[2]), -100.0 if kind == "max" else 0.0)
    for m, n in np.ndindex(size, size):
        seen = x[m:, n:][: stride * rows : stride, : stride * columns : stride][:rows, :columns]
        y = np.maximum(y, seen) if kind == "max" else y + seen / size**2
    return y


# %% test_max_pool_gradient 4 · right: the winner of each window
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i in range(upstream.shape[0]):
        for j in range(upstream.shape[1]):
            window = x[i * stride : i * stride + size, j * stride : j * stride + size]
            m, n = np.unravel_index(np.argmax(window), window.shape)
            dx[i * stride + m, j * stride + n] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 4 · right: two loops more, and no argmax
def max_pool_gradient(x, upstream, size, stride):
    dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
    for i, j in np.ndindex(*upstream.shape):
        best, where = -np.inf, None
        for m, n in np.ndindex(size, size):
            if x[i * stride + m, j * stride + n] > best:
                best, where = x[i * stride + m, j * stride + n], (i * stride + m, j * stride + n)
        dx[where[0]][where[1]] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 4 · right: all windows at once, add.at
def max_pool_gradient(x, upstream, size, stride):
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size))[::stride, ::stride]
    m, n = np.divmod(seen.reshape(*seen.shape[:2], -1).argmax(-1), size)
    i, j = np.indices(upstream.shape)
    dx = np.zeros(x.shape)
    np.add.at(dx, (i * stride + m, j * stride + n), upstream)
    return dx


# %% test_max_pool_gradient 3 · all that tie get the gradient
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        place = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        dx[place] += upstream[i, j] * (x[place] == x[place].max())
    return dx


# %% test_max_pool_gradient 3 · the search for the largest pixel starts at 0
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        best, where = 0, (i * stride, j * stride)
        for m, n in np.ndindex(size, size):
            if x[i * stride + m, j * stride + n] > best:
                best, where = x[i * stride + m, j * stride + n], (i * stride + m, j * stride + n)
        dx[where] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 3 · those that tie share the gradient
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        place = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        wins = x[place] == x[place].max()
        dx[place] += upstream[i, j] * wins / wins.sum()
    return dx


# %% test_max_pool_gradient 3 · the last of a tie wins
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        window = x[i * stride : i * stride + size, j * stride : j * stride + size]
        m, n = divmod(window.size - 1 - window.ravel()[::-1].argmax(), size)
        dx[i * stride + m, j * stride + n] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 3 · overwritten where windows overlap
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j, row, column in _winners(x, size, stride):
        dx[row, column] = upstream[i, j]
    return dx


# %% test_max_pool_gradient 2 · the stride is taken to be the size
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        window = x[i * size : i * size + size, j * size : j * size + size]
        if window.size:
            m, n = np.unravel_index(window.argmax(), window.shape)
            dx[i * size + m, j * size + n] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 3 · pixels that no window sees are cut off
def max_pool_gradient(x, upstream, size, stride):
    rows, columns = ((n - 1) * stride + size for n in upstream.shape)
    dx = np.zeros((rows, columns))
    for i, j, row, column in _winners(x, size, stride):
        dx[row, column] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 0 · the gradient of the mean
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        dx[i * stride : i * stride + size, j * stride : j * stride + size] += upstream[i, j] / size**2
    return dx


# %% test_max_pool_gradient 0 · upstream forgotten
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for _, _, row, column in _winners(x, size, stride):
        dx[row, column] += 1
    return dx


# %% test_max_pool_gradient 0 · times the winner's value
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j, row, column in _winners(x, size, stride):
        dx[row, column] += upstream[i, j] * x[row, column]
    return dx


# %% test_max_pool_gradient 0 · row and column of the winner swapped
def max_pool_gradient(x, upstream, size, stride):
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*upstream.shape):
        n, m = divmod(x[i * stride : i * stride + size, j * stride : j * stride + size].argmax(), size)
        dx[i * stride + m, j * stride + n] += upstream[i, j]
    return dx


# %% test_max_pool_gradient 1 · maximum and upstream repeated in blocks, and compared
def max_pool_gradient(x, upstream, size, stride):
    rows, columns = upstream.shape
    largest = x[: rows * size, : columns * size].reshape(rows, size, columns, size).max((1, 3))
    block = np.ones((size, size))
    return np.kron(upstream, block) * (x == np.kron(largest, block))


# %% test_dense_relu_gradients 5 · right: matrix products
def dense_relu_gradients(x, weights, bias, upstream):
    u = np.where(x @ weights + bias > 0, upstream, 0)
    return u @ weights.T, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 5 · right: einsum, in place, a list
def dense_relu_gradients(x, weights, bias, upstream):
    z = np.einsum("nd,dk->nk", x, weights) + bias
    upstream[z <= 0] = 0
    return [np.einsum("nk,dk->nd", upstream, weights), np.einsum("nd,nk->dk", x, upstream), np.ones(len(x)) @ upstream]


# %% test_dense_relu_gradients 5 · right: the formulas, number by number
def dense_relu_gradients(x, weights, bias, upstream):
    dx, dweights, dbias = np.zeros(x.shape), np.zeros(weights.shape), np.zeros(bias.shape)
    for n in range(x.shape[0]):
        for k in range(weights.shape[1]):
            z = bias[k] + sum(x[n, d] * weights[d, k] for d in range(x.shape[1]))
            if z > 0:
                dbias[k] += upstream[n, k]
                for d in range(x.shape[1]):
                    dx[n, d] += upstream[n, k] * weights[d, k]
                    dweights[d, k] += x[n, d] * upstream[n, k]
    return dx, dweights, dbias


# %% test_dense_relu_gradients 3 · ReLU left out
def dense_relu_gradients(x, weights, bias, upstream):
    return upstream @ weights.T, x.T @ upstream, upstream.sum(0)


# %% test_dense_relu_gradients 1 · the mean over the batch
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, x.T @ u / len(x), u.mean(0)


# %% test_dense_relu_gradients 2 · the bias's gradient not summed over the batch
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, x.T @ u, u


# %% test_dense_relu_gradients 2 · the weights' gradient transposed
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, u.T @ x, u.sum(0)


# %% test_dense_relu_gradients 0 · weights not transposed, so the shapes do not meet
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 1 · the first two results swapped
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return x.T @ u, u @ weights.T, u.sum(0)


# %% test_dense_relu_gradients 3 · the bias left out of the scores
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights > 0)
    return u @ weights.T, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 3 · where z is 0 the gradient passes
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias >= 0)
    return u @ weights.T, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 3 · ReLU forgotten for the bias
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, x.T @ u, upstream.sum(0)


# %% test_dense_relu_gradients 0 · ReLU of the gradient
def dense_relu_gradients(x, weights, bias, upstream):
    u = np.maximum(upstream, 0)
    return u @ weights.T, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 0 · times ReLU instead of its gradient
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * np.maximum(x @ weights + bias, 0)
    return u @ weights.T, x.T @ u, u.sum(0)


# %% test_dense_relu_gradients 2 · the bias's gradient summed over the units
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, x.T @ u, u.sum(1)


# %% test_dense_relu_gradients 0 · no gradient of the bias
def dense_relu_gradients(x, weights, bias, upstream):
    u = upstream * (x @ weights + bias > 0)
    return u @ weights.T, x.T @ u


# %% test_softmax 4 · right: the largest logit subtracted
def softmax(logits, temperature=1.0):
    z = (logits - logits.max(-1, keepdims=True)) / temperature
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


# %% test_softmax 4 · right: pixel by pixel
def softmax(logits, temperature=1.0):
    p = np.zeros(logits.shape)
    for place in np.ndindex(*logits.shape[:-1]):
        z = logits[place] / temperature
        powers = np.exp(z - max(z))
        p[place] = powers / sum(powers)
    return p


# %% test_softmax 4 · right: one over a sum of powers of differences
def softmax(logits, temperature=1.0):
    with np.errstate(over="ignore"):
        return 1 / np.exp((logits[..., None, :] - logits[..., :, None]) / temperature).sum(-1)


# %% test_softmax 4 · right: in float32
def softmax(logits, temperature=1.0):
    z = np.float32(logits)
    powers = np.exp((z - z.max(-1, keepdims=True)) / np.float32(temperature))
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 4 · right: the logarithm first
def softmax(logits, temperature=1.0):
    z = logits / temperature
    return np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))


# %% test_softmax 3 · nothing subtracted
def softmax(logits, temperature=1.0):
    powers = np.exp(logits / temperature)
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 3 · the largest logit of all pixels subtracted
def softmax(logits, temperature=1.0):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 3 · the largest logit of each image of a batch subtracted
def softmax(logits, temperature=1.0):
    axes = (1, 2, 3) if logits.ndim == 4 else -1
    powers = np.exp((logits - logits.max(axes, keepdims=True)) / temperature)
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 1 · the sum over all pixels
def softmax(logits, temperature=1.0):
    powers = np.exp((logits - logits.max(-1, keepdims=True)) / temperature)
    return powers / powers.sum()


# %% test_softmax 1 · keepdims forgotten
def softmax(logits, temperature=1.0):
    powers = np.exp((logits - logits.max(-1, keepdims=True)) / temperature)
    return powers / powers.sum(-1)


# %% test_softmax 1 · over the first axis
def softmax(logits, temperature=1.0):
    powers = np.exp((logits - logits.max(0)) / temperature)
    return powers / powers.sum(0)


# %% test_softmax 3 · times the temperature
def softmax(logits, temperature=1.0):
    powers = np.exp((logits - logits.max(-1, keepdims=True)) * temperature)
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 3 · the powers divided by the temperature
def softmax(logits, temperature=1.0):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True) / temperature


# %% test_softmax 3 · the temperature forgotten
def softmax(logits, temperature=1.0):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 3 · logits clipped
def softmax(logits, temperature=1.0):
    powers = np.exp(np.clip(logits / temperature, -700, 700))
    return powers / powers.sum(-1, keepdims=True)


# %% test_softmax 0 · sigmoid
def softmax(logits, temperature=1.0):
    return 1 / (1 + np.exp(-logits / temperature))


# %% test_softmax 0 · all to the winner
def softmax(logits, temperature=1.0):
    return np.eye(logits.shape[-1])[logits.argmax(-1)]


# %% test_softmax 0 · logits divided by their sum
def softmax(logits, temperature=1.0):
    return logits / logits.sum(-1, keepdims=True)


# %% test_softmax 3 · the largest logit subtracted undivided
def softmax(logits, temperature=1.0):
    powers = np.exp(logits / temperature - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# %% test_slide 4 · right: every window cut out
def slide(x, weights, bias, rows, columns):
    places = range(x.shape[0] - rows + 1), range(x.shape[1] - columns + 1)
    return np.array([[x[i : i + rows, j : j + columns].ravel() @ weights + bias for j in places[1]] for i in places[0]])


# %% test_slide 4 · right: a convolution, kernel element by kernel element
def slide(x, weights, bias, rows, columns):
    kernel = weights.reshape(rows, columns, x.shape[2], len(bias))
    height, width = x.shape[0] - rows + 1, x.shape[1] - columns + 1
    return bias + sum(x[m : m + height, n : n + width] @ kernel[m, n] for m, n in np.ndindex(rows, columns))


# %% test_slide 4 · right: one product of matrices
def slide(x, weights, bias, rows, columns):
    seen = np.lib.stride_tricks.sliding_window_view(x, (rows, columns, x.shape[2]))[:, :, 0]
    return np.tensordot(seen.reshape(*seen.shape[:2], -1), weights, 1) + bias


# %% test_slide 0 · flattened column by column
def slide(x, weights, bias, rows, columns):
    return slide_windows(x, weights, bias, rows, columns, lambda window: window.transpose(1, 0, 2).ravel())


def slide_windows(x, weights, bias, rows, columns, flatten):
    y = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1, len(bias)))
    for i, j in np.ndindex(*y.shape[:2]):
        y[i, j] = flatten(x[i : i + rows, j : j + columns]) @ weights + bias
    return y


# %% test_slide 3 · flattened channel by channel
def slide(x, weights, bias, rows, columns):
    seen = np.lib.stride_tricks.sliding_window_view(x, (rows, columns), axis=(0, 1))
    return seen.reshape(*seen.shape[:2], -1) @ weights + bias


# %% test_slide 0 · no bias
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (rows, columns))
    return seen.reshape(*seen.shape[:2], -1) @ weights


# %% test_slide 1 · the first window only
def slide(x, weights, bias, rows, columns):
    return (x[:rows, :columns].reshape(-1) @ weights + bias)[None, None]


# %% test_slide 1 · windows side by side
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (rows, columns))[::rows, ::columns]
    return seen.reshape(*seen.shape[:2], -1) @ weights + bias


# %% test_slide 3 · rows and columns of the window swapped
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (columns, rows))
    return seen.reshape(*seen.shape[:2], -1) @ weights + bias


# %% test_slide 0 · the kernel turned around
def slide(x, weights, bias, rows, columns):
    kernel = weights.reshape(rows, columns, x.shape[2], -1)[::-1, ::-1].reshape(weights.shape)
    seen = _windows(x, (rows, columns))
    return seen.reshape(*seen.shape[:2], -1) @ kernel + bias


# %% test_slide 0 · the last row and column of windows missing
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (rows, columns))[:-1, :-1]
    return seen.reshape(*seen.shape[:2], -1) @ weights + bias


# %% test_slide 0 · the bias once for each weight
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (rows, columns))
    return seen.reshape(*seen.shape[:2], -1) @ weights + len(weights) * bias


# %% test_slide 3 · the first channel only
def slide(x, weights, bias, rows, columns):
    seen = _windows(x[..., :1], (rows, columns))
    return seen.reshape(*seen.shape[:2], -1) @ weights[:: x.shape[2]] + bias


# %% test_slide 0 · the output has the size of the image
def slide(x, weights, bias, rows, columns):
    over = ((0, rows - 1), (0, columns - 1), (0, 0))
    seen = _windows(np.pad(x, over), (rows, columns))
    return seen.reshape(*seen.shape[:2], -1) @ weights + bias


# %% test_slide 0 · the class instead of the scores
def slide(x, weights, bias, rows, columns):
    seen = _windows(x, (rows, columns))
    return (seen.reshape(*seen.shape[:2], -1) @ weights + bias).argmax(-1)
