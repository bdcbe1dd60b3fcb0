"""`lab run`: one execution of each lab, what it depends on, and what is told of it.

It may import book and what is below.
"""
