# %% [markdown]
# # 0 · Start here
#
# <!-- [Open in Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/notebooks/00_start.ipynb) · -->
# next: [1 · Background](01_background.ipynb) · about 5 seconds on two CPU cores
#
# This course goes from one 3×3 table of numbers to a network that says, for every pixel of an image, what it belongs to.
#
# You will be able to
# - compute by hand what each layer of such a network does, and show that TensorFlow gets the same numbers,
# - train a segmentation network, measure it honestly, and find out what is wrong when it fails,
# - take your own folder of images and masks from inspection to a report.
#
# You need: Python and some NumPy. A computer with two cores is enough: no graphics card, no download, no account.

# %% tags=["parameters"]
SCENE: int = 8  # which of the sixteen test scenes the figure shows

# %% tags=["nbval-ignore-output", "check-parameters", "hide-input"]
# @title Set-up: nothing to do here; on Colab this fetches the course's helper package
import subprocess, sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("segutils") is None:
    here = [
        folder
        for folder in (Path.cwd(), *Path.cwd().parents, Path("course"))
        if (folder / "segutils").is_dir()
    ]
    if not here:
        clone = "https://github.com/OWNER/REPO"
        if "/OWNER/" in clone:
            sys.exit(
                "this copy of the course does not know its address: in your fork, run "
                "'python tools/stamp.py your-name/your-fork' and push, or put the folder segutils beside this notebook"
            )
        try:
            subprocess.run(["git", "clone", "-q", "--depth", "1", clone, "course"], check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit(
                f"the course's package segutils could not be fetched from {clone}, which takes git and a connection; "
                "mend that and run this cell again, or put the folder segutils beside this notebook"
            )
    sys.path.insert(0, str((here or [Path("course")])[0].resolve()))

from segutils import course

parameters = course.check_parameters(globals(), SCENE=course.integer(0, 15))

# %% tags=["hide-input"]
# @title The goal in one figure
import matplotlib.pyplot as plt

from segutils.lessons.start import show_goal

show_goal(SCENE)
plt.show()

# %% [markdown]
# On the left is all that a computer gets: a square of numbers. On the right is what we want from it: a class for each pixel.
# The scene is a toy, but its digits are handwriting of real people, and the same steps work on photographs of coins and on cells
# under a microscope.
#
# ## Where to begin
#
# | you | begin with | then |
# |---|---|---|
# | are new to all this | [1 · Background](01_background.ipynb) | one after the other; each says what it needs |
# | know what a convolution is, and want to segment | [9 · Segmentation run](09_segmentation_run.ipynb) | [11 · Your images](11_your_images.ipynb) |
# | have a folder of images and masks | [11 · Your images](11_your_images.ipynb) | [15 · Debugging clinic](15_debugging_clinic.ipynb) |
# | have a network that does not learn | [15 · Debugging clinic](15_debugging_clinic.ipynb) | [5 · Losses](05_losses.ipynb) |
# | come with a question | [16 · FAQ](16_faq.ipynb) | the notebook that the answer names |
#
# ## The map
#
# The times are those of a whole run on two CPU cores; reading takes longer, about an hour for each notebook.
#
# | notebook | what you learn | it runs for | you need |
# |---|---|---|---|
# | **The question** | | | |
# | [1 · Background](01_background.ipynb) | what segmentation is, and how a mask is judged | 20 seconds | Python, NumPy |
# | **The parts of a network, by hand** | | | |
# | [2 · Convolution](02_convolution.ipynb) | a small table of numbers, slid over an image | 10 seconds | NumPy |
# | [3 · Pooling](03_pooling.ipynb) | a smaller image, and what that costs a mask | 15 seconds | 1, 2 |
# | [4 · Dense layers](04_dense.ipynb) | from features to classes and probabilities | 15 seconds | 2, 3 |
# | [5 · Losses](05_losses.ipynb) | one number that says how wrong a mask is | 25 seconds | 1, 4 |
# | **Training** | | | |
# | [6 · Gradients](06_gradients.ipynb) | which way each number of a network should move | 20 seconds | 2 to 5 |
# | [7 · Optimizers](07_optimizers.ipynb) | how a network gets better, step by step | 25 seconds | 5, 6 |
# | [8 · Training run](08_training_run.ipynb) | a classifier of digits, from data to a saved model | 2 minutes | 2 to 7 |
# | [9 · Segmentation run](09_segmentation_run.ipynb) | a U-Net, and an honest report: the course's main job | 3 minutes | 2, 3, 5, 8 |
# | [10 · Inside the network](10_inside_the_network.ipynb) | what each part of a trained U-Net does, by cutting and probing it | 1 minute | 2, 6, 9 |
# | **In use** | | | |
# | [11 · Your images](11_your_images.ipynb) | a folder of images and masks, yours or ours | 1 minute | 9 |
# | [12 · Frontiers](12_frontiers.ipynb) | larger images, fewer labels, cheaper training | 3 minutes | 9 |
# | [13 · Objects](13_objects.ipynb) | objects that can be counted, also where they touch | 2 minutes | 9 |
# | [14 · Attention](14_attention.ipynb) | looking everywhere at once; a click cuts an object out | 2 minutes | 2, 5, 6, 9 |
# | **When in doubt** | | | |
# | [15 · Debugging clinic](15_debugging_clinic.ipynb) | failures that people ask about, reproduced and cured | 20 seconds | 5, 9 |
# | [16 · FAQ](16_faq.ipynb) | the article's questions, each answered by running it | 45 seconds | a question |
#
# ## How a notebook works
#
# - **Shift+Enter** runs a cell and goes on to the next one; the menu *Run → Run All Cells* runs them all. Begin at the top, since each cell builds on those before it.
# - Cells that only prepare something are collapsed. Click on the "…" (on Colab: *Show code*) to read them.
# - **Predict** asks for a guess before you run the next cell. A wrong guess teaches most.
# - An **explorer** has sliders and menus. Run its cell, then drag; by keyboard, Tab reaches a slider and the arrow keys move it.
# - An **exercise** is checked on the spot, and a wrong answer is told which mistake it makes.
# - The numbers in capitals near the top, such as `SCENE` above, are the notebook's parameters. Change one, run all cells again, and see what happens. A wrong value is refused in one sentence.
