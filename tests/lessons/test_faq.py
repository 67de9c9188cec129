"""The explorer of ModelCheckpoint shows what Keras does: what it prints and which files are left."""

import pytest

from segutils.lessons import faq


@pytest.mark.parametrize(
    ("controls", "lines"),
    [
        (
            {},
            ["best.keras: model of epoch 4", "Epoch 1: val_loss improved from None", "did not improve from 0.60000"],
        ),
        ({"save_best_only": False, "verbose": "0"}, ["nothing", "best.keras: model of epoch 4"]),
        ({"mode": "max", "verbose": "2"}, ["best.keras: model of epoch 1", "Epoch 4: val_loss did not improve"]),
        ({"save_weights_only": "True", "verbose": "-1"}, ["best.weights.h5: weights of epoch 4", "nothing"]),
        ({"save_weights_only": "None"}, ["best.keras: model of epoch 4"]),
        ({"verbose": "None"}, ["TypeError: '>' not supported", "none"]),
        ({"name_with_epoch": True}, [f"best-{epoch}.keras: model of epoch {epoch}" for epoch in (1, 2, 4)]),
    ],
    ids=str,
)
def test_checkpoint_files_says_what_keras_does(controls, lines):
    written = faq.checkpoint_files([0.9, 0.6, 0.7, 0.5])(**controls).axes[1].texts[0].get_text()
    assert all(line in written for line in lines), written
