"""Grading a class; only teachers import it, and it needs `pip install -r requirements-teacher.txt`.

collect          finds one notebook per student in whatever was handed in
restore          puts a notebook back into the form in which it was released
sandbox          runs a student's code in a child process
sandbox_child    is the program of that process
tasks            holds hidden inputs and expected answers, and awards points
steps            are two steps of nbgrader's autograding
grade            does all of it for a whole class, on nbgrader
"""
