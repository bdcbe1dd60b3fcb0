"""`lab mock`: begin or go on, then report."""

from datetime import UTC, datetime

from rich.console import Console
from rich.markdown import Markdown

from mlops_lab.interview import Level, choice
from mlops_lab.interview.mock import arc, ask, report
from mlops_lab.interview.mock import sitting as sittings
from mlops_lab.interview.mock.sitting import Sitting


def mock(level: Level, role: str, minutes: int, *, interviewer: bool, afresh: bool) -> None:
    """Sit an interview, or the rest of the one that was paused.

    Raises:
        Busy: one goes on in another terminal, and would be written over.
    """
    with sittings.alone():
        _sit(Console(), None if afresh else _paused(), level, role, minutes, interviewer)


def _sit(
    console: Console,
    sitting: Sitting | None,
    level: Level,
    role: str,
    minutes: int,
    interviewer: bool,
) -> None:
    if sitting:
        which = f"{sitting.minutes} minutes, {sitting.role}, {sitting.level}"
        told = f"going on with the one of {sitting.begun[:10]} ({which}); --afresh begins another"
        console.print(told, style="dim")
    else:
        sitting = _begin(level, role, minutes)
    try:
        sitting = ask.ask(console, sitting, interviewer=interviewer)
    except ask.Paused:
        console.print("\npaused; ./lab mock goes on, ./lab mock --afresh begins another")
        return
    files = report.write(sitting, sittings.finish(sitting))
    console.print(Markdown(report.report(sitting)))
    for file in files:
        console.print(f"report: {file}", soft_wrap=True)


def show_history() -> None:
    """Print how the interviews went."""
    console = Console()
    text = report.plot(sittings.history())
    console.print(text or "no interview is over yet; ./lab mock begins one", highlight=False)


def _paused() -> Sitting | None:
    return sittings.read(sittings.current()) if sittings.current().exists() else None


def _begin(level: Level, role: str, minutes: int) -> Sitting:
    """A new one, with questions that the last ones did not have."""
    names = choice.renamed()
    before = {names.get(a.id, a.id) for one in sittings.history() for a in one.answers}
    planned = arc.plan(level, role, minutes, before=before)
    sitting = Sitting(
        begun=datetime.now(UTC).isoformat(timespec="seconds"),
        level=level,
        role=role,
        minutes=minutes,
        open=[(asked.part, asked.entry.id) for asked in planned],
    )
    sittings.write(sittings.current(), sitting)
    return sitting
