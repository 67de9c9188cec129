"""From any folder of images and masks to a model, honest scores, predictions, and one page that tells of them.

Read      data      images and masks one by one, memory flat in their number
          road      the split, and images to choose by
Decide    options   void, background, names, objects, channels
          recipe    which crops, how many, which changes: one rule for all data, and a sentence why
Train     crops     training crops, read as they are needed
          train     one training, from nothing, from an earlier run, or on a pretrained encoder
          encoder   networks of Keras Applications as the way down
Judge     judge     the exam: test images one by one
          counting  whole objects; predict: images of any size; large: windows of them
Keep      keep      masks, overlays, objects; apply: a finished run used again
          export    the model for others: plain Keras, ONNX, TFLite, SavedModel; usage: ten lines that use it
          eight_bits  the model in eight bits, and what that costs on test images
Tell      report    report.html, by sections, wording, page and figures; progress: how far a long walk is

`notebooks/projects/segment_folder.ipynb` is the road through it; its command is `python -m segutils segment FOLDER`.
"""
