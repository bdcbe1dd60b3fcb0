"""A GitHub Actions runner around act: events, queues, identities, and what act lacks.

It may import lab and what is below.
"""
