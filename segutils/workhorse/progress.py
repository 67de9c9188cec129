"""How far a long walk through images is, and how long the rest takes."""

import time

from segutils.plumbing import watching

QUIET = 20  # seconds before the first line where nobody watches, and between two


def walk(items, what):
    """The items, one by one, while the screen says how far it is: "judged 12 of 233, 1:05 left".

    Under `segutils run` its live line says so; elsewhere a line is printed now and then, if it takes long.

    Args: items: a sequence. what: has been done to each, as "judged".
    """
    started = said = noted = time.time()
    watched = watching.watched()
    try:
        for done, item in enumerate(items):
            now = time.time()
            left = (now - started) / done * (len(items) - done) if done else None
            if watched and (now > noted + 1 or not done):
                noted = now
                watching.note(now, words=f"{what} {done} of {len(items)}", share=done / len(items), left=left)
            elif not watched and now > said + QUIET:
                said = now
                print(f"{what} {done} of {len(items)}, about {left:,.0f} s left", flush=True)
            yield item
    finally:
        if watched:
            watching.over()
