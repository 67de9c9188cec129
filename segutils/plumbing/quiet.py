"""TensorFlow, imported without the start-up lines that say nothing a learner can use.

TensorFlow writes them to file descriptor 2 whatever `TF_CPP_MIN_LOG_LEVEL` says, with times and process numbers in
them. `import segutils` puts `QuietTensorFlow` before Python's own finders, so a plain `import keras` or
`import tensorflow` anywhere afterwards is quiet. Only the lines known below are dropped; everything else is printed as
it came. Dropped too is TensorFlow's advice against "retracing", which every notebook that makes a second model would
show.
"""

import importlib.util
import os
import re
import sys
from contextlib import contextmanager

STARTUP_NOISE = re.compile(
    r"All log messages before absl::InitializeLog|oneDNN custom operations are on|Could not find cuda drivers"
    r"|This TensorFlow binary is optimized|To enable the following instructions|failed call to cuInit"
    r"|oneDNN supports DT_BFLOAT16 only on platforms with AVX-512"
    r"|generator_dataset_op.*Memory patch applied"
)

EXPORT_NOISE = re.compile(
    r"^(?:WARNING: All log messages before|fully_quantize: 0, inference_type: |INFO: Created TensorFlow Lite XNNPACK"
    r"|(?:[IW]\d{4}|\d{4}-\d\d-\d\d [\d:.]+: [IW]) .*\b("
    r"tf_tfl_flatbuffer_helpers\.cc.*Ignored (output_format|drop_control_dependency)"
    r"|reader\.cc.*Reading (SavedModel|meta graph)|mlir_graph_optimization_pass\.cc.*not enabled"
    r"|loader\.cc.*(Restoring SavedModel|Running initialization op|Status: success)"
    r"|dump_mlir_util\.cc.*disabling MLIR crash reproducer"
    r"|flatbuffer_export\.cc.*(Estimated count of arithmetic ops|Skipping runtime version)))"
)


@contextmanager
def noise_suppressed(known):
    """Hold back what is written to file descriptor 2, then print all of it but the lines that `known` finds.

    Args: known: compiled regular expression, such as STARTUP_NOISE or EXPORT_NOISE.
    """
    import tempfile

    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(original, 2)
            os.close(original)
            held.seek(0)
            lines = held.read().decode(errors="replace").splitlines(keepends=True)
            sys.stderr.write("".join(line for line in lines if not known.search(line)))


def startup_noise_suppressed():
    """Hold back what is written to file descriptor 2, then print all of it but STARTUP_NOISE."""
    return noise_suppressed(STARTUP_NOISE)


class QuietTensorFlow:
    """Finds TensorFlow where Python does (a finder for `sys.meta_path`), and loads it with its noise suppressed."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(QuietTensorFlow)  # its work is done once; the others find the module
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec


class _QuietLoader:
    """Python's own loader of a module, for whose work the noise is suppressed."""

    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        with startup_noise_suppressed():
            self.loader.exec_module(module)
            module.config.list_physical_devices()  # the last known line comes with the first look for a GPU
        module.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in record.getMessage())


def install():
    """Make imports of TensorFlow quiet from now on, unless it is imported already, and its operations fast.

    On processors without AVX-512 or AMX TensorFlow leaves oneDNN off unless told otherwise: training is a third slower
    there, and the gradient of a dilated convolution is missing. Whoever sets TF_ENABLE_ONEDNN_OPTS decides.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if "tensorflow" not in sys.modules and QuietTensorFlow not in sys.meta_path:
        sys.meta_path.insert(0, QuietTensorFlow)
