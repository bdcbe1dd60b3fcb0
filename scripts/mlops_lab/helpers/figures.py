"""Show a matplotlib figure in a notebook, with a text that says what is to be seen."""

import io
from typing import Any

from IPython.display import display


def show(figure: Any, alt: str) -> None:
    """Display the figure as PNG; `alt` is its text form, for readers who cannot see it.

    The book makes `alt` the picture's alt text, and nbval compares it.
    """
    import matplotlib.pyplot as plt

    png = io.BytesIO()
    options = {"optimize": True}
    figure.savefig(png, format="png", dpi=100, bbox_inches="tight", pil_kwargs=options)
    plt.close(figure)
    bundle = {"image/png": png.getvalue(), "text/plain": alt}
    display(bundle, raw=True, metadata={"image/png": {"alt": alt}})
