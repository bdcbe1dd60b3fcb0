"""The servers that labs use: services.yml, their supervisor, and those of our own.

It may import core and toolchain.
"""
