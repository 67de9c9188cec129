"""A room for each notebook: what it needs and does not teach: its figures, its explorer and its exercise.

Beside them, `explorer` is the frame that shows a figure under sliders, and `answers` says what is wrong with an answer.
"""
