"""What notebooks import beside Lab.

It may import audit and what is below.
"""
