"""What everything else stands on: errors, places, locks, processes, waiting, text.

It imports nothing of ours.
"""
