"""Lesson 14 · Attention: a tool that labels images by clicks, with and without a mouse.

`Labelling` holds the state and writes the files; `tool` shows it. A click must reach the kernel, and ipywidgets has no
widget that tells where it was clicked. So the image is HTML whose own `onclick` writes the place into a hidden text
field, which ipywidgets does watch: no further package, and the same in JupyterLab and on Colab (ipywidgets 8 and 7).
Where a page forbids that, two sliders and a button do the same.
"""

import base64
import html
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from segutils.lessons import explorer
from segutils.lessons.click import iou_of, with_clicks
from segutils.plumbing.storage import atomic_write

ZOOM = 6  # screen pixels of a pixel
ORANGE, TEAL, WHITE, BLACK = (238, 119, 51), (0, 153, 136), (255, 255, 255), (0, 0, 0)
STRIPES = 8  # screen pixels from one stripe on an accepted object to the next
CLICK = (
    "var box = this.getBoundingClientRect(), field = this.closest('.click-tool').querySelector('.click-place input');"
    "field.value = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width, Date.now()];"
    "['input', 'change'].forEach(kind => field.dispatchEvent(new Event(kind, {bubbles: true})))"
)
HELP = "Click on an object, or move the sliders and press “Click here”. A click inside the outline says: not this."


class Labelling:
    """Images that are labelled one after the other by clicks; nothing here needs a browser.

    Args:
        images: (N, S, S, 1) uint8.
        segment: function (image, clicks) → mask (S, S) bool, as `segmenter` gives.
        folder: where accepted masks go; None keeps none.
        names: of the classes; what is accepted has class 1.
    Attributes: number: of the image; clicks; mask: of the clicks so far; labels (S, S) uint8: what was accepted;
        accepted: how many objects.
    """

    def __init__(self, images, segment, *, folder=None, names=("background", "object")):
        self.images, self.segment, self.names = images, segment, tuple(names)
        self.folder = None if folder is None else Path(folder)
        self.go_to(0)

    def go_to(self, number):
        """Turn to an image, with nothing accepted yet."""
        self.number, self.accepted = number % len(self.images), 0
        self.labels = np.zeros(self.image.shape, np.uint8)
        self._forget()

    @property
    def image(self):
        return self.images[self.number].squeeze()

    def click(self, row, column, sign=None):
        """One more click. Without a sign, one inside the mask says "not this", any other "this too"."""
        row, column = (
            int(np.clip(place, 0, side - 1)) for place, side in zip((row, column), self.mask.shape, strict=True)
        )
        self.clicks = [*self.clicks, (row, column, sign or (-1 if self.mask[row, column] else 1))]
        self.mask = self.segment(self.image, self.clicks)

    def undo(self):
        """Take the last click back."""
        clicks = self.clicks[:-1]
        self._forget()
        if clicks:
            self.clicks, self.mask = clicks, self.segment(self.image, clicks)

    def accept(self, value=1):
        """Add the mask, if there is one, to the labels as an object of a class, and save."""
        self.labels[self.mask] = value
        self.accepted += bool(self.mask.any())
        self.save()
        self._forget()

    def save(self):
        """Write image and labels, each all or nothing, and the names of the classes."""
        if self.folder is not None:
            for kind, pixels in (("images", self.image), ("masks", self.labels)):
                with atomic_write(self.folder / kind / f"{self.number:04d}.png") as temporary:
                    Image.fromarray(pixels).save(temporary)
            with atomic_write(self.folder / "classes.txt") as temporary:
                temporary.write_text("\n".join(self.names) + "\n", encoding="utf-8")

    def _forget(self):
        self.clicks, self.mask = [], np.zeros(self.image.shape, bool)

    def words(self):
        """The state in words."""
        mask = f"the outline holds {self.mask.sum()} pixels" if self.mask.any() else "nothing is outlined"
        return (
            f"Image {self.number + 1} of {len(self.images)}: clicks on this object: {len(self.clicks)}; {mask}; "
            f"objects accepted: {self.accepted}."
        )


def segmenter(network):
    """The function (image, clicks) → mask (S, S) bool of a click network, traced once so that it answers at once."""
    import tensorflow as tf

    answer = tf.function(lambda inputs: network(inputs, training=False))

    def segment(image, clicks):
        scores = answer(tf.constant(with_clicks(image, clicks)[None])).numpy()[0]
        return scores[..., 1] > scores[..., 0]

    return segment


def picture(state, cursor=None, *, zoom=ZOOM):
    """The state of a Labelling as an image (zoom · S, zoom · S, 3) uint8.

    Accepted objects carry teal stripes, the mask an orange outline; + and - are clicks, a white frame is the cursor.
    """
    view = np.repeat(state.image.repeat(zoom, 0).repeat(zoom, 1)[..., None], 3, 2)
    labels, mask = (part.repeat(zoom, 0).repeat(zoom, 1) for part in (state.labels > 0, state.mask))
    rows, columns = np.indices(labels.shape)
    view[labels & ((rows + columns) % STRIPES < STRIPES // 2)] = TEAL
    view[mask ^ ndimage.binary_erosion(mask, np.ones((5, 5)))] = ORANGE
    for row, column, sign in state.clicks:
        middle = [zoom * place + zoom // 2 for place in (row, column)]
        for reach, thick, colour in ((zoom + 1, 3, BLACK), (zoom - 1, 1, WHITE)):
            _bar(view, middle, thick, reach, colour)
            if sign > 0:
                _bar(view, middle, reach, thick, colour)
    if cursor is not None:
        top, left = (zoom * place for place in cursor)
        for grow, colour in ((2, BLACK), (1, WHITE)):
            frame = np.zeros(mask.shape, bool)
            frame[max(top - grow, 0) : top + zoom + grow, max(left - grow, 0) : left + zoom + grow] = True
            view[frame ^ ndimage.binary_erosion(frame)] = colour
    return view


def _bar(view, middle, down, right, colour):
    """A filled bar that reaches `down` and `right` pixels from its middle."""
    top, left = (max(place - reach, 0) for place, reach in zip(middle, (down, right), strict=True))
    view[top : middle[0] + down + 1, left : middle[1] + right + 1] = colour


def panel(state):
    """The widget of a Labelling: the image to click on, sliders for its row and column, and buttons."""
    import ipywidgets

    size = len(state.image)
    shown, place = ipywidgets.HTML(), ipywidgets.Text(layout={"display": "none"})
    place.add_class("click-place")
    shown.add_class("explorer-panels")
    row, column = (
        ipywidgets.IntSlider(value=size // 2, min=0, max=size - 1, description=name) for name in ("row", "column")
    )
    names = ["Click here", "Undo", "Accept", "Next image"][: 4 if state.folder else 2]
    names += [] if state.folder else ["Next image"]
    buttons = [ipywidgets.Button(description=name) for name in names]
    words = ipywidgets.HTML()

    def show(_=None):
        pixels = base64.b64encode(explorer.png(picture(state, (row.value, column.value)))).decode()
        said = html.escape(state.words())
        style = "cursor: crosshair; image-rendering: pixelated; max-width: 100%"
        image = f'<img style="{style}" onclick="{CLICK}" alt="{said}" src="data:image/png;base64,{pixels}">'
        shown.value, words.value = image, f'<span role="status">{said}</span>'

    def clicked(change):
        down, right = (float(share) for share in change["new"].split(",")[:2])
        state.click(int(down * size), int(right * size))
        show()

    actions = {
        "Click here": lambda: state.click(row.value, column.value),
        "Undo": state.undo,
        "Accept": state.accept,
        "Next image": lambda: state.go_to(state.number + 1),
    }

    def pressed(button):
        actions[button.description]()
        show()

    place.observe(clicked, names="value")
    for slider in (row, column):
        slider.observe(show, names="value")
    for button in buttons:
        button.on_click(pressed)
    show()
    help_ = ipywidgets.HTML(HELP)
    style = ipywidgets.HTML(explorer.HIDE_STILL + explorer.NAME, layout={"display": "none"})
    line = {"flex_flow": "row wrap"}
    rows = [ipywidgets.Box([row, column], layout=line), ipywidgets.Box(buttons, layout=line)]
    box = ipywidgets.VBox([help_, shown, *rows, words, place, style])
    for name in ("explorer-live", "click-tool"):
        box.add_class(name)
    return box


def tool(state):
    """Show the widget of a Labelling, and a still image where there is no kernel."""
    caption = f"Labelling tool: {state.words()} Run the cell to click."
    explorer.present(panel(state), explorer.png(picture(state)), caption, f"Figure: {caption}")


def milliseconds_per_click(state, count=10):
    """Processor time of one click, network and drawing, in ms; the state is as before."""
    middle = len(state.image) // 2
    began = time.process_time()
    for _ in range(count):
        state.click(middle, middle)
        explorer.png(picture(state, (middle, middle)))
        state.undo()
    return 1000 * (time.process_time() - began) / count


def judge_folder(folder, truth):
    """Print how well saved masks agree with the true foregrounds (N, S, S) bool, and whether the mean IoU is 0.80."""
    paths = [Path(folder) / "masks" / f"{number:04d}.png" for number in range(len(truth))]
    waiting = sum(not path.exists() for path in paths)
    if waiting:
        print(f"images without a saved mask: {waiting} of {len(truth)}; label them above and run this cell again")
        return
    saved = np.array([np.asarray(Image.open(path)) > 0 for path in paths])
    mean = float(iou_of(truth, saved).mean())
    print(f"mean IoU {mean:.2f}: " + ("reached" if mean >= 0.8 else "not yet 0.80"))
