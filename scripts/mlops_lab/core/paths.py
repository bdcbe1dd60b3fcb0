"""Where things are. Every other module takes its folders from here."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("LAB_TEST_ROOT") or Path(__file__).parents[3]).resolve()
NOTEBOOKS = ROOT / "notebooks"
LABS = ROOT / "labs"
BOOK = ROOT / "book"
INTERVIEW = LABS / "interview"
CLUSTER = ROOT / "kind-cluster"
TOC = ROOT / "_toc.yml"

BUILD = ROOT / "build"
EXECUTED = BUILD / "notebooks"
REPORT = BUILD / "report.json"
HTML = BUILD / "book" / "_build" / "html"

# State that may be deleted at any time when nothing runs: `lab clean` does.
STATE = ROOT / ".lab"
LOGS = STATE / "logs"
WORK = STATE / "work"
OWN = STATE / "own"  # folders of services that a lab started for itself
UP = STATE / "up"
CACHE = STATE / "cache"
HOME = STATE / "home"
