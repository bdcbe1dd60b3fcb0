"""What keeps a checkout in order: doctor, stamps, services in the background, JupyterLab.

It may import runs and what is below.
"""
