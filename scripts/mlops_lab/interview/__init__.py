"""The question bank, the deck that remembers, and the drill in the terminal.

It may import core.
"""
