"""Explorers: the published image and its text, controls that redraw, and what holds for each explorer of the lessons.

What one explorer alone shows is tested beside its lesson, in test_<lesson>.py.
"""

import base64
import html
import inspect
import io
import itertools

import IPython.display
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from support import INK

from segutils.lessons import (
    background,
    convolution,
    dense,
    explorer,
    faq,
    gradient_graph,
    inside_the_network,
    losses,
    optimizers,
    pooling,
)

# Of each explorer: a function that makes it, and controls as a notebook gives them.
EXPLORERS = {
    "threshold_overlay": (
        lambda: background.threshold_overlay(INK, INK > 100),
        {"threshold": (0, 255, 5), "opacity": (0.0, 1.0, 0.1)},
    ),
    "kernel_editor": (
        lambda: convolution.kernel_editor(np.tile(INK, (4, 3))),
        {
            "kernel": list(convolution.KERNELS)[:2],
            "add_to_centre": (-4.0, 4.0, 0.25),
            "stride": (1, 4),
            "dilation": (1, 4),
            "padding": ["same", "valid"],
            "row": (0, 79),
            "column": (0, 83),
        },
    ),
    "pooling_shift": (
        lambda: pooling.pooling_shift(INK),
        {
            "shift_right": (-4, 4),
            "shift_down": (-4, 4),
            "size": (1, 7),
            "stride": (1, 4),
            "kind": list(pooling.POOLINGS),
        },
    ),
    "linear_boundary": (
        lambda: dense.linear_boundary(np.array([[-1.0, 2], [0.5, -1], [1, 1], [2, -0.5]]), np.array([0, 0, 5, 5])),
        {"angle": (-180, 180, 3), "offset": (-2.5, 2.5, 0.1), "temperature": (0.05, 2.0, 0.05), "point": (0, 3)},
    ),
    "pixel_explorer": (
        lambda: inside_the_network.pixel_explorer(
            np.pad(INK, ((0, 12), (0, 4))),
            {"down 1/2": np.eye(16)[:, :, None], "down 1/8": np.ones((4, 4, 9))},
            np.full((32, 32, 11), 1 / 11),
            ("background", *"0123456789"),
            {"down 1/2": (9, 5), "down 1/8": (47, 35)},
        ),
        {"level": ["down 1/2", "down 1/8"], "row": (0, 31), "column": (0, 31)},
    ),
    "blob_losses": (
        losses.blob_losses,
        {
            "shift": (-20, 20, 1),
            "radius": (3, 16, 1),
            "confidence": (0.1, 1.0, 0.05),
            "softness": (0.5, 4.0, 0.5),
        },
    ),
    "gradient_graph": (gradient_graph.gradient_graph, gradient_graph.CONTROLS),
    "optimizer_paths": (
        optimizers.optimizer_paths,
        {
            "surface": list(optimizers.SURFACES),
            "optimizer": list(optimizers.OPTIMIZERS),
            "log10_learning_rate": (-3.5, 0.5, 0.05),
            "momentum": (0.0, 0.99, 0.01),
            "steps": (1, 200, 1),
        },
    ),
    "checkpoint_files": (
        lambda: faq.checkpoint_files([0.9, 0.6, 0.7, 0.5]),
        {
            "save_best_only": [False, True],
            "mode": ["min", "max"],
            "save_weights_only": ["False", "True", "None"],
            "verbose": ["0", "1", "2", "-1", "None"],
            "name_with_epoch": [False, True],
        },
    ),
}
each_explorer = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture(autouse=True)
def _no_figures():
    """Each test starts without open figures."""
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture
def displayed(monkeypatch):
    """What is handed to IPython's display: (objects, options) of each call."""
    calls = []
    monkeypatch.setattr(IPython.display, "display", lambda *objects, **options: calls.append((objects, options)))
    return calls


def bars(height=1, *, colour="red", gap=3):
    """A small draw of its own: three bars; its figure is the same one each time."""
    figure, ax = plt.subplots(figsize=(2, 1))
    drawn = ax.bar([0, 1, gap], [1, 2, 3])

    def draw(height=height, colour=colour, gap=gap):
        drawn[0].set_height(height)
        drawn[0].set_color(colour)
        return figure

    return draw


def controls_of(box):
    """The controls of a panel by their description."""
    return {control.description: control for control in box.children[0].children}


def shown(box):
    """The panel's pixels, its pieces side by side."""
    return np.concatenate([pixels(image.value)[..., :3] for image in box.children[1].children], axis=1)


def extremes(control):
    """The values at which a control ends: both ends of a slider, every entry of a menu."""
    return control[:2] if isinstance(control, tuple) else control


def pixels(png):
    return matplotlib.image.imread(io.BytesIO(png), format="png")


# What is published


WIDGET = "application/vnd.jupyter.widget-view+json"


@each_explorer
def test_widget_words_and_still_image_are_outputs_of_their_own(displayed, name):
    """So that who has no kernel any more loses only the widget."""
    make, controls = EXPLORERS[name]
    draw = make()
    assert explorer.explore(draw, **controls) is None
    (widget, words, still), options = ([call[i] for call in displayed] for i in (0, 1))
    assert set(widget[0]) == {WIDGET}, "nothing to show where there are no widgets"
    view = widget[0][WIDGET]
    assert set(view) == {"version_major", "version_minor", "model_id"}
    assert (view["version_major"], view["version_minor"]) == (2, 0)
    assert set(still[0]) == {"image/png", "text/plain"}
    alt = options[2].pop("metadata")["image/png"]["alt"]
    assert alt.startswith(still[0]["text/plain"] + " Figure: ")
    assert options == 3 * [{"raw": True}]
    assert set(words[0]) == {"text/html"}
    assert f'alt="{html.escape(alt)}"' in words[0]["text/html"]
    image = pixels(base64.b64decode(still[0]["image/png"], validate=True))
    width, height = draw().get_size_inches() * explorer.DPI
    assert image.shape[:2] == pytest.approx((height, width), abs=1)
    assert image[..., :3].std() > 0.05, "not one colour"
    assert plt.get_fignums() == []


@each_explorer
def test_text_and_image_are_the_same_each_time_and_say_the_start_values(displayed, name):
    make, controls = EXPLORERS[name]
    for _ in range(2):
        draw = make()
        explorer.explore(draw, **controls)
    _, _, (first,), _, _, (second,) = (objects for objects, _ in displayed)
    assert first["text/plain"] == second["text/plain"]
    assert first["image/png"] == second["image/png"]
    for control, parameter in inspect.signature(draw).parameters.items():
        if control in controls:
            assert f"{control.replace('_', ' ')} = {parameter.default}" in first["text/plain"]
    assert "model" not in first["text/plain"]
    assert "0x" not in first["text/plain"]


def test_the_text_is_this_one(displayed):
    explorer.explore(bars(height=2), height=(0, 5), colour=["red", "blue"])
    assert displayed[2][0][0]["text/plain"] == "Explorer: height = 2, colour = red. Run the cell to move the sliders."


# Controls


@each_explorer
def test_controls_start_at_the_defaults_of_draw_and_have_the_given_ends(name):
    make, controls = EXPLORERS[name]
    draw = make()
    defaults = {key: parameter.default for key, parameter in inspect.signature(draw).parameters.items()}
    made = controls_of(explorer.panel(draw, **controls))
    assert list(made) == [key.replace("_", " ") for key in controls]
    for key, control in controls.items():
        widget = made[key.replace("_", " ")]
        assert widget.value == defaults[key]
        if isinstance(control, tuple):
            assert (widget.min, widget.max) == control[:2]
        else:
            assert list(widget.options) == control


@each_explorer
def test_the_still_image_is_that_of_the_start_values(name):
    make, controls = EXPLORERS[name]
    box = explorer.panel(make(), **controls)
    by_hand = make()()
    by_hand.canvas.draw()
    by_hand.set_layout_engine("none")
    buffer = io.BytesIO()
    by_hand.savefig(buffer, format="png", dpi=explorer.DPI)
    np.testing.assert_allclose(shown(box), pixels(buffer.getvalue())[..., :3], atol=0.01)


@each_explorer
def test_moving_a_control_changes_the_image_and_moving_it_back_restores_it(name):
    make, controls = EXPLORERS[name]
    box = explorer.panel(make(), **controls)
    made, before, heard = controls_of(box), shown(box), box.children[2].value
    for key, control in controls.items():
        widget = made[key.replace("_", " ")]
        start, images = widget.value, []
        for value in extremes(control):
            widget.value = value
            images.append(shown(box))
        assert any((drawn != before).any() for drawn in images), f"{key} changes nothing"
        widget.value = start
        assert (shown(box) == before).all(), key
        assert box.children[2].value == heard
    assert plt.get_fignums() == []


def test_all_controls_reach_draw_when_one_moves():
    got, inner = [], bars()

    def draw(height=1, colour="red", gap=3):
        got.append((height, colour, gap))
        return inner(height, colour)

    made = controls_of(explorer.panel(draw, height=(0, 5), colour=["red", "blue"]))
    made["colour"].value = "blue"
    made["height"].value = 4
    assert got == [(1, "red", 3), (1, "blue", 3), (4, "blue", 3)]


@pytest.mark.parametrize("unknown", [{"heigth": (0, 5)}, {"height": (0, 5), "colours": ["red"]}])
@pytest.mark.parametrize("function", [explorer.explore, explorer.panel])
def test_an_unknown_control_is_refused_before_anything_is_drawn(displayed, function, unknown):
    def draw(height=1, colour="red"):
        raise AssertionError("drawn")

    with pytest.raises(ValueError, match=f"draw takes height, colour; got a control for {list(unknown)[-1]}$"):
        function(draw, **unknown)
    assert displayed == []


def test_a_widget_is_taken_as_it_is():
    import ipywidgets

    slider = ipywidgets.IntSlider(value=3, min=0, max=5)
    box = explorer.panel(bars(), height=slider)
    assert controls_of(box) == {"height": slider}


# Panels, which a narrow window shows one above the other

PANELS = {"threshold_overlay": 3, "kernel_editor": 3, "pooling_shift": 3, "linear_boundary": 2}
PANELS |= {"pixel_explorer": 3, "blob_losses": 3, "gradient_graph": 2, "optimizer_paths": 2, "checkpoint_files": 2}


def test_panels_that_reach_into_each_other_stay_together():
    figure, axes = plt.subplots(1, 2, figsize=(5, 2))
    axes[0].set_title("a title that is wider than its own panel and the gap beside it, by far")
    assert len(explorer.panel(lambda height=1: figure, height=(0, 5)).children[1].children) == 1


# Each draw at the ends of its controls


@each_explorer
def test_draw_works_at_every_combination_of_extremes_on_one_figure_and_no_seam_cuts_ink(name):
    """Warnings are errors here as everywhere. Ink on a seam would be a title, a label or a line torn apart."""
    make, controls = EXPLORERS[name]
    draw = make()
    assert set(controls) <= set(inspect.signature(draw).parameters)
    panels = explorer.panel(draw, **controls).children[1].children
    assert len(panels) == PANELS[name]
    seams = np.cumsum([pixels(panel.value).shape[1] for panel in panels])[:-1]
    figure = draw()
    artists = len(figure.findobj())
    for values in itertools.product(*map(extremes, controls.values())):
        assert draw(**dict(zip(controls, values, strict=True))) is figure
        figure.canvas.draw()
        assert len(figure.findobj()) == artists, "artists are moved, not added"
        beside_seams = np.asarray(figure.canvas.buffer_rgba())[:, [*seams, *(seams - 1)], :3]
        assert beside_seams.min() > 200, values


@each_explorer
def test_no_legend_covers_a_label_or_a_point(name):
    make, controls = EXPLORERS[name]
    draw = make()
    figure = draw()
    figure.canvas.draw()
    figure.set_layout_engine("none")  # as `panel` does
    legends = [(ax, ax.get_legend().get_window_extent()) for ax in figure.axes if ax.get_legend()]
    middles = (
        sorted({*extremes(c), c[0] + (c[1] - c[0]) // 3}) if isinstance(c, tuple) else c for c in controls.values()
    )
    for values in itertools.product(*middles) if legends else ():
        draw(**dict(zip(controls, values, strict=True)))
        for ax, legend in legends:
            for text in (*ax.texts, ax.title):
                covered = text.get_text() and legend.overlaps(text.get_window_extent(figure.canvas.get_renderer()))
                assert not covered, (text.get_text(), values)
            for line in (line for line in ax.lines if line.get_marker() not in ("", "None")):
                points = ax.transData.transform(np.reshape(line.get_xydata(), (-1, 2)))
                assert len(points) == 0 or legend.count_contains(points) == 0, (line.get_label(), values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"optimizer": "gradient descent", "log10_learning_rate": -0.9}, "diverges: stopped after 4 of 60 steps"),
        ({"optimizer": "gradient descent", "log10_learning_rate": -1.2}, ""),
        ({"momentum": 0.99, "log10_learning_rate": -1.0, "steps": 20}, "the loss is larger than at the start"),
    ],
)
def test_a_path_that_diverges_or_climbs_says_so(values, words):
    panel = optimizers.optimizer_paths()("valley", **values).axes[0]
    assert [text.get_text() for text in panel.texts if text.get_visible()] == [words] * bool(words)


@each_explorer
def test_two_explorers_of_a_kind_do_not_share_a_figure(name):
    make, _ = EXPLORERS[name]
    assert make()() is not make()()
