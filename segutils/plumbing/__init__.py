"""What the core stands on and no lesson is about: small modules with plain names, which know nothing of the core.

storage      where the course's own files lie; writing that never leaves half a file
arguments    wrong arguments refused, and the right one suggested
parameters   parameters of a notebook, checked before any work
comparison   an answer beside the expected one, in words
quiet        TensorFlow imported without its start-up noise
fused        batch normalisation and Adam by one kernel each
muon         orthogonal steps for convolutions
schedules    a learning rate that falls in a line
checkpoints  the state of a training, written so that it can go on anywhere
mnist        MNIST downloaded and checked
alt_text     figures in words
pages        a report as one HTML page
"""
