"""Register the challenger that won, and make it the champion.

The order is what makes a failure harmless. Everything is uploaded to a run and read back first, and
only then is a version made, with all its tags in the same request: there is never half a version to
delete. The alias `champion` moves last. Run again after a failure, the step finds the version that
it made and goes on from there.
"""

import sys
from typing import Any

import numpy as np
import skops.io
import train
from delivery.shell import output

from retraining import compare, record
from retraining.model_registry import CHALLENGER, CHAMPION, FORMER, WITHDRAWN, Registry
from retraining.record import Record
from retraining.step import Refused, Unusable, finish, read_json


def check_decision(made: Record, aliases: dict[str, str], version: str | None) -> None:
    """Let only a model through that compare has let through, against today's champion."""
    decision = read_json(compare.REPORT, made_by="compare")
    if decision["model_md5"] != made.model_md5:
        raise Refused(f"{compare.REPORT} is about another model: compare again")
    if not decision["promote"]:
        raise Refused(f"the challenger lost: see {compare.REPORT}")
    before, now = decision["champion"], aliases.get(CHAMPION)
    # It may be the challenger itself, if this step broke off after its last move.
    if now != before and (now is None or now != version):
        raise Refused(f"the champion was {before} and is {now}: compare again")
    if version is not None and version == aliases.get(WITHDRAWN):
        raise Refused(f"version {version} is this model, and it was rolled back")


def upload(registry: Registry, params: dict[str, Any]) -> tuple[str, str]:
    """Log the run with its model and its data; return the run's id and the model file's md5."""
    model = skops.io.load(record.MODEL_FILE, trusted=train.TRUSTED_TYPES)
    inputs, target = train.load_data(record.HOLDOUT)
    scores = train.evaluate(model, inputs, target, params["threshold"])
    with registry.asked("logging the run"):
        run_id = train.log_run(registry.model, None, params, record.TRAINING, model, scores, inputs)
        # With the run, so that its data can be found when data/ has moved on.
        registry.client.log_artifact(run_id, str(record.TRAINING), "data")
    stored, md5 = registry.load(f"runs:/{run_id}/model")
    if not np.array_equal(stored.predict_proba(inputs), model.predict_proba(inputs)):
        raise Unusable(f"the model of run {run_id} is not the one that was uploaded")
    return run_id, md5


def make_version(registry: Registry, made: Record, params: dict[str, Any]) -> str:
    """Upload, then register with all tags; return the version."""
    run_id, artifact_md5 = upload(registry, params)
    more = {"batch_md5": made.batch_md5, "model_md5": made.model_md5, "artifact_md5": artifact_md5}
    return registry.create(run_id, made.identity | more)


def promote(registry: Registry, version: str, aliases: dict[str, str]) -> None:
    """Make the version champion; the one before it stays within reach as `former`."""
    before = aliases.get(CHAMPION)
    if before not in (None, version):
        registry.point(FORMER, before)
        registry.tag(version, "replaces", before)
    registry.point(CHAMPION, version)
    # Tells a version that was champion from one that was left when this step broke off.
    registry.tag(version, "promoted", "true")
    # It is no longer known what rolling forward would lead to.
    if WITHDRAWN in aliases:
        registry.drop(WITHDRAWN)


@finish
def main() -> None:
    """Register, promote and report."""
    made, params, registry = record.read(), record.read_params(), Registry()
    if record.params_hash(params) != made.params_hash:
        raise Unusable(f"{record.PARAMS} has changed since the training: train again")
    version = registry.with_tags(made.identity)
    check_decision(made, registry.aliases(), version)
    if version is not None:
        print(f"{registry.model} version {version} has this data, commit and params: used again")
        # The same model in another file: skops names its arrays by their place in memory.
        registry.tag(version, "model_md5", made.model_md5)
    else:
        version = make_version(registry, made, params)
        print(f"{registry.model} version {version}: uploaded, read back and registered")
    registry.point(CHALLENGER, version)
    # Asked once more: the upload took its time, and another run may have been quicker.
    aliases = registry.aliases()
    check_decision(made, aliases, version)
    promote(registry, version, aliases)
    print(f"champion: version {version}, before: {aliases.get(CHAMPION, 'none')}")
    output(version=version, promoted=True)


if __name__ == "__main__":
    sys.exit(main())
