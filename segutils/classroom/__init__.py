"""Grading a class; only teachers import it, and it needs `pip install -r requirements-teacher.txt`.

collect    what was handed in → one notebook per student
restore    a notebook put back into the form of the release
sandbox    a student's code in a child process
tasks      hidden inputs, expected answers, points
grade      the round for a whole class, on nbgrader
steps      what nbgrader calls on the way
"""
