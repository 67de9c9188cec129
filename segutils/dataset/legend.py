"""Class names, colours and void, where files beside the masks say so; lists of a split."""

import csv
import json
import re
from pathlib import PurePosixPath

from segutils.dataset.annotations import IGNORED
from segutils.dataset.splits import SPLIT_FOLDERS
from segutils.metrics import VOID

NUMBER = re.compile(r"values?|pixel[ _]?values?|ids?|label[ _]?ids?|class[ _]?ids?|index|idx|grey|gray|number", re.I)
NUMBERED = re.compile(
    r"((?:[(\[]?\d+[)\]\s,:;=]+)*)[\"']?([^\W\d].*?)[\"']?((?:[\s,:;=(\[]+\d+)*)[)\]]*"
)  # 1 cat 0 0 255
UNSURE = re.compile(r"border|boundar|contour|edge|rim|outline|ambig|unsure|uncertain|unknown|ignor|void|no.?data", re.I)
NAME = re.compile(r"(class|label|category)?[ _]?names?|class|label|category", re.I)


def yolo_names(files):
    """{number: class name} from data.yaml, classes.txt, obj.names' kin; {} where nothing says so."""
    for name in files.texts:
        path = PurePosixPath(name)
        if path.suffix.lower() in (".yaml", ".yml") and (found := _yaml_names(files.text(name))):
            return found
        if path.name.lower() in ("classes.txt", "labels.txt", "names.txt", "class_names.txt"):
            lines = [line.strip() for line in files.text(name).splitlines() if line.strip()]
            if lines and not any(re.search(r"\d[\s,;:]", line) for line in lines):
                return dict(enumerate(lines))
    return {}


def _yaml_names(text):
    """The entry `names` of YOLO's data.yaml, as a list in brackets, a list of dashes, or numbers with colons."""
    head = re.search(r"^names\s*:[ \t]*(.*)$", text, re.MULTILINE)
    if head is None:
        return {}
    clean = r"^\s*[\"']?|[\"']?\s*$"
    inside = re.match(r"\s*\[([^\]]*)\]", text[head.start(1) :])
    if inside:
        return dict(enumerate(re.sub(clean, "", word) for word in inside[1].split(",") if word.strip()))
    found = {}
    for line in text[head.end() :].splitlines()[1:]:
        entry = re.match(r"\s*(?:-|(\d+)\s*:)\s*(.+?)\s*$", line)
        if entry is None:
            break
        found[int(entry[1]) if entry[1] else len(found)] = re.sub(clean, "", entry[2])
    return found


def read_legend(files):
    """{mask value: class name}, {colour: class name} from the first files that hold any; colours as pack_colours.

    Read are Roboflow's _classes.csv, CVAT's and VOC's labelmap.txt (name:r,g,b::), tables of names with numbers or
    r, g, b in CSV (CamVid's class_dict.csv) or text, lists of names (VOC's own order), CVAT's and Mask R-CNN's JSON.
    """
    by_value, by_colour = {}, {}
    for name in files.texts:
        path = PurePosixPath(name)
        if not re.search(r"class|label|legend|palette|color|colour|codes|names|categor|ontology", path.stem, re.I):
            continue
        values, colours = READERS.get(path.suffix.lower(), lambda text: ({}, {}))(files.text(name))
        for value, text in values.items():
            by_value.setdefault(value, text)
        for colour, text in colours.items():
            by_colour.setdefault(colour, text)
    return by_value, by_colour


def void_of(legend):
    """The values that a legend calls void, unlabeled, ignore…"""
    return [value for value, name in legend.items() if name.strip().lower() in IGNORED]


def names_white(legend):
    """True if a legend calls 255 a class, and not the rim of one or what nobody could tell."""
    return VOID in legend and not UNSURE.search(legend[VOID])


def _packed(red, green, blue):
    return 65536 * int(red) + 256 * int(green) + int(blue)


def _table(text):
    rows = [[cell.strip().strip("\"'") for cell in row] for row in csv.reader(text.splitlines()) if row]
    if len(rows) < 2 or len(rows[0]) < 2:
        return {}, {}
    head, values, colours = [cell.lower() for cell in rows[0]], {}, {}
    number = next((i for i, cell in enumerate(head) if NUMBER.fullmatch(cell)), None)
    label = next((i for i, cell in enumerate(head) if NAME.fullmatch(cell) and i != number), None)
    rgb = [
        next((i for i, cell in enumerate(head) if cell in words), None)
        for words in (("r", "red"), ("g", "green"), ("b", "blue"))
    ]
    if label is None:
        return {}, {}
    for row in rows[1:]:
        if None not in rgb and len(row) > max(rgb) and all(row[i].isdecimal() for i in rgb):
            colours[_packed(*(row[i] for i in rgb))] = row[label]
        if number is not None and len(row) > max(number, label) and row[number].isdecimal():
            values[int(row[number])] = row[label]
    return values, colours


def _lines(text):
    """labelmap.txt ("cat:128,0,0::"), "1 cat", "cat 1", "cat", "128 0 0 cat" in lines."""
    values, colours, plain = {}, {}, []
    for line in (line.strip() for line in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if found := re.fullmatch(r"([^:]+):(\d+),(\d+),(\d+):.*", line):
            colours[_packed(*found.groups()[1:])] = found[1].strip()
            values[len(values)] = found[1].strip()  # palette masks count up in this order
        elif (found := NUMBERED.fullmatch(line)) and (found[1] or found[3]):
            before, label, after = found.groups()
            before, after = (list(map(int, re.findall(r"\d+", some))) for some in (before, after))
            several = max(before, after, key=len)
            if len(several) in (3, 4) and max(several[-3:]) < 256:
                colours[_packed(*several[-3:])] = label
            single = before[:1] if len(before) in (1, 4) else after[:1] if len(after) in (1, 4) else []
            values |= dict.fromkeys(single, label)
        elif re.fullmatch(r"[\w '-]*[A-Za-z_][\w '-]*", line):
            plain.append(line)
    if plain and not values and not colours:
        skip = plain[0] == "__ignore__"  # labelme's own list begins at -1
        values = dict(enumerate(plain[skip:]))
    return values, colours


def _objects(text):
    """A list of {"name" or "title", "id" or "value", "color"}, or {"1": "cat"}, or {"cat": 1}."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}, {}
    values, colours = {}, {}
    if isinstance(content, dict) and all(isinstance(v, str) and k.isdecimal() for k, v in content.items()):
        return {int(k): v for k, v in content.items()}, {}
    if isinstance(content, dict) and content and all(re.fullmatch("#[0-9a-fA-F]{6}", k) for k in content):
        return {}, {int(k[1:], 16): v for k, v in content.items() if isinstance(v, str)}
    if isinstance(content, dict) and content and all(type(v) is int for v in content.values()):
        return {v: k for k, v in content.items()}, {}
    if isinstance(content, dict):
        content = next(
            (content[k] for k in ("classes", "labels", "categories") if isinstance(content.get(k), list)), []
        )
    for one in content if isinstance(content, list) else ():
        if not isinstance(one, dict):
            continue
        label = next((one[k] for k in ("name", "title", "label", "readable") if isinstance(one.get(k), str)), None)
        number = next((one[k] for k in ("value", "id", "index") if type(one.get(k)) is int), None)
        colour = one.get("color", one.get("colour"))
        if label and number is not None:
            values[number] = label
        if label and isinstance(colour, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            colours[int(colour[1:], 16)] = label
        elif label and isinstance(colour, list) and len(colour) == 3:
            colours[_packed(*colour)] = label
    return values, colours


READERS = {".csv": _table, ".txt": _lines, ".json": _objects}


def read_lists(files, keys):
    """{key of a pair: part} from lists such as ImageSets/Segmentation/train.txt; {} where there are none.

    Args: keys: {word that a line may hold (stem or path of an image): key}.
    """
    parts = {}
    for name in files.texts:
        path = PurePosixPath(name)
        words = [word for word in re.split(r"[\W_]+", path.stem.lower()) if word in SPLIT_FOLDERS]
        if path.suffix.lower() not in (".txt", ".csv") or len(words) != 1:
            continue  # trainval.txt is no part
        for line in files.text(name).splitlines():
            entries = re.split(r"[\s,;]+", line.strip())
            for entry in (line.strip(), *entries[:1]):
                stem = PurePosixPath(entry.replace("\\", "/")).as_posix().lstrip("./")
                key = (
                    keys.get(stem)
                    or keys.get(re.sub(r"\.\w{3,4}$", "", stem))
                    or keys.get(PurePosixPath(re.sub(r"\.\w{3,4}$", "", stem)).name)
                )
                if key is not None:
                    parts.setdefault(key, SPLIT_FOLDERS[words[0]])
                    break
    return parts
