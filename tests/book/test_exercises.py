"""A reader's copy asks; the book folds; what runs is the solution."""

import nbformat

from mlops_lab.book import exercises


def cell(source: str, tags: list[str]):
    made = nbformat.v4.new_code_cell(source, id="mend", execution_count=3)
    made.outputs = [nbformat.v4.new_output("stream", text="done\n")]
    made.metadata["tags"] = tags
    return made


def test_a_reader_gets_the_task_and_below_it_the_solution_closed() -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [cell("%%bash\n# Mend it.\ngit add x\n# and\ngit push", ["exercise"])]
    exercises.reader_copy(notebook)
    task, solution = notebook.cells
    assert task.source == "%%bash\n# Mend it.\n"
    assert (task.outputs, task.execution_count) == ([], None)
    assert solution.source.startswith("<details><summary>A solution</summary>\n\n```bash\n# Mend")
    assert "git push\n```\n\n</details>" in solution.source
    nbformat.validate(notebook)


def test_python_is_a_solution_too() -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [cell("x = 1", ["exercise"])]
    exercises.reader_copy(notebook)
    assert notebook.cells[0].source == ""
    assert "```python\nx = 1\n```" in notebook.cells[1].source


def test_other_cells_stay() -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [cell("x = 1", ["cluster"])]
    exercises.reader_copy(notebook)
    assert [one.source for one in notebook.cells] == ["x = 1"]
    assert notebook.cells[0].outputs


def test_the_book_folds_it_under_words_of_its_own() -> None:
    one = cell("x = 1", ["exercise"])
    exercises.fold(one)
    assert one.metadata["tags"] == ["exercise", "hide-cell"]
    assert one.metadata["mystnb"]["code_prompt_show"] == "Show a solution"
