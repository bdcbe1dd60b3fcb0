"""`lab cluster down`: remove the cluster."""


def command() -> None:
    """Remove the cluster and everything in it; the machine is as before."""
    from mlops_lab.cluster import lifecycle

    lifecycle.down()
