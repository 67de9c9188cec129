"""The program of the child process in which a student's code runs; segutils.classroom.sandbox is its parent.

The parent passes the text of `sandbox_restrictions` and of this file to Python, so that no path leads back to the
course. From standard input the child reads a job with the notebook's cells, restricts itself, and runs them, each once
and in order. Then the parent sends one call after the other, each with its arguments, so that no cell sees them
beforehand; each result goes back as plain arrays: a line of JSON and raw bytes. The child holds no expected answers and
awards no points.
"""

import __future__

import ast
import json
import os
import re

from sandbox_restrictions import (  # the parent puts it among the modules
    allow_packages,
    limit_resources,
    readable_paths,
    restrict_files,
    restrict_python,
    restrict_system_calls,
    stat_by_open,
)

ANNOTATIONS = __future__.annotations.compiler_flag


class Shell:
    """What a cell gets as `get_ipython()`: %time runs its line, all other magics do nothing."""

    def __init__(self, namespace):
        self.namespace = namespace

    def run_line_magic(self, name, line, *_):
        if name != "time":
            return None
        try:
            return eval(line, self.namespace)
        except SyntaxError:  # a statement
            return exec(line, self.namespace)

    def getoutput(self, *_):
        return []

    def __getattr__(self, name):
        return lambda *_, **__: None


def run_cell(namespace, text, flags=0):
    """Run a cell statement by statement; a failure does not stop the next one.

    Returns the first error, or ""; and the features of `from __future__` in force for the next cell.
    """
    first = ""
    try:
        statements = ast.parse(text).body
    except BaseException as error:
        first = describe_error(error)
        statements = [statement for block in top_level_blocks(text) for statement in parsed(block)]
    for statement in statements:
        try:
            code = compile(ast.Module([statement], []), "<cell>", "exec", flags, dont_inherit=True)
            flags |= code.co_flags & ANNOTATIONS
            exec(code, namespace)
        except BaseException as error:  # whatever a student's code raises, SystemExit too
            first = first or describe_error(error)
    return first, flags


def top_level_blocks(text):
    """Pieces of a cell that each begin at the margin: where one has a syntax error, the others can still run."""
    block, lines = [], text.split("\n")
    for number, line in enumerate(lines):
        begins = re.match(r"[^\s)\]}#]", line) and not re.match(r"(else|elif|except|finally)\b", line)
        if begins and block and not block[-1].startswith("@"):
            yield "\n".join(block)
            block = [""] * number  # so that line numbers stay right
        block.append(line)
    yield "\n".join(block)


def parsed(text):
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def describe_error(error):
    """The error as "line 3: TypeError: message"; a line is named if it is in a cell."""
    try:
        line, trace = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None, error.__traceback__
        while trace:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "<cell>" else line
            trace = trace.tb_next
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return f"line {line}: " * (line is not None) + f"{type(error).__name__}: {' '.join(text.split())}"[:300]
    except BaseException:
        return "an error that can't be printed"


def plain_arrays(result, results, max_bytes):
    """The arrays of a result, as (dtype, shape, bytes); `results` is how many are expected."""
    result = list(result) if hasattr(result, "__next__") else result  # a generator
    several = results != 1 and (isinstance(result, (tuple, list)) or getattr(result, "ndim", 0))
    arrays = []
    for part in list(result) if several else [result]:
        array = plain_array(part)
        if array.nbytes > max_bytes:
            raise ValueError(f"its answer is too large, {array.nbytes:,} bytes")
        little = array.dtype.newbyteorder("<")
        arrays.append((little.str, array.shape, array.astype(little).tobytes()))
    return arrays


def plain_array(part):
    """One result as an array of numbers: an array, a tensor, a number, a generator, or nested lists of these."""
    import numpy as np

    if part is None:
        raise TypeError("it returns None; is `return` missing?")
    try:
        array = np.asarray(part.numpy() if callable(getattr(part, "numpy", None)) else part)
        if array.dtype.kind in "OV" and array.size:  # numbers as objects, or bfloat16
            array = array.astype(float)
    except (TypeError, ValueError):
        raise TypeError(f"it returns {type(part).__name__} that is no array of numbers; return numbers") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"it returns {type(part).__name__} of {array.dtype.name}; return numbers")
    return array


class Channel:
    """The two pipes to the parent: frames of a line of JSON and raw arrays, in both directions."""

    def __init__(self, incoming, outgoing):
        self.incoming, self.outgoing, self.token = incoming, outgoing, ""

    def send(self, arrays=(), **header):
        header |= {"token": self.token}
        header["arrays"] = [[dtype, shape, len(raw)] for dtype, shape, raw in arrays]
        self.outgoing.write(json.dumps(header).encode() + b"\n" + b"".join(raw for _, _, raw in arrays))
        self.outgoing.flush()

    def receive(self):
        header = json.loads(self.incoming.readline() or b'{"step": "end", "arrays": []}')
        arrays = []
        for dtype, shape, size in header["arrays"]:
            import numpy as np  # not before packages are allowed

            arrays.append(np.frombuffer(bytearray(self.incoming.read(size)), dtype).reshape(shape))
        return header, arrays

    def ask(self, *arrays):
        """The answer of the parent to a question of the student's code: an array, or RuntimeError."""
        self.send([plain for array in arrays for plain in plain_arrays(array, 1, 2**24)], step="ask")
        header, answers = self.receive()
        if header["error"]:
            raise RuntimeError(header["error"])
        return answers[0]


def answer(call, values, namespace, channel, max_bytes):
    """The arrays that a call gives."""
    import numpy as np

    arguments = [values[value["array"]] if isinstance(value, dict) else value for value in call["arguments"]]
    if call["asks"]:
        arguments.insert(0, channel.ask)
    if call["function"]:
        function = namespace.get(call["function"])
        if function is None:
            raise NameError(f"{call['function']} is not defined")
        arguments.insert(0, function)
    if call["use"]:
        helper = {"np": np}
        exec(call["use"], helper)
        result = helper[call["use_name"]](*arguments)
    else:
        result = arguments[0](*arguments[1:]) if callable(arguments[0]) else arguments[0]
    return plain_arrays(result, call["results"], max_bytes)


def main():
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    job, _ = channel.receive()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)

    packages, folders, scratch = job["packages"], job["folders"], os.getcwd()
    restrictions = limit_resources(job["limits"])
    allow_packages(packages, folders)
    places = readable_paths(packages, folders)
    import numpy  # noqa: F401 - before the restrictions, which slow its import

    if packages is None:  # what TensorFlow does when it is imported, and the restrictions would deny
        import asyncio  # noqa: F401 - sets a __code__

        places.append("/proc/self/cmdline")

    install = stat_by_open(folders)
    restrictions += restrict_files(places, scratch, writes=job["limits"]["file_bytes"] > 0)
    restrictions += restrict_system_calls(
        allowed=("readlink",) if packages is None else ()
    )  # TensorFlow asks for itself
    if "system calls" in restrictions:
        install()
    restrict_python(places, scratch, strict=packages is not None)
    channel.send(step="ready", restrictions=restrictions)
    namespace, flags = {"__name__": "__main__", "display": lambda *_, **__: None}, 0
    shell = Shell(namespace)
    namespace["get_ipython"] = lambda: shell
    for cell in job["cells"]:
        error, flags = run_cell(namespace, cell, flags)
        channel.send(step="cell", error=error)
    while True:
        call, values = channel.receive()
        channel.token = call.get("token")
        if call["step"] == "end":
            os._exit(0)  # no threads or exit handlers of the student's
        arrays, error = [], ""
        try:
            arrays = answer(call, values, namespace, channel, job["limits"]["answer_bytes"])
        except BaseException as caught:
            error = describe_error(caught)
        channel.send(arrays, step="answer", error=error)


if __name__ == "__main__":
    main()
