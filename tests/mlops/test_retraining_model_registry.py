import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from retraining import (
    compare,
    image,
    record,
    register,
    rollback,
    seen,
    step,
    stories,
    train,
    validate,
)
from retraining.model_registry import Registry

from mlops.conftest import MLFLOW_S_OWN

MODEL, GONE = "churn-test", step.Unusable("the network is gone")
pytest_plugins = ["mlops.retraining_fixtures"]
pytestmark = MLFLOW_S_OWN


def outputs(project: Path) -> dict[str, str]:
    lines = (project.parent / "outputs").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def failing(error: Exception) -> Callable[..., None]:
    """What raises it, however it is called."""

    def fail(*_: Any) -> None:
        raise error

    return fail


def versions(registry: Registry) -> list[int]:
    found = registry.client.search_model_versions(f"name = '{MODEL}'")
    return sorted(int(version.version) for version in found)


def test_a_first_model_becomes_champion_by_the_threshold_alone(
    registry: Registry, project: Path, capsys
) -> None:
    assert compare.main() == 0
    assert "champion: none yet" in capsys.readouterr().out
    assert register.main() == 0
    assert registry.aliases() == {"champion": "1", "challenger": "1"}
    said = {"promote": "true", "champion": "", "version": "1", "promoted": "true"}
    assert outputs(project) == said
    assert rollback.main([]) == 1
    assert "has no alias former" in capsys.readouterr().err


def test_a_better_model_replaces_the_champion_which_stays_in_reach(
    old_champion: Registry, project: Path
) -> None:
    assert compare.main() == 0
    assert register.main() == 0
    assert old_champion.aliases() == {"champion": "2", "challenger": "2", "former": "1"}
    tags, made = old_champion.version("2").tags, record.read()
    assert (tags["replaces"], tags["promoted"]) == ("1", "true")
    assert made.identity.items() <= tags.items()
    assert (tags["batch_md5"], tags["model_md5"]) == (made.batch_md5, made.model_md5)
    said = {"promote": "true", "champion": "1", "version": "2", "promoted": "true"}
    assert outputs(project) == said


def test_the_worse_story_is_refused_and_registers_nothing(
    old_champion: Registry, project: Path, capsys
) -> None:
    stories.write("worse", Path("data/new.csv"))
    assert validate.main() == 0
    assert train.main() == 0
    assert compare.main() == 3
    assert outputs(project)["promote"] == "false"
    assert "does not replace the champion: roc_auc, gain" in capsys.readouterr().err
    assert register.main() == 1
    assert "the challenger lost" in capsys.readouterr().err
    assert old_champion.aliases() == {"champion": "1"}
    assert versions(old_champion) == [1]


def test_a_failed_upload_leaves_no_version(
    old_champion: Registry, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert compare.main() == 0

    with monkeypatch.context() as patch:
        patch.setattr("mlflow.MlflowClient.log_artifact", failing(OSError("disk full")))
        assert register.main() == 2
    assert "logging the run failed, after up to 4 tries: disk full" in capsys.readouterr().err
    assert versions(old_champion) == [1]
    assert old_champion.aliases() == {"champion": "1"}


def test_another_model_than_the_uploaded_one_is_not_registered(
    old_champion: Registry, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert compare.main() == 0
    other, md5 = old_champion.load(f"models:/{MODEL}/1")
    monkeypatch.setattr(Registry, "load", lambda *_: (other, md5))
    assert register.main() == 2
    assert "is not the one that was uploaded" in capsys.readouterr().err
    assert versions(old_champion) == [1]


def test_after_a_failure_in_the_middle_the_version_is_used_again(
    old_champion: Registry, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert compare.main() == 0

    with monkeypatch.context() as patch:
        patch.setattr(register, "promote", failing(GONE))
        assert register.main() == 2
    assert old_champion.aliases() == {"champion": "1", "challenger": "2"}
    assert "promoted" not in old_champion.version("2").tags
    # The next run begins with a training of its own.
    assert (train.main(), compare.main()) == (0, 0)
    for _ in range(2):
        assert register.main() == 0
        assert "version 2 has this data, commit and params: used again" in capsys.readouterr().out
    assert old_champion.version("2").tags["model_md5"] == record.read().model_md5
    assert old_champion.aliases() == {"champion": "2", "challenger": "2", "former": "1"}
    assert versions(old_champion) == [1, 2]


def test_a_champion_that_changed_since_the_comparison_is_not_replaced(
    old_champion: Registry, capsys
) -> None:
    assert compare.main() == 0
    old_champion.drop("champion")
    assert register.main() == 1
    assert "the champion was 1 and is None: compare again" in capsys.readouterr().err


def test_a_champion_that_changes_during_the_upload_is_not_replaced(
    old_champion: Registry, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert compare.main() == 0
    upload = register.upload

    def slow(*args: Any) -> Any:
        result = upload(*args)
        other = old_champion.create(old_champion.version("1").run_id, {})
        old_champion.point("champion", other)
        return result

    monkeypatch.setattr(register, "upload", slow)
    assert register.main() == 1
    assert "the champion was 1 and is 2: compare again" in capsys.readouterr().err
    assert old_champion.aliases() == {"champion": "2", "challenger": "3"}


def test_a_comparison_of_another_model_does_not_count(registry: Registry, capsys) -> None:
    assert compare.main() == 0
    report = json.loads(Path("comparison.json").read_text())
    Path("comparison.json").write_text(json.dumps(report | {"model_md5": "other"}))
    assert register.main() == 1
    assert "is about another model" in capsys.readouterr().err


def test_files_that_changed_since_the_training_are_not_registered(
    registry: Registry, capsys
) -> None:
    assert compare.main() == 0
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(params.replace("threshold: 0.5", "threshold: 0.6"))
    assert register.main() == 2
    assert "params.yaml has changed" in capsys.readouterr().err
    Path("models/model.skops").write_bytes(b"other")
    assert compare.main() == 2
    assert "models/model.skops is not the file" in capsys.readouterr().err


def test_rollback_and_its_inverse(promoted: Registry, project: Path, capsys) -> None:
    assert rollback.main([]) == 0
    assert f"champion of {MODEL}: version 1, before: 2" in capsys.readouterr().out
    assert promoted.aliases() == {"champion": "1", "challenger": "2", "withdrawn": "2"}
    assert (outputs(project)["version"], outputs(project)["replaced"]) == ("1", "2")
    assert rollback.main([]) == 1
    assert rollback.main(["--forward"]) == 0
    assert promoted.aliases() == {"champion": "2", "challenger": "2", "former": "1"}
    assert rollback.main(["--forward"]) == 1


def test_a_rollback_that_broke_off_is_finished_by_the_next(
    promoted: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Registry, "drop", failing(GONE))
        assert rollback.main([]) == 2
    assert rollback.main([]) == 0
    assert promoted.aliases() == {"champion": "1", "challenger": "2", "withdrawn": "2"}


def test_what_was_rolled_back_does_not_come_back_by_itself(promoted: Registry, capsys) -> None:
    assert rollback.main([]) == 0
    assert compare.main() == 0
    assert register.main() == 1
    assert "it was rolled back" in capsys.readouterr().err
    assert promoted.aliases()["champion"] == "1"


def test_a_registry_that_is_down_is_named_soon(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    text = Path("retraining.yaml").read_text()
    Path("retraining.yaml").write_text(text.replace("  retries: 3", "  retries: 1"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
        assert compare.main() == 2
    said = capsys.readouterr().err
    assert "reading the aliases failed, after up to 2 tries: " in said
    assert "Connection refused" in said
    assert url in said


def test_a_variable_that_is_not_set_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.delenv("MODEL")
    assert rollback.main([]) == 2
    assert "unusable: MODEL is not set" in capsys.readouterr().err


def test_a_batch_is_new_until_its_version_is_promoted(
    old_champion: Registry, project: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert compare.main() == 0
    assert seen.main() == 0
    assert outputs(project)["new"] == "true"
    with monkeypatch.context() as patch:
        patch.setattr(register, "promote", lambda *_: None)
        assert register.main() == 0
    assert seen.main() == 0
    assert outputs(project)["new"] == "true"
    assert register.main() == 0
    assert seen.main() == 0
    assert outputs(project)["new"] == "false"
    assert f"version 2 was made from {record.read().batch_md5}" in capsys.readouterr().out
    assert versions(old_champion) == [1, 2]


def test_without_a_batch_nobody_can_say_whether_it_is_new(registry: Registry, capsys) -> None:
    Path("data/new.csv").unlink()
    assert seen.main() == 2
    assert "run python -m retraining.fetch first" in capsys.readouterr().err


def test_a_version_is_tagged_with_the_digest_of_its_image_and_with_no_tag(
    old_champion: Registry, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    digest = "sha256:" + "a" * 64
    monkeypatch.setenv("VERSION", "1")
    monkeypatch.setenv("IMAGE", f"registry/churn@{digest}")
    assert image.main() == 0
    assert f"version 1 is served by {digest}" in capsys.readouterr().out
    assert old_champion.version("1").tags["image_digest"] == digest
    monkeypatch.setenv("IMAGE", "registry/churn:latest")
    assert image.main() == 2
    assert "unusable: registry/churn:latest is no reference by digest" in capsys.readouterr().err
