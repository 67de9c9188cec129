"""Variants of which folders share out the images: fold1/heart, fold1/lung, fold2/heart and fold2/lung are two classes.

What shares out images is in no class's name: of site_a and site_b no image has masks of both.
"""

from collections import defaultdict

from segutils.dataset.splits import linked


def joined(found, words):
    """Variants with those joined that are the same but for words that share out the images; else as they are.

    Args:
        found: list of structure.Variant.
        words: for each the words that tell it from others.
    """
    parts = _parts(found)
    if len(parts) < 2 or len(parts) == len(found):
        return found
    every = [set.union(*(set(words[i]) for i in part)) for part in parts]
    bare = {}
    for k, part in enumerate(parts):
        elsewhere = set().union(*(every[other] for other in range(len(parts)) if other != k))
        of_part = set.intersection(*(set(words[i]) for i in part)) - elsewhere
        bare |= {i: tuple(word for word in words[i] if word not in of_part) for i in part}
    by_words = defaultdict(list)
    for i in sorted(bare):
        by_words[bare[i]].append(found[i])
    alone = [part for part in parts if all(len(by_words[bare[i]]) == 1 for i in part)]
    if alone or () in by_words:
        return found
    return sorted((_as_one(name, some) for name, some in by_words.items()), key=lambda one: -len(one.found))


def _parts(found):
    """Places of variants in groups: those of one group have images in common, directly or by others."""
    edges = [(i, j) for i, one in enumerate(found) for j in range(i) if set(one.found) & set(found[j].found)]
    parts = defaultdict(list)
    for i, group in enumerate(linked(edges, len(found)).tolist()):
        parts[group].append(i)
    return list(parts.values())


def _as_one(words, variants):
    return variants[0]._replace(words=words, found={k: name for one in variants for k, name in one.found.items()})
