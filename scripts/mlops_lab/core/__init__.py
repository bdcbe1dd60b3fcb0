"""What everything else stands on: errors, places, locks, processes, waiting, schemas, text.

It imports nothing of ours.
"""
