"""What a notebook's first cell makes: the catalog of labs, folders, programs, services at hand.

It may import cluster, interview and what is below.
"""
