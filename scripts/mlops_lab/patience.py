"""The one limit of what labs wait for.

Every wait ends with what it waits for. The limit only ends what hangs, so it is long enough for the
slowest step on a machine that is five times as slow, and nothing that a page shows depends on it.
"""

SECONDS = 600
# Of a cell, which may wait for several things: lab 05 runs four pipelines in one.
CELL = 3600
