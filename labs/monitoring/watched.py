"""The churn server, which counts what it is asked and what it answers, by the bins of a reference:
the training data, or a newer batch. Its shares, in `reference.json`, are figures, too, so that
Prometheus can compare.
"""

import json
from pathlib import Path

import api
from prometheus_client import Counter, Gauge, Summary
from reference import bin_of, names

REFERENCE = json.loads(Path("reference.json").read_text())
ROWS = Counter("model_rows", "Rows by the bin of a feature.", ["feature", "bin"])
SHARE = Gauge("model_reference_share", "The same in the reference.", ["feature", "bin"])
ACCURACY = Gauge("model_reference_accuracy", "What the model was right in when it was trained.")
SURE = Summary("model_confidence", "How sure the model is of its answer, from 0.5 to 1.")

ACCURACY.set(REFERENCE.pop("accuracy"))
for feature, known in REFERENCE.items():
    for name in names(known["bins"]):
        ROWS.labels(feature, name)  # from 0
        SHARE.labels(feature, name).set(known["shares"][name])


def count(feature: str, value) -> None:
    """One more row in the bin of this value."""
    ROWS.labels(feature, bin_of(value, REFERENCE[feature]["bins"])).inc()


class Watched(api.ChurnModel):
    """Counts rows, not requests: a request has many."""

    def probability(self, rows):
        """Answer, then count."""
        said = super().probability(rows)
        for row, prediction in zip(rows, said, strict=True):
            SURE.observe(max(prediction, 1 - prediction))
            for feature in REFERENCE:
                count(feature, prediction if feature == "prediction" else row[feature])
        return said


if __name__ == "__main__":
    api.ChurnModel = Watched
    api.main()
