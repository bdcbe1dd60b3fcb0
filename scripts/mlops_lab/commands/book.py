"""`lab book`: build the book, and serve it."""

from typing import Annotated

import typer


def command(
    serve: Annotated[bool, typer.Option("--serve", help="Then serve it on this machine.")] = False,
    port: Annotated[int, typer.Option(help="The port to serve on.", min=0, max=65535)] = 8000,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also print it as one PDF; needs Chromium.")
    ] = False,
    clean: Annotated[bool, typer.Option("--clean", help="Build from nothing.")] = False,
) -> None:
    """Build the book from the last run's notebooks, or from the committed ones.

    Example: ./lab book --serve
    """
    from mlops_lab.book import assemble, build
    from mlops_lab.book import serve as server
    from mlops_lab.core.paths import HTML, ROOT

    if clean:
        assemble.remove()
    build.build()
    print(f"book: {(HTML / 'index.html').relative_to(ROOT)}")
    if pdf:
        from mlops_lab.book.pdf import write

        print(f"pdf:  {write().relative_to(ROOT)}")
    if serve:
        server.serve(port)
