"""Digits: what the two sets hold, and that no broken download or file ever passes for MNIST."""

import contextlib
import gc
import http.server
import io
import os
import socket
import struct
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import center_of_mass
from sklearn.datasets import load_digits as sklearn_digits

from segutils import digits
from segutils.plumbing import mnist

REAL = Path(os.environ.get("SEGUTILS_DATA", "")) / "mnist.npz"
needs_mnist = pytest.mark.skipif(not REAL.is_file(), reason="SEGUTILS_DATA names no folder with mnist.npz")


@pytest.fixture
def places(monkeypatch, tmp_path):
    """The three folders where MNIST is looked for, all empty."""
    folders = [tmp_path / name for name in ("own", "data", "keras/datasets")]
    monkeypatch.setenv("SEGUTILS_DATA", str(folders[0]))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mnist, "data_folder", lambda: folders[1])
    return folders


@pytest.fixture
def closed_url():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}/mnist.npz"


@pytest.fixture
def serve():
    """A function that starts a server on 127.0.0.1 which answers by `respond(handler, stopped)`."""
    stopped, servers = threading.Event(), []

    def start(respond):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with contextlib.suppress(OSError):
                    respond(self, stopped)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/mnist.npz"

    yield start
    stopped.set()
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def body(content, *, length=None):
    def respond(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return respond


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return body(file.getvalue())


def members(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in mnist.SHAPES:
            archive.writestr(f"{name}.npy", content)
    return body(file.getvalue())


def claims(shape):
    """The head of an .npy file of that many bytes, and none of them."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue()


def right_shapes():
    return npz(**{name: np.zeros(shape, np.uint8) for name, shape in mnist.SHAPES.items()})


def hang(handler, stopped):
    stopped.wait(10)


def trickle(handler, stopped):
    handler.send_response(200)
    handler.end_headers()
    while not stopped.wait(0.02):
        handler.wfile.write(b"x")


def trickle_headers(handler, stopped):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for k in range(40):
        stopped.wait(0.02)
        handler.wfile.write(b"X-%d: 1\r\n" % k)
    handler.wfile.write(b"\r\n")


def reset(handler, _):
    body(b"x", length=5000)(handler, _)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def not_found(handler, _):
    handler.send_error(404)


def raw(content):
    return lambda handler, _: handler.wfile.write(content)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc"
BROKEN = [
    pytest.param(lambda: body(b"x" * 100, length=5000), OSError, "cut off or garbled: 100 bytes of 5,000", id="cut"),
    pytest.param(lambda: npz(x_train=np.zeros(3), y_train=np.zeros(3)), ValueError, "is not MNIST", id="names"),
    pytest.param(right_shapes, ValueError, "is not MNIST: expected SHA-256 06b0", id="changed"),
    pytest.param(lambda: body(b"<html>Log in first</html>"), ValueError, "is not MNIST", id="garbage"),
    pytest.param(lambda: body(b""), ValueError, "is not MNIST", id="empty"),
    pytest.param(lambda: body(b"x" * 20_100_000), OSError, "more than 20,000,000 bytes", id="long"),
    pytest.param(lambda: members(b"\0" * 15_100_000), ValueError, "unpack to 60,400,000 bytes", id="bomb"),
    pytest.param(lambda: members(claims((1000,))), ValueError, "expected 1000 bytes", id="less than the header says"),
    pytest.param(lambda: not_found, OSError, "the server answered 404", id="404"),
    pytest.param(lambda: hang, OSError, "stalled for 0.3 s", id="hangs"),
    pytest.param(lambda: trickle, OSError, "longer than 0.4 s", id="trickles"),
    pytest.param(lambda: trickle_headers, OSError, "longer than 0.4 s", id="trickling headers"),
    pytest.param(lambda: members(b"text"), ValueError, "is not MNIST", id="no arrays"),
    pytest.param(lambda: members(claims((10**15,))), ValueError, "is not MNIST", id="huge"),
    pytest.param(lambda: raw(b"SSH-2.0\r\n\r\n"), OSError, "http://", id="not http"),
    pytest.param(lambda: raw(CHUNKED), OSError, "http://", id="cut chunk"),
    pytest.param(lambda: reset, OSError, "cut off or garbled|no connection", id="reset"),
]


@pytest.mark.parametrize(("make", "error", "message"), BROKEN)
def test_a_broken_download_is_refused_and_leaves_nothing_behind(serve, tmp_path, make, error, message):
    timeout, deadline = (0.3, 0.4) if message.endswith(" s") else (60, 60)  # a busy machine is no slow server
    with pytest.raises(error, match=message) as caught:
        mnist.download_mnist(tmp_path / "mnist.npz", url=serve(make()), timeout=timeout, deadline=deadline)
    told = str(caught.value)
    assert "\n" not in told
    assert ".mnist-" not in told, "the temporary file's name helps nobody"
    assert list(tmp_path.iterdir()) == []
    del caught
    gc.collect()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(right_shapes, id="changed"),
        pytest.param(lambda: body(b"x", length=9), id="cut"),
        pytest.param(lambda: hang, id="hangs"),
        pytest.param(lambda: not_found, id="404"),
    ],
)
def test_the_error_names_the_cure_and_the_address(serve, tmp_path, make):
    url = serve(make())
    with pytest.raises((OSError, ValueError), match="SEGUTILS_DATA") as caught:
        mnist.download_mnist(tmp_path / "mnist.npz", url=url, timeout=0.3)
    assert url in str(caught.value)


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_the_archive_is_never_executed(serve, tmp_path):
    arrays = {name: np.array([Evil(tmp_path / "executed")], dtype=object) for name in mnist.SHAPES}
    url = serve(npz(**arrays))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded|is not MNIST"):
        mnist.download_mnist(tmp_path / "mnist.npz", url=url)
    assert list(tmp_path.iterdir()) == []


def test_a_local_file_with_a_pickle_is_named_in_the_error(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, **{name: np.array([{}], dtype=object) for name in mnist.SHAPES})
    with pytest.raises(ValueError, match="mnist.npz.*delete it"):
        mnist.read_mnist(path)


def test_auto_without_mnist_falls_back_and_prints_why(places, closed_url, capsys):
    loaded = digits.load_digits("auto", url=closed_url)
    said = capsys.readouterr().out
    assert loaded.name == "bundled"
    assert said.count("\n") == 1
    assert "MNIST cannot be had: no download" in said
    assert "refused" in said
    assert "1,157 / 258 / 382" in said


def test_mnist_without_mnist_raises_and_makes_no_file(places, closed_url):
    with pytest.raises(OSError, match="no download"):
        digits.load_digits("mnist", url=closed_url)
    assert not any(folder.is_dir() and any(folder.iterdir()) for folder in places)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_files_are_looked_for_in_order_and_a_corrupt_one_is_refused_but_kept(places, closed_url, capsys, first):
    for folder in places[first:]:
        folder.mkdir(parents=True)
        (folder / "mnist.npz").write_bytes(b"half of a file")
    with pytest.raises(ValueError, match="delete it, and it will be fetched again") as caught:
        digits.load_digits("mnist", url=closed_url)
    assert str(places[first] / "mnist.npz") in str(caught.value)
    assert digits.load_digits("auto", url=closed_url).name == "bundled"
    assert "is not MNIST" in capsys.readouterr().out
    assert (places[first] / "mnist.npz").read_bytes() == b"half of a file"


@pytest.mark.parametrize(("given", "meant"), [("mnits", "mnist"), ("bundle", "bundled"), ("Auto", "auto")])
def test_an_unknown_source_suggests_the_close_one(given, meant):
    with pytest.raises(ValueError, match=rf"auto, mnist, bundled; got '{given}' \(did you mean {meant}\?\)"):
        digits.load_digits(given)


# The bundled digits


@pytest.fixture(scope="module")
def bundled():
    return digits.load_digits("bundled")


def test_bundled_parts_are_the_source_digits_in_order_each_once(bundled):
    assert [len(part.labels) for part in bundled[1:]] == [1157, 258, 382]
    np.testing.assert_array_equal(np.concatenate([part.labels for part in bundled[1:]]), sklearn_digits().target)
    seen = [{image.tobytes() for image in part.images} for part in bundled[1:]]
    assert len(set.union(*seen)) == sum(len(part) for part in seen), "a digit is in two parts"


def test_bundled_images_are_like_mnist(bundled):
    for part in bundled[1:]:
        assert part.images.shape == (len(part.labels), 28, 28)
        assert (part.images.dtype, part.labels.dtype) == (np.uint8, np.int32)
        assert set(part.labels) == set(range(10))
        frame = part.images.copy()
        frame[:, 4:-4, 4:-4] = 0
        assert not frame.any()
        assert part.images.max(axis=(1, 2)).min() > 200


def test_bundled_ink_lies_where_the_small_digit_has_it(bundled):
    """A pixel of the 8×8 digit is 2.5 pixels wide, and the 20×20 image starts at 4: centres map to 2.5 c + 4.75."""
    for small, large in zip(sklearn_digits().images[:1157:40], bundled.train.images[::40], strict=True):
        expected = 2.5 * np.array(center_of_mass(small)) + 4.75
        np.testing.assert_allclose(center_of_mass(large), expected, atol=0.35)


def test_take_per_class_draws_evenly_without_replacement(bundled):
    few = digits.take_per_class(bundled.validation, 20)
    assert np.bincount(few.labels).tolist() == [20] * 10
    assert len({image.tobytes() for image in few.images}) == 200
    pairs = {(i.tobytes(), int(n)) for i, n in zip(*bundled.validation, strict=True)}
    assert {(i.tobytes(), int(n)) for i, n in zip(*few, strict=True)} < pairs
    assert (np.diff(few.labels) < 0).sum() > 20, "in random order, not class by class"


def test_take_per_class_repeats_a_small_class_as_evenly_as_can_be(bundled):
    many = digits.take_per_class(bundled.test, 100)
    assert np.bincount(many.labels).tolist() == [100] * 10
    pairs, times = np.unique(np.c_[many.labels, many.images.reshape(1000, -1)], axis=0, return_counts=True)
    available = np.bincount(bundled.test.labels)
    assert np.bincount(pairs[:, 0]).tolist() == available.tolist()
    for label in range(10):
        assert set(times[pairs[:, 0] == label]) <= {100 // available[label], -(-100 // available[label])}


def test_take_per_class_never_gives_a_missing_class_the_digits_of_another():
    split = digits.Split(np.zeros((3, 28, 28), np.uint8), np.array([4, 7, 7], np.int32))
    try:
        labels = digits.take_per_class(split, 6).labels
    except ValueError:
        return
    assert np.bincount(labels).tolist() == [0, 0, 0, 0, 6, 0, 0, 6]


def test_take_per_class_follows_its_seed(bundled):
    first, again, other = (digits.take_per_class(bundled.test, 5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


# MNIST itself, where it is


@needs_mnist
def test_mnist_downloads_to_the_same_arrays_and_is_found_afterwards(places, serve, capsys):
    loaded = digits.load_digits("auto", url=serve(body(REAL.read_bytes())))
    assert "Digits: mnist (found); train / validation / test: 50,000 / 10,000 / 10,000" in capsys.readouterr().out
    assert [path.name for path in places[1].iterdir()] == ["mnist.npz"]
    with np.load(REAL) as real:
        images = np.concatenate([loaded.train.images, loaded.validation.images])
        labels = np.concatenate([loaded.train.labels, loaded.validation.labels])
        assert images.tobytes() == real["x_train"].tobytes()
        assert loaded.test.images.tobytes() == real["x_test"].tobytes()
        assert np.array_equal(labels, real["y_train"])
        assert np.array_equal(loaded.test.labels, real["y_test"])
    assert {part.labels.dtype for part in loaded[1:]} == {np.dtype(np.int32)}
    assert {part.images.dtype for part in loaded[1:]} == {np.dtype(np.uint8)}
