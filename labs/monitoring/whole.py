"""The churn server with all its figures: how it answers, and what it is asked. It has bad days."""

import api
from kserve.model_server import app
from measured import Measured
from observed import Troubled
from watched import Watched


class Whole(Watched, Troubled):
    """Counts rows, and waits, fails and computes as the file `trouble` says."""


if __name__ == "__main__":
    app.add_middleware(Measured)
    api.ChurnModel = Whole
    api.main()
