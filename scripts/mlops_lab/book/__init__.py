"""The Jupyter Book: pages made of notebooks, questions and the report, built and served.

It may import helpers and what is below.
"""
