# Planted answers to assignment 1: `# %% <test cell> <points> · <what is right or wrong>`, then the code.
# The k-th answers to all tasks are the work of one student, so each must stand alone (but for what `all` defines).

# %% all
import numpy as np


def _valid(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return np.einsum("ijmn,mn->ij", windows, kernel)


# %% test_output_size 3 · right: the formula
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


# %% test_output_size 3 · right: the windows counted
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    count, start = 0, -padding
    while start + dilation * (kernel - 1) < size + padding:
        count, start = count + 1, start + stride
    return count


# %% test_output_size 3 · right: the length of a range
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    last = size + padding - dilation * (kernel - 1)
    return len(range(-padding, last, stride))


# %% test_output_size 1 · padding on one side only
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + padding - dilation * (kernel - 1) - 1) // stride + 1


# %% test_output_size 0 · the first window is not counted
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride


# %% test_output_size 1 · rounded up: a window may hang over
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return int(np.ceil((size + 2 * padding - dilation * (kernel - 1) - 1) / stride)) + 1


# %% test_output_size 2 · dilation left out
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel) // stride + 1


# %% test_output_size 2 · dilation times the whole kernel
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * kernel) // stride + 1


# %% test_output_size 0 · the size of "same"
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return -(-size // stride)


# %% test_output_size 1 · not rounded
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


# %% test_output_size 1 · stride left out
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return size + 2 * padding - dilation * (kernel - 1)


# %% test_output_size 1 · only the case of the lecture
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return size - kernel + 1


# %% test_output_size 0 · the visible examples by heart
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    known = {(7, 3, 1, 0, 1): 5, (7, 3, 2, 0, 1): 3, (8, 3, 2, 0, 1): 3, (5, 3, 1, 1, 1): 5, (9, 3, 1, 0, 2): 5}
    return known.get((size, kernel, stride, padding, dilation), 0)


# %% test_conv2d 5 · right: a sum of shifted images
def conv2d(x, kernel):
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    places = np.ndindex(*kernel.shape)
    return sum(kernel[m, n] * x[m : m + rows, n : n + columns] for m, n in places)


# %% test_conv2d 5 · right: four loops, a list of lists
def conv2d(x, kernel):
    (rows, columns), (height, width) = x.shape, kernel.shape
    return [
        [
            float(sum(x[i + m, j + n] * kernel[m, n] for m in range(height) for n in range(width)))
            for j in range(columns - width + 1)
        ]
        for i in range(rows - height + 1)
    ]


# %% test_conv2d 5 · right: windows, and a product of matrices
def conv2d(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return windows.reshape(*windows.shape[:2], -1) @ kernel.ravel()


# %% test_conv2d 0 · the kernel turned around
def conv2d(x, kernel):
    return _valid(x, kernel[::-1, ::-1])


# %% test_conv2d 3 · rows and columns of the output swapped
def conv2d(x, kernel):
    y = np.zeros((x.shape[1] - kernel.shape[1] + 1, x.shape[0] - kernel.shape[0] + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = (x[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return y


# %% test_conv2d 4 · the output has the type of the image
def conv2d(x, kernel):
    return _valid(x, kernel).astype(x.dtype)


# %% test_conv2d 0 · the output has the size of the image
def conv2d(x, kernel):
    y = np.zeros(x.shape)
    inner = _valid(x, kernel)
    y[: inner.shape[0], : inner.shape[1]] = inner
    return y


# %% test_conv2d 3 · a kernel taken for square
def conv2d(x, kernel):
    size = kernel.shape[0]
    y = np.zeros((x.shape[0] - size + 1, x.shape[1] - size + 1))
    for i, j in np.ndindex(*y.shape):
        y[i, j] = (x[i : i + size, j : j + size] * kernel).sum()
    return y


# %% test_conv2d 0 · the kernel transposed
def conv2d(x, kernel):
    return _valid(x, kernel.T)


# %% test_conv2d 0 · the last window missing
def conv2d(x, kernel):
    return _valid(x, kernel)[:-1, :-1]


# %% test_conv2d 0 · the mean of the products
def conv2d(x, kernel):
    return _valid(x, kernel) / kernel.size


# %% test_conv2d 0 · no return
def conv2d(x, kernel):
    print(_valid(x, kernel))


# %% test_conv2d 0 · each product overwrites the last
def conv2d(x, kernel):
    y = np.zeros((x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1))
    for i, j in np.ndindex(*y.shape):
        for m, n in np.ndindex(*kernel.shape):
            y[i, j] = x[i + m, j + n] * kernel[m, n]
    return y


# %% test_conv2d_options 6 · right: pad, convolve, keep every s-th
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding), kernel)[::stride, ::stride] + bias


# %% test_conv2d_options 6 · right: window by window
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    bordered = np.zeros((x.shape[0] + 2 * padding, x.shape[1] + 2 * padding))
    bordered[padding : padding + x.shape[0], padding : padding + x.shape[1]] = x
    height, width = kernel.shape
    rows = range(0, bordered.shape[0] - height + 1, stride)
    columns = range(0, bordered.shape[1] - width + 1, stride)
    return np.array([[(bordered[i : i + height, j : j + width] * kernel).sum() + bias for j in columns] for i in rows])


# %% test_conv2d_options 6 · right: a matrix with a column for the bias
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), kernel.shape)[::stride, ::stride]
    flat = windows.reshape(*windows.shape[:2], -1)
    flat = np.concatenate([flat, np.ones((*windows.shape[:2], 1))], axis=-1)
    return flat @ np.append(kernel, bias)


# %% test_conv2d_options 4 · no bias
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding), kernel)[::stride, ::stride]


# %% test_conv2d_options 4 · the bias once for each kernel element
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding), kernel)[::stride, ::stride] + bias * kernel.size


# %% test_conv2d_options 4 · the bias added to the image
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding) + bias, kernel)[::stride, ::stride]


# %% test_conv2d_options 3 · no stride
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding), kernel) + bias


# %% test_conv2d_options 3 · stride along the rows only
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding), kernel)[::stride] + bias


# %% test_conv2d_options 3 · every s-th pixel of the image instead of every s-th window
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding)[::stride, ::stride], kernel) + bias


# %% test_conv2d_options 3 · no padding
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(x, kernel)[::stride, ::stride] + bias


# %% test_conv2d_options 3 · padding above and on the left only
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, ((padding, 0), (padding, 0))), kernel)[::stride, ::stride] + bias


# %% test_conv2d_options 3 · the border repeated instead of zeros
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return _valid(np.pad(x, padding, mode="edge"), kernel)[::stride, ::stride] + bias


# %% test_conv2d_options 3 · the output padded instead of the image
def conv2d_options(x, kernel, bias=0.0, stride=1, padding=0):
    return np.pad(_valid(x, kernel)[::stride, ::stride] + bias, padding)


# %% test_conv_layer 5 · right: filter by filter, channel by channel
def conv_layer(x, kernels, biases):
    height, width, channels, filters = kernels.shape
    y = np.zeros((x.shape[0] - height + 1, x.shape[1] - width + 1, filters))
    for f in range(filters):
        for c in range(channels):
            y[:, :, f] += _valid(x[:, :, c], kernels[:, :, c, f])
    return np.maximum(y + biases, 0)


# %% test_conv_layer 5 · right: one einsum
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    y = np.einsum("ijcmn,mncf->ijf", windows, kernels) + biases
    return y * (y > 0)


# %% test_conv_layer 5 · right: a product of matrices for each kernel element
def conv_layer(x, kernels, biases):
    rows, columns = (a - b + 1 for a, b in zip(x.shape[:2], kernels.shape[:2], strict=True))
    places = np.ndindex(*kernels.shape[:2])
    y = sum(x[m : m + rows, n : n + columns] @ kernels[m, n] for m, n in places)
    return np.where(y + biases > 0, y + biases, 0)


# %% test_conv_layer 4 · no ReLU
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.einsum("ijcmn,mncf->ijf", windows, kernels) + biases


# %% test_conv_layer 0 · no bias
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->ijf", windows, kernels), 0)


# %% test_conv_layer 1 · the bias once for each channel
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->ijf", windows, kernels) + biases * x.shape[2], 0)


# %% test_conv_layer 1 · the mean over the channels
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->ijf", windows, kernels) / x.shape[2] + biases, 0)


# %% test_conv_layer 1 · the first channel only
def conv_layer(x, kernels, biases):
    maps = [_valid(x[:, :, 0], kernels[:, :, 0, f]) for f in range(kernels.shape[3])]
    return np.maximum(np.stack(maps, axis=-1) + biases, 0)


# %% test_conv_layer 3 · the first filter only
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    y = np.einsum("ijcmn,mnc->ij", windows, kernels[..., 0])[:, :, None]
    return np.maximum(y + biases[:1], 0)


# %% test_conv_layer 1 · channels and filters swapped
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mnfc->ijf", windows, kernels) + biases, 0)


# %% test_conv_layer 0 · the filters come first
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->fij", windows, kernels) + biases[:, None, None], 0)


# %% test_conv_layer 4 · ReLU before the bias
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.maximum(np.einsum("ijcmn,mncf->ijf", windows, kernels), 0) + biases


# %% test_conv_layer 4 · the absolute value instead of ReLU
def conv_layer(x, kernels, biases):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.abs(np.einsum("ijcmn,mncf->ijf", windows, kernels) + biases)


# %% test_kernel_gradient 3 · right: a convolution with upstream as the kernel
def kernel_gradient(x, upstream):
    return _valid(x, upstream)


# %% test_kernel_gradient 3 · right: the formula, four loops
def kernel_gradient(x, upstream):
    shape = [a - b + 1 for a, b in zip(x.shape, upstream.shape, strict=True)]
    dk = np.zeros(shape)
    for m, n in np.ndindex(*shape):
        for i, j in np.ndindex(*upstream.shape):
            dk[m, n] += upstream[i, j] * x[i + m, j + n]
    return dk


# %% test_kernel_gradient 3 · right: each output pixel adds its window
def kernel_gradient(x, upstream):
    height, width = (a - b + 1 for a, b in zip(x.shape, upstream.shape, strict=True))
    places = np.ndindex(*upstream.shape)
    return sum(upstream[i, j] * x[i : i + height, j : j + width] for i, j in places)


# %% test_kernel_gradient 0 · upstream turned around
def kernel_gradient(x, upstream):
    return _valid(x, upstream[::-1, ::-1])


# %% test_kernel_gradient 0 · the mean instead of the sum
def kernel_gradient(x, upstream):
    return _valid(x, upstream) / upstream.size


# %% test_kernel_gradient 0 · the result turned around
def kernel_gradient(x, upstream):
    return _valid(x, upstream)[::-1, ::-1]


# %% test_kernel_gradient 0 · the result transposed
def kernel_gradient(x, upstream):
    return _valid(x, upstream).T


# %% test_kernel_gradient 0 · the sign of a step, not of the gradient
def kernel_gradient(x, upstream):
    return -_valid(x, upstream)


# %% test_kernel_gradient 0 · upstream taken as ones
def kernel_gradient(x, upstream):
    return _valid(x, np.ones_like(upstream))


# %% test_kernel_gradient 2 · a kernel taken for square
def kernel_gradient(x, upstream):
    size = x.shape[0] - upstream.shape[0] + 1
    places = np.ndindex(*upstream.shape)
    return sum(upstream[i, j] * x[i : i + size, j : j + size] for i, j in places)


# %% test_kernel_gradient 0 · one row and one column missing
def kernel_gradient(x, upstream):
    return _valid(x, upstream)[:-1, :-1]


# %% test_kernel_gradient 0 · the gradient for the image
def kernel_gradient(x, upstream):
    return np.pad(upstream, 1)


# %% test_kernel_gradient 0 · the difference quotient forgets to divide
def kernel_gradient(x, upstream):
    return 1e-3 * _valid(x, upstream)


# %% test_input_gradient 3 · right: shifted copies of upstream
def input_gradient(kernel, upstream):
    (height, width), (rows, columns) = kernel.shape, upstream.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for m, n in np.ndindex(height, width):
        dx[m : m + rows, n : n + columns] += kernel[m, n] * upstream
    return dx


# %% test_input_gradient 3 · right: each output pixel stamps the kernel
def input_gradient(kernel, upstream):
    (height, width), (rows, columns) = kernel.shape, upstream.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for i, j in np.ndindex(rows, columns):
        dx[i : i + height, j : j + width] += kernel * upstream[i, j]
    return dx


# %% test_input_gradient 3 · right: the turned kernel over upstream with a border
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    bordered = np.pad(upstream, ((height - 1, height - 1), (width - 1, width - 1)))
    return _valid(bordered, kernel[::-1, ::-1])


# %% test_input_gradient 1 · where windows overlap the last one wins
def input_gradient(kernel, upstream):
    (height, width), (rows, columns) = kernel.shape, upstream.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for i, j in np.ndindex(rows, columns):
        dx[i : i + height, j : j + width] = kernel * upstream[i, j]
    return dx


# %% test_input_gradient 0 · the kernel not turned around
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    return _valid(np.pad(upstream, ((height - 1, height - 1), (width - 1, width - 1))), kernel)


# %% test_input_gradient 0 · the kernel transposed
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    return _valid(np.pad(upstream, ((height - 1, height - 1), (width - 1, width - 1))), kernel[::-1, ::-1].T)


# %% test_input_gradient 2 · a kernel taken for square
def input_gradient(kernel, upstream):
    size, (rows, columns) = kernel.shape[0], upstream.shape
    dx = np.zeros((rows + size - 1, columns + size - 1))
    for i, j in np.ndindex(rows, columns):
        dx[i : i + size, j : j + size] += kernel * upstream[i, j]
    return dx


# %% test_input_gradient 1 · as many columns of output pixels as rows
def input_gradient(kernel, upstream):
    (height, width), rows = kernel.shape, upstream.shape[0]
    dx = np.zeros((rows + height - 1, rows + width - 1))
    for i, j in np.ndindex(rows, rows):
        dx[i : i + height, j : j + width] += kernel * upstream[i, j]
    return dx


# %% test_input_gradient 1 · output pixels beyond the square are left out
def input_gradient(kernel, upstream):
    (height, width), (rows, columns) = kernel.shape, upstream.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for i, j in np.ndindex(rows, min(rows, columns)):
        dx[i : i + height, j : j + width] += kernel * upstream[i, j]
    return dx


# %% test_input_gradient 1 · the first output pixel only
def input_gradient(kernel, upstream):
    dx = np.zeros((upstream.shape[0] + kernel.shape[0] - 1, upstream.shape[1] + kernel.shape[1] - 1))
    dx[: kernel.shape[0], : kernel.shape[1]] = kernel * upstream[0, 0]
    return dx


# %% test_input_gradient 1 · the mean of the shares instead of their sum
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    bordered = np.pad(upstream, ((height - 1, height - 1), (width - 1, width - 1)))
    return _valid(bordered, kernel[::-1, ::-1]) / upstream.size


# %% test_input_gradient 1 · upstream turned around
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    bordered = np.pad(upstream[::-1, ::-1], ((height - 1, height - 1), (width - 1, width - 1)))
    return _valid(bordered, kernel[::-1, ::-1])


# %% test_input_gradient 0 · the sign of a step, not of the gradient
def input_gradient(kernel, upstream):
    height, width = kernel.shape
    return -_valid(np.pad(upstream, ((height - 1, height - 1), (width - 1, width - 1))), kernel[::-1, ::-1])


# %% test_input_gradient 0 · the size of upstream
def input_gradient(kernel, upstream):
    return kernel.sum() * upstream


# %% test_input_gradient 0 · only windows that lie inside
def input_gradient(kernel, upstream):
    return _valid(np.pad(upstream, 1), np.ones((1, 1))) * kernel[0, 0]
