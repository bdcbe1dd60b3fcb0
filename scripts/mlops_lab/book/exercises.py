"""Exercises: cells with the tag ``exercise`` hold a solution, which runs and is compared as any.

A reader sees the task first. The book folds the cell; the copy that `lab open` makes has the cell
without its solution, which a click opens below it.
"""

from typing import Any

import nbformat

TAG = "exercise"
PROMPT = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}


def is_exercise(cell: Any) -> bool:
    """Whether the cell holds a solution."""
    return TAG in cell.metadata.get("tags", ())


def fold(cell: Any) -> None:
    """Let the book show the cell only when it is asked for."""
    cell.metadata["tags"] = [*cell.metadata["tags"], "hide-cell"]
    cell.metadata["mystnb"] = {**cell.metadata.get("mystnb", {}), **PROMPT}


def reader_copy(notebook: Any) -> None:
    """Take the solutions out of their cells, and put each below, closed."""
    cells: list[Any] = []
    for cell in notebook.cells:
        cells.append(cell)
        if is_exercise(cell):
            cells.append(_solution(cell))
            cell.source, cell.outputs, cell.execution_count = _task(cell.source), [], None
    notebook.cells = cells


def _task(source: str) -> str:
    """What stands before the first line of a solution: the magic, and comments."""
    kept: list[str] = []
    for line in source.splitlines():
        if not line.startswith(("%%", "#")):
            break
        kept.append(line)
    return "\n".join([*kept, ""])


def _solution(cell: Any) -> Any:
    language = "bash" if cell.source.startswith("%%bash") else "python"
    code = cell.source.removeprefix("%%bash\n")
    text = f"<details><summary>A solution</summary>\n\n```{language}\n{code}\n```\n\n</details>"
    return nbformat.v4.new_markdown_cell(text, id=f"{cell.id}-solution"[:64])
