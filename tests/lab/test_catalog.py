"""Which labs a name means."""

import pytest

from mlops_lab.core.errors import Usage
from mlops_lab.lab import catalog


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["07"], ["07-kserve"]),
        (["07b"], ["07b-kserve-cluster"]),
        (["07-kserve"], ["07-kserve"]),
        (["07b", "07"], ["07-kserve", "07b-kserve-cluster"]),
        (None, catalog.stems()),
    ],
)
def test_a_number_means_one_lab_and_all_come_in_the_book_s_order(
    names: list[str] | None, stems: list[str]
) -> None:
    assert [spec.stem for spec in catalog.select(names)] == stems


@pytest.mark.parametrize("name", ["7", "07-", "07-kserve-cluster", "kserve"])
def test_no_part_of_a_name_means_a_lab(name: str) -> None:
    with pytest.raises(Usage, match=f"no such lab: {name}"):
        catalog.select([name])
