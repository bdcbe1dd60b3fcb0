"""The steps from a commit to a monitored service, a module for each that is not one command."""
