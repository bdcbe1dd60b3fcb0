"""What axe finds on a page that is open in a browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Marks a few texts of each style: what decides a contrast are a text's color, size and weight, and
# what lies under it. Of thousands of words of code, axe need not measure every one.
SAMPLE = """
const grounds = new Map(), seen = new Map();
function ground(e) {
    if (!e) return '';
    if (!grounds.has(e)) {
        const s = getComputedStyle(e), under = ground(e.parentElement);
        const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter].join();
        grounds.set(e, own === 'rgba(0, 0, 0, 0),none,1,none' ? under : `${under}|${own}`);
    }
    return grounds.get(e);
}
for (const e of document.querySelectorAll('body *')) {
    // Axe decides nothing about a single letter.
    const text = [...e.childNodes].map(n => n.nodeType === Node.TEXT_NODE ? n.data.trim() : '');
    const speaks = text.join('').length > 1 || e.matches('input, select, textarea');
    if (!speaks || !e.checkVisibility({visibilityProperty: true})) continue;
    const s = getComputedStyle(e);
    const style = [s.color, s.fontSize, s.fontWeight, s.textShadow, ground(e)].join();
    seen.set(style, (seen.get(style) || 0) + 1);
    if (seen.get(style) <= 5) e.dataset.sample = '';
}
"""
# In the same run as all other rules: before each, axe reads the whole page.
MEASURES_SAMPLE = "axe.configure({rules: [{id: 'color-contrast', selector: '[data-sample]'}]})"


def flaws(page: Page) -> list[str]:
    """The serious and critical findings. Collapsed answers are read too."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(SAMPLE)
    page.evaluate(Axe().axe_script)
    page.evaluate(MEASURES_SAMPLE)
    # axe asks for no style sheets: the page would be blamed.
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}
    response = page.evaluate("options => axe.run(options)", options)
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
