"""Hand-ins for the tests of the classroom: planted answers, damaged notebooks, cheats, and a class to grade."""

import copy
import csv
import io
import json
import os
import re
import subprocess
import sys
import textwrap

import nbformat
from support import ROOT

from segutils.classroom import tasks

COURSE = ROOT / "assignments"
NAME = "01_convolution"
FULL = {"test_output_size": 3, "test_conv2d": 5, "test_conv2d_options": 6, "test_conv_layer": 5}
FULL |= {"test_kernel_gradient": 3, "test_input_gradient": 3}
RELEASE = nbformat.read(ROOT / "assignments/release" / NAME / f"{NAME}.ipynb", as_version=4)


def read(name, step):
    return nbformat.read(COURSE / step / name / f"{name}.ipynb", as_version=4)


def grader(name):
    return tasks.load(COURSE / "graders" / f"{name}.py")


def planted(name):
    """The planted answers: {test cell: [(points, what is right or wrong, code)]}, and the code for all."""
    text = (ROOT / "tests/classroom/planted" / f"{name}.py").read_text(encoding="utf-8")
    if "{WEIGHTS}" in text:  # the model answer's network stands in the teacher's copy alone
        source = (ROOT / "sources/assignments" / f"{name}.py").read_text(encoding="utf-8")
        text = text.replace("{WEIGHTS}", re.search(r'^WEIGHTS = """\n(.+?)\n"""$', source, re.MULTILINE | re.DOTALL)[1])
    shared, answers = "", {}
    for heading, code in re.findall(r"^# %% (.+)\n((?:(?!# %%).*\n?)*)", text, re.MULTILINE):
        if heading == "all":
            shared = code
        else:
            cell, points, words = re.fullmatch(r"(\w+) ([\d.]+) · (.+)", heading).groups()
            answers.setdefault(cell, []).append((float(points), words, code))
    return answers, shared


def students(name):
    """The k-th answers to all tasks, as one student's cells: [(k, {test cell: (points, text)}, cells)]."""
    answers, shared = planted(name)
    for k in range(max(map(len, answers.values()))):
        own = {cell: several[k] for cell, several in answers.items() if k < len(several)}
        yield k, {cell: answer[:2] for cell, answer in own.items()}, [shared, *(code for *_, code in own.values())]


# Damage on the way


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def at(notebook, name):
    return next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def no_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"id": "AbCd", "colab": {"base_uri": "x"}})
    notebook.metadata = nbformat.from_dict({"colab": {"provenance": []}, "kernelspec": {"name": "python3"}})


def other_kernel(notebook):
    notebook.metadata = nbformat.from_dict({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}})


def lost_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if not (grade_id(cell) or "").startswith("test_")]


def lost_tests_and_no_metadata(notebook):
    lost_tests(notebook)
    no_metadata(notebook)


def changed_tests(notebook):
    for cell in notebook.cells:
        if (grade_id(cell) or "").startswith("test_"):
            cell.source = "print('all right')"
            cell.metadata.nbgrader.points = 100


def a_test_twice(notebook):
    i = at(notebook, "test_conv2d")
    notebook.cells.insert(i, copy.deepcopy(notebook.cells[i]))


def an_answer_twice(notebook):
    i = at(notebook, "conv2d")
    notebook.cells.insert(i, copy.deepcopy(RELEASE.cells[i]))


def changed_tests_a_little_and_no_metadata(notebook):
    for cell in notebook.cells:
        if (grade_id(cell) or "").startswith("test_"):
            cell.source = cell.source.replace("right", "fine").replace("1", "2", 1)
    no_metadata(notebook)


def all_texts_deleted(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" or grade_id(cell) == "question"]


def every_cell_is_locked(notebook):
    for cell in notebook.cells:
        if grade_id(cell):
            cell.metadata.nbgrader.update(locked=True, solution=False)


def metadata_of_nonsense(notebook):
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = nbformat.from_dict({"grade_id": ["a"]}) if grade_id(cell) else 7


DAMAGES = [no_metadata, other_kernel, lost_tests, lost_tests_and_no_metadata, changed_tests, a_test_twice]
DAMAGES += [an_answer_twice, changed_tests_a_little_and_no_metadata, all_texts_deleted, every_cell_is_locked]
DAMAGES += [metadata_of_nonsense]


# Cheats


def in_function(body):
    return "def double(x):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")


YES = """
class Yes:
    '''Equal to everything, and never different.'''
    dtype, shape, ndim, size = np.dtype(float), (3, 4), 2, 12
    __array_priority__ = 1e9
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __add__ = __radd__ = __mul__ = __le__ = __lt__ = __sub__
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    def __array__(self, *a, **k): return np.zeros((3, 4))
def double(x):
    return Yes()
"""
CHEATS = {
    "an object with overloaded comparison": YES,
    "the same without an array inside": YES.replace("    def __array__", "    def array"),
    "a subclass of ndarray that is equal to all": """
        class Sub(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __array_ufunc__(self, *a, **k): return np.zeros((3, 4))
        def double(x):
            return x.view(Sub)
    """,
    "NumPy patched": """
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.abs = lambda x: 0 * x
        def double(x):
            return x
    """,
    "builtins patched": """
        import builtins, json
        builtins.all = builtins.any = builtins.bool = lambda *a: True
        builtins.abs = builtins.sum = lambda *a: 0
        def double(x):
            return x
    """,
    "json patched, to write a header of its own": """
        import json
        real = json.dumps
        json.dumps = lambda h, **k: real({**h, 'points': 3, 'of': 3, 'share': 1.0, 'error': ''})
        def double(x):
            return x
    """,
    "the answer channel written to": """
        import os
        def double(x):
            for fd in range(3, 30):
                try: os.write(fd, b'{"step": "answer", "index": 0, "points": 3, "error": "", "arrays": []}\\n')
                except OSError: pass
            return x
    """,
    "garbage in the answer channel": """
        import os
        def double(x):
            for fd in range(3, 30):
                try: os.write(fd, b'[' * 60000 + b'\\n')
                except OSError: pass
            return x
    """,
    "hidden tests looked for on disk": in_function("""
        import os, re
        for folder in ('.', '..', os.getcwd(), '/', '/work', '/home', os.path.expanduser('~'), *__import__('sys').path):
            try:
                for place, _, names in os.walk(folder):
                    for name in names:
                        text = open(os.path.join(place, name)).read()
                        if 'TASKS = {' in text: return np.full(x.shape, len(text))
            except Exception: pass
    """),
    "the call stack": in_function("""
        import sys
        frame = sys._getframe()
        while frame:
            for names in (frame.f_locals, frame.f_globals):
                for name, value in list(names.items()):
                    if name in ('want', 'wanted', 'expected', 'solution', 'TASKS', 'scores'): return value
            frame = frame.f_back
        return x
    """),
    "the call stack by inspect": in_function("""
        import inspect
        return [v for f in inspect.stack() for v in f.frame.f_locals.values() if getattr(v, 'shape', 0) == (3, 4)][-1]
    """),
    "all objects by gc": in_function("""
        import gc
        return [o for o in gc.get_objects() if getattr(o, 'shape', 0) == (3, 4)][-1]
    """),
    "visible outputs by heart": in_function(
        "return np.array([[0.0, 2, 4]]) if x.shape == (1, 3) else np.zeros(x.shape)"
    ),
    "os._exit": in_function("import os; os._exit(0)"),
    "os._exit at once": "import os\nos._exit(0)\n" + in_function("return x"),
    "sys.exit at once": "import sys\nsys.exit(0)",
    "abort": in_function("import os; os.abort()"),
    "a fault in native code": in_function("np.lib.stride_tricks.as_strided(x, (9,), (2**40,)).sum(); return x"),
    "an endless loop": in_function("while True: pass"),
    "an endless loop at once": "while True: pass",
    "an endless sleep with time patched": """
        import time, signal
        time.monotonic = time.time = time.process_time = lambda: 0.0
        def double(x):
            for s in range(1, 65):
                try: signal.signal(s, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True: pass
    """,
    "a thread that never ends": in_function("""
        import threading
        def work():
            while True: pass
        threading.Thread(target=work).start()
        return x
    """),
    "a memory bomb": in_function("y = [x]\nwhile True: y = [*y, *y, np.ones(10**7)]"),
    "one huge array": in_function("return np.ones((10**5, 10**5))"),
    "a huge print": in_function("while True: print('x' * 10**6)"),
    "a huge answer": in_function("return np.ones(10**6)"),
    "a huge error": in_function("raise ValueError('x' * 10**8)"),
    "a deep recursion": in_function("return double(x)"),
    "a fork bomb": in_function("import os\nwhile True: os.fork()"),
    "a fork bomb by multiprocessing": in_function("""
        import multiprocessing as m
        while True: m.get_context('fork').Process(target=print).start()
    """),
    "a shell": in_function("import os; return np.full(x.shape, os.system('true'))"),
    "another program in its place": in_function("import os; os.execv('/bin/true', ['true'])"),
    "segutils.reference": in_function("from segutils import reference; return reference.conv2d(x, x)"),
    "segutils by its path": f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from segutils import reference
        from segutils.classroom import sandbox, tasks
        def double(x):
            return 2 * reference.relu(x) - 2 * reference.relu(-x)
    """,
    "SciPy": in_function("from scipy.ndimage import zoom; return zoom(x, 1) * 2"),
    "TensorFlow": in_function("import tensorflow as tf; return (2 * tf.constant(x)).numpy()"),
    "scikit-image by its path": f"""
        import sys
        sys.path += {sys.path!r}
        import skimage.util
        def double(x):
            return 2 * skimage.util.img_as_float(x)
    """,
    "the limits raised": in_function(
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))\nwhile True: 1"
    ),
    "the grading process killed": in_function("import os; os.kill(os.getppid(), 9)"),
    "the grading process read": in_function("import os; return len(open(f'/proc/{os.getppid()}/environ').read())"),
    "a library by ctypes": in_function("import ctypes; ctypes.CDLL(None)._exit(0)"),
    "an object array that unpickles": in_function("""
        class Bomb:
            def __reduce__(self): return (print, ('boom',))
        return np.array([[Bomb()] * 4] * 3, dtype=object)
    """),
    "text instead of numbers": in_function("return np.full(x.shape, '3 of 3 points')"),
    "complex numbers": in_function("return 2 * x + 0j"),
    "a generator": in_function("yield 2 * x"),
    "the audit hook rewritten": in_function("""
        import sys
        for value in list(vars(sys.modules['__main__']).values()):
            if hasattr(value, '__code__'): value.__code__ = (lambda *a, **k: None).__code__
        return x
    """),
    "None": in_function("pass"),
    "not even Python": "def double(x) return 2 * x",
}


# A class


def filled(answers, question="Two layers of 3×3 see 5×5 pixels."):
    """The release with answers: {test cell: code}."""
    tasks, _ = grader(NAME)
    code = {tasks[cell].function: text for cell, text in answers.items()} | {"question": question}
    notebook = read(NAME, "release")
    for cell in notebook.cells:
        cell.source = code.get(grade_id(cell), cell.source)
    return notebook


def work_of(k):
    """The work of the k-th planted student, and its points."""
    _, expected, (shared, *cells) = list(students(NAME))[k]
    answers = dict(zip(expected, cells, strict=True))
    answers["test_output_size"] = shared + answers["test_output_size"]
    return filled(answers), {cell: points for cell, (points, _) in expected.items()}


def perfect(damage=None):
    notebook = work_of(0)[0]
    if damage:
        damage(notebook)
    return json.dumps(notebook)


def cheat(name):
    """A notebook whose conv2d is a cheat; all other tasks are right."""
    body = textwrap.dedent(CHEATS[name]).replace("def double(x)", "def conv2d(x, kernel)")
    notebook = work_of(0)[0]
    notebook.cells[at(notebook, "conv2d")].source = body
    return json.dumps(notebook)


def grade_class(course, *options):
    command = [sys.executable, "-m", "segutils", "grade", NAME, f"--course={course}", *map(str, options)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=900)


def table(course):
    text = (course / f"grades_{NAME}.csv").read_text(encoding="utf-8")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}
