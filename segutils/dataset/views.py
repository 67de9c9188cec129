"""Words that part images from images only, though a mask may have one of them by chance: left and right cameras.

left_frames/1.png and right_frames/1.png show one scene, and masks may be of either. Where some of these are called
Left_Forceps and others Forceps, `left` is of the instrument: no reason to give the others to the right camera.
"""

from collections import Counter, defaultdict
from pathlib import PurePosixPath

from segutils.dataset.spelling import pieces_of


def words_of_views(key, roles, role):
    """The words of keys by which masks were shared out to images that are the same but for that word.

    Such a word stands where other images have another one, and the masks of these have neither.
    Args: key, role: as spelling.keys gives them; roles: {name: "image" or "mask"}.
    """
    words = {name: [piece.lower() for piece in pieces_of(str(PurePosixPath(name).with_suffix("")))] for name in key}
    of_masks, others = defaultdict(set), defaultdict(list)
    for name in key:
        if roles[name] == "mask":
            of_masks[key[name]].update(words[name])
    images = [name for name in key if roles[name] == "image" and key[name] in of_masks]
    for name in images:
        own = {word.lower() for word in role[name]}
        for place, word in enumerate(words[name]):
            if word in own:
                others[_without(words[name], place)].append((of_masks[key[name]], word))
    against, total = Counter(), Counter()
    for name in images:
        for place, word in enumerate(words[name]):
            if not word.isdigit() and word in of_masks[key[name]]:
                total[word] += 1
                views = others.get(_without(words[name], place), ())
                against[word] += any(not {word, other} & masks for masks, other in views)
    return frozenset(word for word, count in against.items() if count > 0.5 * total[word])


def _without(words, place):
    return (*words[:place], "", *words[place + 1 :])
