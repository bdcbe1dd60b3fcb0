"""What CONTRIBUTING.md tells a contributor to write, done as written in a miniature checkout."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from conftest import PYTEST, ROOT, Mini, run


def block(section: str, language: str) -> str:
    """The first block of code in a section of the guide, without its indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    body = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", body, re.DOTALL | re.MULTILINE)
    assert found, section
    return "\n".join(line.removeprefix(found[1]) for line in found[2].splitlines())


def test_a_service_is_one_entry(mini: Mini) -> None:
    entry = yaml.safe_load(block("Add a service", "yaml"))
    ((name, service),) = entry.items()
    mini.services(entry)
    ((variable, _),) = service["exports"].items()
    asks = f"%%bash\ncurl --silent --fail ${variable}{service['ready']}"
    mini.lab("01-one", "lab", asks, services=(name,))
    done = mini.call("run", "--no-book")
    assert done.returncode == 0, done.stdout
    executed = json.loads((mini.root / "build/notebooks/01-one.ipynb").read_text())
    shown = json.dumps(executed["cells"][2]["outputs"])
    assert f"{name} ({service['program']['name']} " in shown
    assert mini.none_left()


def test_a_lab_is_one_notebook_and_one_line(mini: Mini) -> None:
    shutil.rmtree(mini.root / "labs/churn")
    shutil.copytree(ROOT / "labs/churn", mini.root / "labs/churn")
    path = mini.lab("01-one", "%%bash\ngit log --format=%s", "lab.services['mlflow'].name")
    notebook = json.loads(path.read_text())
    notebook["metadata"]["lab"] = json.loads(block("Add a lab", "json"))
    path.write_text(json.dumps(notebook))
    assert "recorded notebooks/01-one.ipynb" in mini.call("record", "01").stdout
    recorded = json.dumps(json.loads(path.read_text())["cells"])
    assert "Churn model, as handed over" in recorded
    assert "unchanged notebooks/01-one.ipynb" in mini.call("record", "01").stdout
    assert mini.none_left()


def test_a_question_is_one_entry(mini: Mini) -> None:
    (question,) = yaml.safe_load(block("Add a question", "yaml"))
    ((lab, cell),) = [(one["lab"], one["cell"]) for one in question["evidence"]]
    path = mini.lab(lab, "print(1)")
    notebook = json.loads(path.read_text())
    notebook["cells"][2]["id"] = cell
    interview = {"cell_type": "markdown", "id": "in-the-interview", "metadata": {}, "source": ""}
    notebook["cells"].append(interview)
    path.write_text(json.dumps(notebook))
    topic = {"topic": "dvc", "title": "Data", "about": "About data, and where it is."}
    file = mini.root / "labs/interview/dvc.yml"
    file.write_text(yaml.safe_dump({**topic, "questions": [question]}))
    assert mini.call("record", "--fill").returncode == 0
    assert question["question"] in path.read_text()
    question["evidence"] = [{"lab": lab, "cell": "no-such-cell"}]
    file.write_text(yaml.safe_dump({**topic, "questions": [{**question, "level": "guru"}]}))
    refused = mini.call("record", "--fill")
    assert refused.returncode
    assert "level" in refused.stdout


def judged(checkout: Path, status: int) -> subprocess.CompletedProcess[str]:
    """What the tests of the rules say of the guide's alert, as it stands in the checkout."""
    env = {**os.environ, "LAB_TEST_ROOT": str(checkout), "PYTHONPATH": str(ROOT / "scripts")}
    named = ("tests/monitoring", "-k", "descriptors or runbook_is_left")
    return run(*PYTEST, "-q", *named, cwd=ROOT, env=env, status=status)


def test_an_alert_is_a_rule_a_test_a_page_and_a_firing(tmp_path: Path) -> None:
    for folder in ("labs/monitoring", "book", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "kind-cluster").symlink_to(ROOT / "kind-cluster")
    toc = (ROOT / "_toc.yml").read_text()
    (tmp_path / "_toc.yml").write_text(toc)
    monitoring, section = tmp_path / "labs/monitoring", "Add an alert"
    (group,) = yaml.safe_load(block(section, "yaml"))
    (name,) = [rule["alert"] for rule in group["rules"]]
    rules = {"spec": {"groups": [group]}}
    (monitoring / "rules/guide.yaml").write_text(yaml.safe_dump(rules, sort_keys=False))
    test = monitoring / f"tests/{group['name']}.yml"
    test.write_text(block(section, "yml"))
    missing = judged(tmp_path, 1).stdout
    assert f"test_an_alert_has_a_runbook_in_the_book[{name}]" in missing
    assert f"test_every_proof_of_an_alert_is_there[{name}]" in missing
    assert f"test_the_quiet_hour_has_what_the_alert_looks_at[{name}]" in missing
    assert f"test_its_runbook_leads_to_every_lab_in_which_it_fires[{name}]" in missing
    assert "5 failed" in missing  # and that there are pages for all, no more

    hour, begin = monitoring / "tests/quiet.yml", "    input_series:\n"
    hour.write_text(hour.read_text().replace(begin, begin + block(section, "text") + "\n"))
    (tmp_path / f"book/alerts/{name}.md").write_text(block(section, "markdown"))
    line = "          - file: book/alerts/Watchdog\n"
    (tmp_path / "_toc.yml").write_text(toc.replace(line, line + line.replace("Watchdog", name)))
    with (tmp_path / "book/alerts.md").open("a") as table:
        table.write(f"| [{name}](alerts/{name}.md) | warning | | |\n")
    path = next((tmp_path / "notebooks").glob("11-*.ipynb"))
    notebook = json.loads(path.read_text())
    source = "%%bash\n" + block(section, "bash")
    notebook["cells"].append({"cell_type": "code", "id": "guide", "source": source})
    path.write_text(json.dumps(notebook))
    judged(tmp_path, 0)

    test.write_text(test.read_text().replace("82x27", "90x27"))
    assert "test_the_rules_pass_their_tests" in judged(tmp_path, 1).stdout


@pytest.mark.parametrize(
    "section", ["Add a service", "Add an alert", "Add a lab", "Add a question"]
)
def test_the_guide_names_the_place(section: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    body = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    places = re.findall(r"`((?:scripts|labs|tests|notebooks)/[\w./-]+)`", body)
    assert places
    assert [place for place in places if not (ROOT / place).exists() and "NN" not in place] == []
