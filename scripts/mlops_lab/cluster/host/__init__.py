"""A node made of plain processes, in namespaces of its own.

It imports nothing of cluster but what all providers share.
"""
