"""A lab's page, live: what its cells start stays up, and what they wrote stays there."""

from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.ipapp import load_default_config

from mlops_lab.book import notebooks
from mlops_lab.lab.catalog import Spec
from mlops_lab.services.running import Running


def play(spec: Spec) -> tuple[list[Running], str]:
    """Run the lab's cells up to the one that has its page; what is up then, and the page's address.

    They run in this process, at whose end `Lab` stops what they started.

    Raises:
        Exception: whatever a cell raised, which has printed where.
    """
    config = load_default_config()
    config["HistoryManager"]["enabled"] = False  # nobody types here
    shell = InteractiveShell.instance(config=config)
    for cell in notebooks.read(spec.path).cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source).raise_error()
        if cell.id == spec.page:
            break
    return list(shell.user_ns["lab"].services.values()), shell.user_ns["url"]
