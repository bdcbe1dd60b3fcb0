"""What builds images, as data: the program that labs call, and the base they start from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Builder:
    """The program's name, and the image that the Dockerfiles' BASE stands for."""

    program: str
    base: str
