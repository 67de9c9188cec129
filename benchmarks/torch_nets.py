"""PyTorch: a textbook U-Net, the course's U-Net, and one training step of each. Needs neither TensorFlow nor segutils.

python torch_nets.py train --scenes SCENES.npz --rate 0.001 --seed 0 --images 16000 --batch-size 16 OUT
python torch_nets.py step --scenes SCENES.npz OUT
"""

import argparse
import json
import statistics
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

LOOKS = 8


def _block(before, filters, convolutions, bias=True):
    """Convolution, batch normalisation, ReLU, so many times."""
    sizes = [before] + [filters] * convolutions
    layers = []
    for i, o in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Conv2d(i, o, 3, padding=1, bias=bias), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class TextbookUNet(nn.Module):
    """competitors.textbook_unet: (B, 1, H, W) floats, 0 to 255, to (B, classes, H, W) logits."""

    def __init__(self, classes, *, width=16, depth=3):
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(_block(i, o, 2) for i, o in zip([1, *widths], widths, strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[:-1])
        self.after = nn.ModuleList(_block(2 * w, w, 2) for w in widths[:-1])
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        x, skips = self.down[0](x / 255), []
        for level in self.down[1:]:
            skips.append(x)
            x = level(F.max_pool2d(x, 2))
        for level in reversed(range(len(skips))):
            x = self.after[level](torch.cat([skips[level], self.up[level](x)], 1))
        return self.head(x)


class CourseUNet(nn.Module):
    """segutils.models.unet: strided stem, added skips, coarse scores enlarged smoothly and added to fine ones."""

    def __init__(self, classes, *, width=16):
        super().__init__()
        widths = (width, 4 * width, 6 * width, 6 * width)
        self.stem = nn.Conv2d(1, width, 5, stride=2, padding=2)
        counts = zip((width, *widths), widths, (1, 2, 1, 1), strict=False)
        self.down = nn.ModuleList(_block(i, o, count, bias=False) for i, o, count in counts)
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, stride=2) for o, i in zip(widths, widths[1:], strict=False))
        self.after = nn.ModuleList(_block(w, w, 1, bias=False) for w in widths[:-1])
        enlarge = nn.ConvTranspose2d(classes, classes, 8, stride=4, padding=2, bias=False)
        self.coarse = nn.Sequential(nn.Conv2d(widths[1], classes, 1), enlarge)
        self.sharp, self.look = nn.ConvTranspose2d(width, width, 2, stride=2), nn.Conv2d(1, width, 3, padding=1)
        self.fine = nn.Conv2d(width, classes, 1)

    def forward(self, pixels):
        pixels = pixels / 127.5 - 1
        x, skips = self.down[0](self.stem(pixels)), []
        for level in self.down[1:]:
            skips.append(x)
            x = level(F.max_pool2d(x, 2))
        for level in (2, 1, 0):
            x = self.after[level](self.up[level](x) + skips[level])
            if level == 1:
                coarse = self.coarse(x)
        return coarse + self.fine(F.relu(self.sharp(x) + self.look(pixels)))


NETWORKS = {"textbook": TextbookUNet, "course": CourseUNet}


def as_tensors(images, masks=None):
    images = torch.from_numpy(images).movedim(-1, 1).float().contiguous()
    return images if masks is None else (images, torch.from_numpy(masks).long())


def train(scenes, *, rate, seed, images, batch_size):
    """Adam at one rate on cross-entropy; [seconds of training, images seen, mean IoU on the exam], LOOKS times."""
    torch.manual_seed(seed)
    rng, exam, truth = np.random.default_rng(seed), scenes["exam_images"], scenes["exam_masks"]
    given, masks, steps = scenes["images"], scenes["masks"], images // batch_size
    network, curve, seconds = TextbookUNet(int(truth.max()) + 1), [], 0.0
    adam = torch.optim.Adam(network.parameters(), rate)
    started, order = time.perf_counter(), np.empty(0, int)
    for step in range(1, steps + 1):
        if len(order) < batch_size:
            order = rng.permutation(len(given))
        picked, order = order[:batch_size], order[batch_size:]
        one_step(network, adam, *as_tensors(given[picked], masks[picked]))
        if step % (steps // LOOKS) == 0:
            seconds += time.perf_counter() - started
            curve.append([seconds, step * batch_size, mean_iou(network, exam, truth)])
            started = time.perf_counter()
    return curve


def one_step(network, optimizer, x, y, dtype=torch.float32):
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        loss = F.cross_entropy(network(x), y)
    loss.backward()
    optimizer.step()


def mean_iou(network, images, truth):
    network.eval()
    with torch.inference_mode():
        parts = [network(as_tensors(part)).argmax(1).numpy() for part in np.array_split(images, len(images) // 50)]
    network.train()
    predicted, classes = np.concatenate(parts), int(truth.max()) + 1
    cells = truth.ravel().astype(int) * classes + predicted.ravel()
    counts = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    hits = np.diag(counts)
    return float((hits / (counts.sum(0) + counts.sum(1) - hits)).mean())


def steps(scenes, *, batch_size=16, repeats=30):
    """Images a second of a training step, {"network, dtype": the faster of PyTorch's two memory formats}."""
    found = {}
    x, y = as_tensors(scenes["images"][:batch_size], scenes["masks"][:batch_size])
    for name, kind in NETWORKS.items():
        for dtype in (torch.float32, torch.bfloat16):
            for form in (torch.contiguous_format, torch.channels_last):
                network, given = kind(11).to(memory_format=form), x.contiguous(memory_format=form)
                adam, times = torch.optim.Adam(network.parameters(), 0.001), []
                for _ in range(repeats):
                    started = time.perf_counter()
                    one_step(network, adam, given, y, dtype)
                    times.append(time.perf_counter() - started)
                rate = batch_size / statistics.median(times[5:])
                key = f"{name}, {str(dtype).removeprefix('torch.')}"
                found[key] = max(rate, found.get(key, 0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=("train", "step"))
    parser.add_argument("--scenes")
    parser.add_argument("--rate", type=float)
    for name in ("seed", "images", "batch-size"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("out")
    options = vars(parser.parse_args())
    scenes, work, out = np.load(options.pop("scenes")), options.pop("work"), options.pop("out")
    found = train(scenes, **options) if work == "train" else steps(scenes)
    with open(out, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
