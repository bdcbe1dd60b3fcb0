"""Continuous training: from a new batch in S3 to a new champion in the registry, step by step.

Each module is one step of the workflow: ``python -m retraining.validate``. A step exits with 0 if
all is well, 1 if a gate refused, and 2 if its input could not be used.
"""
