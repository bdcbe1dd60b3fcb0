"""The first use of a glossary's term on a page links to it, and nothing else does."""

from collections.abc import Iterator

import pytest

from mlops_lab.book import terms


def test_the_glossary_is_read() -> None:
    """Also where two terms share a text."""
    assert {"alias", "Open Inference Protocol", "V2 protocol", "stage (DVC)"} <= set(terms.terms())
    assert not any(":" in term for term in terms.terms())


@pytest.fixture
def glossary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(terms, "terms", lambda: ("sync wave", "Application", "alias", "sync"))
    terms._pattern.cache_clear()
    yield
    terms._pattern.cache_clear()


@pytest.mark.usefixtures("glossary")
def test_the_first_use_on_a_page() -> None:
    assert terms.link(["An alias moves.", "The alias again."]) == [
        "An {term}`alias` moves.",
        "The alias again.",
    ]


@pytest.mark.usefixtures("glossary")
def test_a_longer_term_wins() -> None:
    assert terms.link(["A sync wave, then sync."]) == ["A {term}`sync wave`, then {term}`sync`."]


@pytest.mark.usefixtures("glossary")
def test_a_sentence_may_begin_with_it_and_a_name_is_no_common_word() -> None:
    assert terms.link(["Alias. An application is no Application."]) == [
        "{term}`Alias <alias>`. An application is no {term}`Application`."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# An alias",
        "`alias`",
        "```\nalias\n```",
        "[an alias](x.md)",
        "![alias](x.svg)",
        "{term}`alias`",
        "<summary>alias</summary>",
        "| alias |",
        "aliases and sub-alias and a/alias",
    ],
)
@pytest.mark.usefixtures("glossary")
def test_what_is_not_prose_stays(text: str) -> None:
    assert terms.link([text]) == [text]
