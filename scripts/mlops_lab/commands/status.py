"""`lab status`: which services are up, and where."""


def command() -> None:
    """Show which labs' services are up, with their URLs and logs.

    Example: ./lab status
    """
    from mlops_lab.upkeep import background

    background.show(background.alive())
