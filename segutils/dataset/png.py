"""A large PNG decoded stripe by stripe, so that memory holds some rows of it and never the whole.

A row of a PNG is stored as its difference to its neighbours, of which the row above is the furthest. So the rows of a
stripe behind the last row of the stripe before, which is known, make a small PNG of their own, and that Pillow decodes.
"""

import io
import struct
import zlib
from typing import NamedTuple

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BANDS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of the five kinds of colour that PNG knows
STRIPE = 4_000_000  # bytes of a stripe
PIECE = 1_000_000  # bytes that are read at once


class Head(NamedTuple):
    """What a PNG says before its pixels: width, height, the rest of its header, its palette; where its pixels lie.

    parts: (place in the file, length) of what is unpacked, one after the other.
    """

    width: int
    height: int
    header: bytes
    palette: bytes
    parts: list

    @property
    def row(self):
        """Bytes of a row, the one that tells its kind of difference among them."""
        return 1 + self.width * BANDS[self.header[1]]


def head(path):
    """The Head of a PNG of 8 bit; None for any other file, and where Pillow has to decode the whole.

    That is so where its rows are interlaced, and where what turns it comes only behind its pixels.
    """
    with open(path, "rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return None
        header, palette, parts = b"", b"", []
        while len(start := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", start)
            if kind == b"IDAT":
                parts.append((file.tell(), length))
            elif parts and kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
                return None
            elif kind in (b"IHDR", b"PLTE"):
                content = file.read(length)
                header, palette = (content, palette) if kind == b"IHDR" else (header, content)
                file.seek(-length, io.SEEK_CUR)
            elif kind == b"IEND":
                break
            file.seek(length + 4, io.SEEK_CUR)
    if len(header) != 13 or not parts:
        return None
    width, height, *rest = struct.unpack(">II5B", header)
    plain = rest[0] == 8 and rest[1] in BANDS and rest[4] == 0
    return Head(width, height, header[8:], palette, parts) if plain else None


def stripes(path, found):
    """The rows of a PNG from top to bottom, as images of Pillow, each of about STRIPE bytes.

    Args: found: its Head.
    Raises: OSError if it is damaged.
    """
    high, above = max(1, STRIPE // found.row), b""
    done = 0
    for rows in _unpacked(path, found.parts, high * found.row):
        rows = rows[: (found.height - done) * found.row]
        count = len(rows) // found.row
        if count:
            known = b"\0" + above if above else b""
            part = _decoded(found, known + rows[: count * found.row], count + bool(above))
            part = part.crop((0, part.height - count, found.width, part.height))
            above = part.crop((0, count - 1, found.width, count)).tobytes()
            done += count
            yield part
        if done == found.height:
            return
    raise OSError(f"its pixels end after {done} of {found.height} rows")


def _unpacked(path, parts, size):
    """What the parts of a file unpack to, `size` bytes at a time, of the last what is left."""
    unpack, held = zlib.decompressobj(), bytearray()
    try:
        for piece in _pieces(path, parts):
            while piece:
                held += unpack.decompress(piece, size - len(held))
                piece = unpack.unconsumed_tail
                if len(held) == size:
                    yield bytes(held)
                    held.clear()
        held += unpack.flush()
    except zlib.error as error:
        raise OSError(f"its pixels can't be unpacked: {error}") from None
    for start in range(0, len(held), size):
        yield bytes(held[start : start + size])


def _pieces(path, parts):
    with open(path, "rb") as file:
        for place, length in parts:
            file.seek(place)
            while length and (piece := file.read(min(PIECE, length))):
                length -= len(piece)
                yield piece


def _decoded(found, rows, height):
    """The image of some rows as they are stored."""
    chunks = [(b"IHDR", struct.pack(">II", found.width, height) + found.header)]
    chunks += [(b"PLTE", found.palette)] if found.palette else []
    chunks += [(b"IDAT", zlib.compress(rows, 0)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    with Image.open(io.BytesIO(SIGNATURE + b"".join(packed)), formats=["PNG"]) as opened:
        opened.load()
    return opened
