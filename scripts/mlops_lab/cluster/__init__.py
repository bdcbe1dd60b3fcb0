"""Kubernetes for the labs: three providers behind one interface, and the platform on top.

It may import services and what is below.
"""
