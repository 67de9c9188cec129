"""One page that needs nothing else, is well formed, and whose sentences follow from the data."""

import itertools
from html.parser import HTMLParser

import numpy as np
import pytest
from support import CHROMIUM

from segutils.workhorse import figures, judge, page, report

VOID_TAGS = {"meta", "img", "path", "rect", "br"}
HISTORY = [
    {"epoch": k, "loss": 1 / k, "val_loss": 1 / k, "mean_iou": k / 9, "val_mean_iou": k / 9} for k in range(1, 4)
]


class Page(HTMLParser):
    """What a page holds: text, addresses, ids; it fails where tags do not nest."""

    def __init__(self, path):
        super().__init__()
        self.open, self.words, self.addresses, self.ids, self.alts = [], [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        assert self.open == []
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag != "script"
        self.addresses += [attrs[name] for name in ("src", "href") if name in attrs]
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.alts += [attrs.get("alt")] if tag == "img" else []
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in VOID_TAGS or self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def told(rng, *, names=("ground", "cat", "dog"), background=0, images=4, right=0.9, **more):
    """A Told of random masks."""
    exam, cases = judge.Exam(names, background=background), []
    colours = figures.class_colours(len(names), background)
    for i in range(images):
        truth = rng.integers(0, len(names), (24, 36)).astype(np.uint8)
        wrong = rng.integers(0, len(names), (24, 36))
        predicted = np.where(rng.random((24, 36)) < right, truth, wrong).astype(np.uint8)
        exam.add(f"image {i}", f"film {i}", truth, predicted, np.full((24, 36), 60_000, np.uint16))
        picture = rng.integers(0, 255, (24, 36, 1)).astype(np.uint8)
        cases.append(figures.make_case(f"image {i}", "IoU 0.5", picture, truth, predicted, colours))
    fields = {
        "data": "my <set> & more",
        "usable": 20,
        "left_out": 0,
        "findings": {"error": 0, "warning": 1, "note": 2},
        "names": list(names),
        "colours": colours,
        "split": {"train": (12, 6), "validation": (4, 2), "test": (images, images)},
        "split_by": "The split is by image.",
        "why": ["crop 48: because."],
        "exam": exam,
        "scores": exam.summary(),
        "cases": cases,
        "history": HISTORY,
        "objects": None,
        "object_why": (),
        "new": [],
        "new_count": 0,
        "snippet": "x = 1 < 2",
        "command": "python -m segutils predict RUN NEW",
        "parameters": {"FOLDER": "/data/<x>", "SEED": 0},
        "environment": {"python": "3.11"},
        "seconds": {"train": 12.3},
    }
    return report.Told(**{**fields, **more})


def page_of(tmp_path, about):
    report.write(tmp_path / "report.html", about)
    return Page(tmp_path / "report.html")


def test_the_page_needs_nothing_but_itself_and_its_links_lead_somewhere(tmp_path, rng):
    found = page_of(tmp_path, told(rng))
    assert all(address.startswith(("data:image/", "#")) for address in found.addresses)
    assert {address[1:] for address in found.addresses if address.startswith("#")} <= set(found.ids)
    assert len(set(found.ids)) == len(found.ids)
    assert all(found.alts)
    assert "my <set> & more" in found.text, "strangers' words are words"
    assert "x = 1 < 2" in found.text


def test_the_headline_is_the_score_of_the_exam(tmp_path, rng):
    about = told(rng)
    found = page_of(tmp_path, about)
    assert f"{about.scores['foreground_iou']:.3f} foreground IoU" in found.text
    assert report.sentence("x", about.exam, about.scores).startswith("Foreground IoU 0.")
    plain = told(rng, background=None)
    found = page_of(tmp_path, plain)
    assert "foreground" not in found.text.lower()
    assert f"{plain.scores['mean_iou']:.3f} mean IoU" in found.text
    assert "over all pixels of 4 test images of x" in report.sentence("x", plain.exam, plain.scores)


def test_sentences_change_with_the_data(tmp_path, rng):
    perfect = page_of(tmp_path, told(rng, right=1.0, images=12))
    assert "No class loses two in a hundred of its pixels" in perfect.text
    assert "Intervals come from resampling 12 sources." in perfect.text
    assert "too few to resample" not in perfect.text
    poor = page_of(tmp_path, told(rng, right=0.3, related=2, left_out=1))
    assert "The most frequent confusions: " in poor.text
    assert "surer than it is right" in poor.text
    assert "resampling 4 test images, so few that the intervals may be too narrow." in poor.text
    assert "2 groups of relatives lie in two parts" in poor.text
    assert "Left out because of errors: 1 file." in poor.text
    assert "relatives" not in perfect.text
    assert "The last look at the validation crops was the best" in poor.text
    for last in (HISTORY[0], HISTORY[-1]):  # worse, and as good as the one that was kept
        history = [*HISTORY, {**last, "epoch": 4}]
        assert "more EPOCHS may help" not in page_of(tmp_path, told(rng, history=history)).text


def test_images_of_one_source_are_said_to_be_alike(tmp_path, rng):
    about = told(rng)
    about.exam.sources = ["film"] * 3 + ["slide"]
    found = page_of(tmp_path, about)
    assert "The test images have 2 sources, too few to resample; images of one source are alike" in found.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"START": "runs/a"}, "Training began with weights of runs/a; the peak of the learning rate was a third"),
        (
            {"ENCODER": "MobileNetV3Small"},
            "The way down is MobileNetV3Small, pretrained; the peak of the learning rate",
        ),
        ({"START": "", "ENCODER": ""}, ""),
    ],
)
def test_what_training_began_with_is_said(tmp_path, rng, given, words):
    found = page_of(tmp_path, told(rng, parameters=given))
    assert words in found.text
    assert ("of the one below" in found.text) == bool(words)


def test_a_class_that_no_test_image_holds_has_no_score(tmp_path, rng):
    exam = judge.Exam(["sky", "road", "7"])
    truth = np.zeros((20, 20), np.uint8)
    truth[0, 0] = 1
    exam.add("a", "a", truth, truth, np.full((20, 20), 65535, np.uint16))
    about = told(rng, names=("sky", "road", "7"), background=None)._replace(exam=exam, scores=exam.summary())
    found = page_of(tmp_path, about)
    assert "No test image holds class 7; nothing is known" in found.text
    assert "None of them holds class 7, so the scores say nothing of how well that is found." in found.text
    assert report.sentence("x", exam, about.scores).endswith("; no test image holds class 7")
    assert "Less than one test pixel in a hundred belongs to road: take this score with care." in found.text
    assert "nan" not in found.text


def test_the_page_of_one_test_image_claims_no_interval(tmp_path, rng):
    about = told(rng, images=1)
    found = page_of(tmp_path, about)
    assert "One test image tells nothing of how others would score, so there is no interval." in found.text
    assert "95% 0" not in found.text
    assert "nan" not in found.text
    assert "(one image tells no interval)" in report.sentence("x", about.exam, about.scores)


def test_a_test_without_any_foreground_has_a_page_too(tmp_path, rng):
    exam, empty = judge.Exam(["ground", "cat"], background=0), np.zeros((20, 20), np.uint8)
    exam.add("a", "a", empty, empty, np.full((20, 20), 65535, np.uint16))
    about = told(rng, names=("ground", "cat"))._replace(exam=exam, scores=exam.summary(), cases=[])
    found = page_of(tmp_path, about)
    assert "1.000 mean IoU" in found.text
    assert "No test image has a score" in found.text
    said = report.sentence("x", exam, exam.summary())
    assert said.startswith("Mean IoU 1.000 (one image tells no interval), ")
    assert said.endswith("; no test image holds cat")
    assert exam.summary()["foreground_iou_pooled"] is None


def test_objects_and_new_images_have_their_sections(tmp_path, rng):
    counted = {"object_f1": 0.8, "precision": 0.9, "recall": 0.7, "true": 10, "predicted": 8, "way": "watershed"}
    counted |= {"merges": 3, "splits": 0, "average_precision": 0.5}
    picture = np.zeros((30, 30, 3), np.uint8)
    more = {"objects": {**counted, "interval": [0.7, 0.9]}, "object_why": ("small",), "new": [("n.png", picture)]}
    found = page_of(tmp_path, told(rng, **more, new_count=1))
    assert "0.800 object F1" in found.text
    assert "The test masks hold 10 objects, and 8 were predicted, by watershed" in found.text
    assert "1 new image was predicted; masks and overlays lie in predictions/. n.png" in found.text
    single = page_of(tmp_path, told(rng, objects={**more["objects"], "true": 2, "predicted": 1})).text
    assert "hold 2 objects, and 1 was predicted" in single
    beside = {**counted, "object_f1": 0.6, "merges": 5}
    learned = {**counted, "way": "learned seeds", "interval": [0.7, 0.9], "beside": [beside]}
    both = page_of(tmp_path, told(rng, objects=learned)).text
    assert "learned seeds 0.800 95% 0.70 to 0.90 0.900 0.700 0.500 3 0 watershed 0.600 0.900 0.700 0.500 5 0" in both
    assert "The line of watershed comes from the same masks" in both
    none = {**counted, "object_f1": None, "precision": None, "recall": None}
    assert "No test image holds an object, and none was predicted." in page_of(tmp_path, told(rng, objects=none)).text
    assert "objects" not in page_of(tmp_path, told(rng)).ids


def test_images_of_one_name_in_two_folders_are_told_apart(tmp_path, rng):
    about, picture = told(rng), np.zeros((30, 30, 3), np.uint8)
    cases = [about.cases[0]._replace(key=key) for key in ("monday/1", "tuesday/1", "tuesday/2")]
    new = [(f"{key}.png", picture) for key in ("left/5", "right/5", "right/6")]
    found = page_of(tmp_path, about._replace(cases=cases, new=new, new_count=7))
    assert "7 new images were predicted; masks and overlays lie in predictions/. The first 3 are shown." in found.text
    for words in ("monday/1", "tuesday/1", "left/5.png", "right/5.png"):
        assert words in found.text
    assert "could not be read" not in found.text
    found = page_of(tmp_path, about._replace(new=new, new_count=3, new_skipped=(("<b>.png", "is cut off"), ("x", "y"))))
    assert "2 could not be read, such as <b>.png: is cut off." in found.text
    for words in ("tuesday/2", "right/6.png"):
        assert words not in found.text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")
def test_the_page_keeps_the_rules_for_everyone(tmp_path, rng, page):
    """axe-core finds no violation of WCAG 2.1, levels A and AA, folded parts open: light and dark, wide and narrow."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    picture = np.zeros((30, 30, 3), np.uint8)
    counted = {"object_f1": 0.8, "precision": 0.9, "recall": 0.7, "true": 10, "predicted": 8, "way": "watershed"}
    counted |= {"merges": 3, "splits": 0, "average_precision": 0.5, "interval": [0.7, 0.9]}
    more = {"objects": counted, "object_why": ("small",), "new": [("n.png", picture)], "new_count": 1}
    about = told(rng, names=tuple(f"class {k}" for k in range(9)), right=0.6, **more)
    about = about._replace(snippet=f"x = {list(range(50))}", command=f"python -m segutils predict {'long_' * 20} NEW")
    report.write(tmp_path / "report.html", about)
    for scheme, width in itertools.product(("light", "dark"), (1280, 400)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto((tmp_path / "report.html").as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        page.screenshot(path=tmp_path / f"{scheme}{width}.png", full_page=True)
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        assert found.violations_count == 0, (scheme, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_bar_is_as_long_as_its_score(value):
    assert f'width="{120 * value:.1f}"' in page.bar(value, value, value, "#123456")
    assert "not in the test images" in page.bar(np.nan, np.nan, np.nan, "#123456")


def test_names_in_bytes_that_are_no_utf_8_have_a_page_too(tmp_path, rng):
    assert r"Bl\udcf6cke" in page_of(tmp_path, told(rng, data="Bl\udcf6cke")).text
