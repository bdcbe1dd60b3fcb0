"""`python -m dashboards FOLDER`: a JSON file for each dashboard, by the name of its uid.

Beside them ``search.json``, what Grafana's server would answer when asked which there are.
"""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import machine, model_data, model_service

folder = Path(sys.argv[1])
folder.mkdir(exist_ok=True)
found = []
for module in (model_service, model_data, machine):
    built = module.dashboard().description(module.__doc__).build()
    text = JSONEncoder(sort_keys=True, indent=2).encode(built)
    (folder / f"{built.uid}.json").write_text(f"{text}\n")
    found.append({"uid": built.uid, "title": built.title, "tags": built.tags})
    print(f"{built.uid}.json: {len(text)} bytes")
(folder / "search.json").write_text(json.dumps(found))
