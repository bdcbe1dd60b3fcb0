"""The rules of labs/monitoring, by the names of their groups."""

from typing import Any

import yaml

from mlops_lab.core.paths import LABS

MONITORING = LABS / "monitoring"
GROUPS: dict[str, list[dict[str, Any]]] = {
    group["name"]: group["rules"]
    for file in sorted((MONITORING / "rules").glob("*.yaml"))
    for group in yaml.safe_load(file.read_text())["spec"]["groups"]
}
