"""The page that draws dashboards: what is on it beside the panels, which lab 15b draws."""

import json
import shutil
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Route

from browsing import PATIENCE, serving
from conftest import ROOT, run
from mlops_lab.toolchain.programs import program

NOTHING = {"result": [], "resultType": "matrix"}
ANSWERS = {"config": {"yaml": "global: {scrape_interval: 1s}"}, "values": ["one", "two"]}


def prometheus(route: Route) -> None:
    """One that has two values of every label, and no sample."""
    data = ANSWERS.get(urlsplit(route.request.url).path.rpartition("/")[2], NOTHING)
    route.fulfill(json={"status": "success", "data": data})


def test_a_dashboard_leads_to_the_others(browser: Browser, tmp_path: Path) -> None:
    shutil.copytree(program("grafana-panels"), tmp_path / "panels")
    run(sys.executable, "-m", "dashboards", tmp_path / "panels", cwd=ROOT / "labs/monitoring")
    with serving(tmp_path) as here, browser.new_page() as page:
        page.set_default_timeout(PATIENCE)
        page.route("**/api/v1/**", prometheus)
        asked = f"prometheus={here}&from=1&var-model=two&dashboard=model-service.json"
        page.goto(f"{here}/panels/?{asked}")
        assert page.locator("h1 + p").inner_text() == "model: two"
        links = page.locator("nav a")
        assert links.all_inner_texts() == ["Model data", "Machine"]
        links.last.click()
        page.wait_for_url("**dashboard=machine.json*")
        assert page.locator("h1").inner_text() == "Machine"
        assert page.locator("h1 + p").inner_text() == "instance: one"
        # The time shown is kept, and the model, for whoever goes on to its data.
        kept = parse_qs(urlsplit(page.url).query)
        changed = {"dashboard": ["machine.json"]}
        assert kept == {**parse_qs(asked), **changed}
        page.get_by_role("link", name="Model data").click()
        page.wait_for_url("**dashboard=model-data.json*")
        assert page.locator("h1 + p").inner_text() == "model: two"


def test_a_dashboard_without_links_asks_for_none(browser: Browser, tmp_path: Path) -> None:
    shutil.copytree(program("grafana-panels"), tmp_path / "panels")
    inherited = json.loads((ROOT / "labs/monitoring/inherited.json").read_text())
    (tmp_path / "panels/inherited.json").write_text(json.dumps(inherited))
    with serving(tmp_path) as here, browser.new_page() as page:
        page.set_default_timeout(PATIENCE)
        page.route("**/api/v1/**", prometheus)
        page.goto(f"{here}/panels/?prometheus={here}&dashboard=inherited.json")
        page.wait_for_function("window.told")
        assert page.locator("nav a").count() == 0
