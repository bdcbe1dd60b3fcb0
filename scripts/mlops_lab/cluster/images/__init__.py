"""Images without Docker: archives of what was built, and the churn server's own.

It imports nothing of the providers.
"""
