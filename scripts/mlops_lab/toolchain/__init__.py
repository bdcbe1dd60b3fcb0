"""Which versions are pinned, and how a program of that version is had: wheels, PATH, Go, the cache.

It may import core.
"""
