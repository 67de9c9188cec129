"""From any folder of images and masks to a model: what the practitioner's notebook and `segutils segment` stand on.

recipe    which crops, how many, which changes: one rule for all data, and a sentence why
crops     training crops, read as they are needed
train     one training, from nothing, from an earlier run, or on a pretrained encoder
encoder   networks of Keras Applications as the way down
export    the model for others: plain Keras, ONNX, TFLite, SavedModel
"""
