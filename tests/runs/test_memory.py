"""Peak memory: what belongs to a lab counts, and nothing else."""

import os

from mlops_lab.runs.memory import resident


def test_a_process_counts_with_its_descendants() -> None:
    own = resident(os.getpid(), {})
    assert own > 0
    ended = 2**22  # no process has it: one more than Linux gives
    assert resident(ended, {ended: [os.getpid()]}) > 0


def test_a_service_without_a_process_counts_nothing() -> None:
    # 0 is what stands for none, and is the parent of all that runs.
    assert resident(0, {0: [os.getpid()]}) == 0
