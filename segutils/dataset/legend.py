"""Class names, colours and void, where files beside the masks say so; lists of a split."""

import csv
import json
import re
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from segutils.dataset import beside
from segutils.dataset.annotations import IGNORED
from segutils.dataset.classes import pack_colour
from segutils.dataset.splits import SPLIT_FOLDERS
from segutils.metrics import VOID

NUMBER = re.compile(r"values?|pixel[ _]?values?|ids?|label[ _]?ids?|class[ _]?ids?|index|idx|grey|gray|number", re.I)
NUMBERED = re.compile(
    r"((?:[(\[]?\d+[)\]\s,:;=]+)*)[\"']?([^\W\d].*?)[\"']?((?:[\s,:;=(\[]+\d+)*)[)\]]*"
)  # 1 cat 0 0 255
UNSURE = re.compile(r"border|boundar|contour|edge|rim|outline|ambig|unsure|uncertain|unknown|ignor|void|no.?data", re.I)
NAME = re.compile(r"(class|label|category)?[ _]?names?|class|(label|category)([ _]?list)?", re.I)
COLOUR = re.compile(r"(hex|html|rgb|colou?r)([ _-]?(hex|rgb|colou?r|code|values?))?s?", re.I)
KEY = re.compile(r"#[0-9a-f]{6}|\(?\d+(, *\d+){2,3}\)?", re.I)  # a colour where JSON wants a text
RGB = [re.compile(words, re.I) for words in ("r|red", "g|green", "b|blue")]
WRITTEN = "a colour is written #ff0000 or 255, 0, 0"
UNREAD = f"names classes, but none of its colours can be read; {WRITTEN}"
MOST = 4096  # lines of a legend; a longer list is no legend
LONG = 300  # characters of its lines


def yolo_names(files):
    """{number: class name} from data.yaml, classes.txt, obj.names' kin; {} where nothing says so."""
    for name in files.texts:
        path, found = PurePosixPath(name), {}
        if path.suffix.lower() in (".yaml", ".yml"):
            found = beside.read(files, name, lambda files, name: _yaml_names(files.text(name)), {})
        elif path.name.lower() in ("classes.txt", "labels.txt", "names.txt", "class_names.txt"):
            found = beside.read(files, name, _listed_names, {})
        if found:
            return found
    return {}


def _listed_names(files, name):
    lines = [line.strip() for line in islice(files.lines(name), MOST) if line.strip()]
    return {} if any(re.search(r"\d[\s,;:]", line) for line in lines) else dict(enumerate(lines))


def _yaml_names(text):
    """The entry `names` of YOLO's data.yaml, as a list in brackets, a list of dashes, or numbers with colons."""
    head = re.search(r"^names\s*:[ \t]*(.*)$", text, re.MULTILINE)
    if head is None:
        return {}
    inside = re.match(r"\s*\[([^\]]*)\]", text[head.start(1) :])
    if inside:
        return dict(enumerate(_bare(word) for word in inside[1].split(",") if word.strip()))
    found = {}
    for line in text[head.end() :].splitlines()[1:]:
        entry = re.fullmatch(r"(?:-|(\d+)\s*:)(.+)", line.strip())
        if entry is None:
            break
        found[int(entry[1]) if entry[1] else len(found)] = _bare(entry[2])
    return found


def _bare(word):
    return word.strip().strip("\"'")


class Legend(NamedTuple):
    """What one file says: {mask value: class name}, {colour as pack_colours: class name}, or names in order.

    plain: names without a number, whose first may be that of 0 or of 1.
    fault: what of it could not be read.
    """

    file: str = ""
    values: dict = {}
    colours: dict = {}
    plain: tuple = ()
    fault: str = ""


def read_legends(files):
    """The Legend of each file that holds one.

    Read are Roboflow's _classes.csv, CVAT's and VOC's labelmap.txt (name:r,g,b::), tables of names with numbers,
    with r, g, b or with a colour in CSV (CamVid's class_dict.csv) or text, lists of names (VOC's own order), CVAT's and
    Mask R-CNN's JSON.
    """
    return files.once("legends", lambda: [one for name in files.texts if (one := _legend(files, name))])


def names_of_colours(files):
    """{packed colour: name} of all legends together."""
    return {colour: name for one in read_legends(files) for colour, name in one.colours.items()}


def _legend(files, name):
    path = PurePosixPath(name)
    if not re.search(
        r"class|label|legend|palette|color|colour|codes|names|categor|ontology|objectinfo", path.stem, re.I
    ):
        return None
    if path.suffix.lower() not in READERS:
        return None
    found = beside.read(files, name, READERS[path.suffix.lower()], Legend())
    if found.fault:
        files.faulty.setdefault(name, found.fault)
    named = {PurePosixPath(one).stem for one in (*found.values.values(), *found.colours.values(), *found.plain)}
    named = {name.split()[0] if " " in name.strip() else name for name in named}  # a.jpg beach: the label of an image
    if 2 * len(named & files.once("stems", lambda: {PurePosixPath(image).stem for image in files.names})) > len(named):
        return None  # a list of images
    if 2 * len(set(found.plain)) <= len(found.plain):
        found = found._replace(plain=())  # a label for each image
    return found._replace(file=name) if found.values or found.colours or found.plain else None


def names_folders(files, legend):
    """True if most names of a list are those of folders, such as the species of birds whose images lie there."""
    named = {*legend.values.values(), *legend.colours.values(), *legend.plain}
    folders = files.once("folders", lambda: {part for name in files.names for part in PurePosixPath(name).parts[:-1]})
    return 2 * len(named & folders) > len(named) > 2


def void_of(legend):
    """The values that a legend calls void, unlabeled, ignore…"""
    return [value for value, name in legend.items() if name.strip().lower() in IGNORED]


def names_white(legend):
    """True if a legend calls 255 a class, and not the rim of one or what nobody could tell."""
    return VOID in legend and not UNSURE.search(legend[VOID])


def _whole(text):
    """A whole number as it stands in a table, 7 or 7.0; else None."""
    found = re.fullmatch(r"(\d{1,9})(\.0*)?", str(text).strip())
    return found and int(found[1])


def _colour(said):
    """A colour as pack_colours, from "#ff0000", "255, 0, 0" or [255, 0, 0]; None from anything else."""
    if isinstance(said, str):
        if found := re.fullmatch(r"#?([0-9a-f]{6})", said.strip(), re.I):
            return int(found[1], 16)
        said = re.findall(r"\d+", said) if re.fullmatch(r"(rgba?)?[\d\s,;/()\[\]]{5,40}", said, re.I) else ()
        said = [int(number) for number in said]
    some = said if isinstance(said, list) and len(said) in (3, 4) else ()
    return pack_colour(*some[:3]) if some and all(type(one) is int and 0 <= one < 256 for one in some) else None


def _table(lines):
    """Rows of cells between commas, semicolons or tabs, below a row that says what they are."""
    lines = [line for line in lines if line.strip() and not re.fullmatch("sep=.", line.strip(), re.I)]
    if not 1 < len(lines) <= MOST:
        return Legend()
    mark = max(",;\t|", key=lines[0].count)
    rows = [[cell.strip().strip("\"'") for cell in next(csv.reader([line], delimiter=mark))] for line in lines]
    head, values, colours = [cell.lower() for cell in rows[0]], {}, {}

    def column(words):
        return next((i for i, cell in enumerate(head) if words.fullmatch(cell)), None)

    number, label, one, rgb = column(NUMBER), column(NAME), column(COLOUR), [column(words) for words in RGB]
    if number is None and not head[0] and label is not None and len({row[label] for row in rows}) == len(rows):
        number = 0  # as pandas writes numbers of rows
    coloured = None not in rgb or one is not None
    if label is None and not coloured and number is None:
        found = _lines(lines)  # without a row that says what they are
        return Legend(colours=found.colours, values=found.values) if found.colours else Legend()
    if label is None:
        return Legend(fault="holds colours without a column called name or class" if coloured else "")
    for row in (row + [""] * (len(head) - len(row)) for row in rows[1:]):
        if not row[label]:
            continue
        if coloured and (colour := _colour_in(row, len(head), rgb, one)) is not None:
            colours[colour] = row[label]
        if number is not None and (value := _whole(row[number])) is not None:
            values[value] = row[label]
    if not colours and len(values) > 8 and 2 * len(set(values.values())) < len(values):
        values = {}  # a label for each image
    return Legend("", values, colours, (), UNREAD if coloured and not colours else "")


def _colour_in(row, width, rgb, one):
    """The colour in a row, by its columns r, g, b or by one, which may be three cells below name,rgb: cat,255,0,0."""
    if None not in rgb:
        return _colour([_whole(row[i]) for i in rgb])
    return _colour(",".join(row[one : one + 1 + len(row) - width]))


def _text(lines):
    """A table between tabs below a row of heads, as objectInfo150.txt of ADE20K, or lines."""
    table = _table(lines) if lines and lines[0].count("\t") > 1 else Legend()
    return table if table.values or table.colours else _lines(lines)


def _lines(lines):
    """labelmap.txt ("cat:128,0,0::"), "1 cat", "cat 1", "cat", "128 0 0 cat", "cat #800000" in lines."""
    values, colours, plain, counted, strange, lines = {}, {}, [], [], False, list(lines)
    for line in map(str.strip, lines if len(lines) <= MOST else ()):
        hexed = re.search(r"#([0-9a-fA-F]{6})\b", line)
        if not line or (line.startswith("#") and not (hexed and hexed.start() == 0)):
            continue
        if len(line) > LONG:
            strange = True
        elif found := re.fullmatch(r"([^:]+):(\d+),(\d+),(\d+):.*", line):
            colours[pack_colour(*found.groups()[1:])] = found[1].strip()
            counted.append(found[1].strip())  # palette masks count up in this order
        elif hexed:
            numbers, label = _numbered(line.replace(hexed[0], "").strip(" \t,:;="))
            colours[int(hexed[1], 16)] = label
            values |= dict.fromkeys(numbers[:1], label)
        elif (numbered := _numbered(line))[0]:
            numbers, label = numbered
            if len(numbers) in (3, 4) and max(numbers[-3:]) < 256:
                colours[pack_colour(*numbers[-3:])] = label
            values |= dict.fromkeys(numbers[:1] if len(numbers) in (1, 4) else (), label)
        elif re.fullmatch(r"[\w '/&()+-]+", line) and re.search(r"[^\W\d]", line):
            plain.append(line)
        else:
            strange = True
    skip = plain[:1] == ["__ignore__"]  # labelme's own list begins at -1
    listed = () if values or colours or strange else tuple(plain[skip:])
    return Legend("", values, colours, tuple(counted) or listed)


def _numbered(line):
    """The numbers before or after a name, and the name: "1 cat 0 0 255" has four. Without any: [], the line."""
    found = NUMBERED.fullmatch(line)
    if not found or not (found[1] or found[3]):
        return [], line
    before, after = (list(map(int, re.findall(r"\d+", some))) for some in (found[1], found[3]))
    if len(before) == 1 and len(after) in (3, 4):
        return [before[0], *after[:3]], found[2]
    return (before if len(before) >= len(after) else after), found[2]


def _objects(content):
    """A list of {"name" or "title", "id" or "value", "color"} or of names; {"1": "cat"}, {"cat": 1} or its colour."""
    if isinstance(content, dict) and content:
        if all(isinstance(v, str) and k.isdecimal() for k, v in content.items()):
            return Legend("", {int(k): v for k, v in content.items()})
        if all(KEY.fullmatch(k) and _colour(k) is not None for k in content):
            said = {k: v.get("class", v.get("name")) if isinstance(v, dict) else v for k, v in content.items()}
            return Legend("", {}, {_colour(k): v for k, v in said.items() if isinstance(v, str)})
        if all(type(v) is int for v in content.values()):
            return Legend("", {v: k for k, v in content.items()})
        if all(_colour(v) is not None for v in content.values()):
            return Legend("", {}, {_colour(v): k for k, v in content.items()})
        lists = (content[k] for k in ("classes", "labels", "categories") if isinstance(content.get(k), list))
        content = next(lists, [])
    content = content if isinstance(content, list) else []
    if content and len(content) <= MOST and all(isinstance(one, str) for one in content):
        return Legend(plain=tuple(content))
    values, colours, fault = {}, {}, ""
    for one in content:
        if not isinstance(one, dict):
            continue
        label = next((one[k] for k in ("name", "title", "label", "readable") if isinstance(one.get(k), str)), None)
        number = next((one[k] for k in ("value", "id", "index") if _whole(one.get(k)) is not None), None)
        said = one.get("color", one.get("colour"))
        if label and number is not None:
            values[_whole(number)] = label
        if label and said is not None:
            if (colour := _colour(said)) is not None:
                colours[colour] = label
            else:
                fault = fault or f"gives {label} the colour {str(said)[:60]}; {WRITTEN}"
    return Legend("", values, colours, (), fault)


READERS = {
    ".csv": lambda files, name: _table(islice(files.lines(name), MOST + 1)),
    ".tsv": lambda files, name: _table(islice(files.lines(name), MOST + 1)),
    ".txt": lambda files, name: _text(list(islice(files.lines(name), MOST + 1))),
    ".json": lambda files, name: _objects(json.loads(files.text(name))),
}


def read_lists(files, keys, folders):
    """{key of a pair: part} from lists such as ImageSets/Segmentation/train.txt; {} where there are none.

    Args:
        keys: {word that a line may hold (stem or path of an image): key}.
        folders: {folder that a line may name instead, such as a film's: keys}.
    """
    parts = {}
    for name in files.texts:
        path = PurePosixPath(name)
        words = [word for word in re.split(r"[\W_]+", path.stem.lower()) if word in SPLIT_FOLDERS]
        if path.suffix.lower() not in (".txt", ".csv") or len(words) != 1:
            continue  # trainval.txt is no part
        for key in beside.read(files, name, lambda files, name: _listed(files.lines(name), keys, folders), ()):
            parts.setdefault(key, SPLIT_FOLDERS[words[0]])
    return parts


def _listed(lines, keys, folders):
    """The keys of the images that lines name, one by one or by their folder."""
    found = []
    for line in lines:
        line = line.strip()
        for entry in (line, *re.split(r"[\s,;]+", line, maxsplit=1)[:1]):
            stem = PurePosixPath(entry.replace("\\", "/")).as_posix().lstrip("./")
            bare = re.sub(r"\.\w{3,4}$", "", stem)
            key = keys.get(stem) or keys.get(bare) or keys.get(PurePosixPath(bare).name)
            if some := [key] if key is not None else folders.get(stem.rstrip("/"), ()):
                found += some
                break
    return found
