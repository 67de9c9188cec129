"""One module for each notebook, with what the notebook needs and does not teach: figures, an explorer, its exercises.

The coding exercises are named `exercise` and `second_exercise`. Three more modules serve them all: `explorer` shows a
figure under sliders, `answers` says what is wrong with an answer, `measured` prints a number that the text relies on.
"""
