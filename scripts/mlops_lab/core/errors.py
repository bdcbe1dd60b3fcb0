"""What can go wrong in a way that a person can mend."""


class LabError(Exception):
    """Its message is the whole story: it is printed without a traceback.

    `status` is the exit status of the command that met it.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Busy(LabError):
    """Somebody else holds what is needed; try again later (EX_TEMPFAIL)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=75)


class Usage(LabError):
    """The command line is off."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=2)


class Interrupted(BaseException):
    """A signal asked the command to stop; the status is the shell's convention for it.

    It is no error: what goes on without something that cannot be had must end all the same.
    """

    def __init__(self, number: int) -> None:
        super().__init__("interrupted")
        self.status = 128 + number
