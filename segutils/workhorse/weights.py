"""Weights of the pretrained networks, found or fetched without Keras, so that it can be done before all else."""

import os
from pathlib import Path

_APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications/"
ENCODERS = {  # name: (address of its weights without the classifier, their MD5 sum as Keras gives it)
    "MobileNetV3Small": (
        f"{_APPLICATIONS}mobilenet_v3/weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        "d3e8ec802a04aa4fc771ee12a9a9b836",
    ),
    "MobileNetV3Large": (
        f"{_APPLICATIONS}mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        "07fb09a5933dd0c8eaafa16978110389",
    ),
    "EfficientNetV2B0": (
        f"{_APPLICATIONS}efficientnet_v2/efficientnetv2-b0_notop.h5",
        "893217f2bb855e2983157299931e43ff",
    ),
}


def find_weights(name):
    """Path of an encoder's weights: in Keras's cache, else downloaded into it. Raises: OSError if that fails."""
    import pooch

    url, md5 = ENCODERS[name]
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    path = folder / url.rpartition("/")[2]
    if path.is_file():  # as it is: whoever put it there knows why
        return path
    logger = pooch.get_logger()
    logger.disabled = True
    try:
        pooch.retrieve(url, known_hash=f"md5:{md5}", fname=path.name, path=folder)
    except (OSError, ValueError) as error:
        kind = (
            "what came is not what Keras names" if isinstance(error, ValueError) else "there is no way to it from here"
        )
        cure = f"put {path.name} into {folder}, or leave ENCODER empty"
        raise OSError(f"the weights of {name} could not be fetched from {url} ({kind}); {cure}") from error
    finally:
        logger.disabled = False
    return path
