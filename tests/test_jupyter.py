"""`lab open`: JupyterLab on a copy, the lab's services up, both gone after Ctrl-C."""

import re
import signal
import urllib.request

import pytest

from conftest import Mini


@pytest.mark.timeout(120)
def test_open_serves_a_copy_and_ends_with_its_services(mini: Mini) -> None:
    path = mini.lab("01-one", "print(1)", services=("tiny",))
    before = path.read_bytes()
    with mini.start("open", "01", "--no-browser") as process:
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if found := re.search(
                r"http://127\.0\.0\.1:\d+/lab/tree/01-one\.ipynb\?token=\w+", line
            ):
                break
        with urllib.request.urlopen(found.group(), timeout=20) as answer:
            assert answer.status == 200
        assert "tiny" in told
        assert "your copy: .lab/open/01-one.ipynb" in told
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert mini.none_left()
    assert path.read_bytes() == before
    assert (mini.root / ".lab/open/01-one.ipynb").read_bytes() == before
