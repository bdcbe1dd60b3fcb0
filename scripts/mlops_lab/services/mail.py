"""A mail server that delivers nothing: it keeps each message and serves them as JSON.

    GET /server                     ``host:port`` to which mail goes, by SMTP
    GET /messages/WORD?count=N      the messages with the word in their subject or text, oldest
                                    first; waits until there are N, by default 1

The SMTP port is any that is free.
"""

import argparse
import asyncio
import contextlib
import email.policy
from collections.abc import AsyncIterator
from email.parser import BytesParser
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mlops_lab.core.waiting import LIMIT


class Mailbox:
    """The messages, for SMTP to fill and HTTP to show."""

    def __init__(self) -> None:
        self._messages: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Called by aiosmtpd with each message."""
        parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        body = parsed.get_body(("plain", "html"))
        message = {
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "subject": str(parsed.get("Subject", "")),
            "text": body.get_content().rstrip("\r\n").replace("\r\n", "\n") if body else "",
        }
        async with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()
        return "250 Message accepted for delivery"

    async def wait(self, word: str, count: int) -> list[dict[str, Any]]:
        """The messages with the word, once there are as many, or at the limit as they are."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMIT), self._arrived:
                await self._arrived.wait_for(lambda: len(self._with(word)) >= count)
        return self._with(word)

    def _with(self, word: str) -> list[dict[str, Any]]:
        return [m for m in self._messages if word in m["subject"] or word in m["text"]]


def app() -> Starlette:
    """The two addresses of this module's docstring, and the mail server, on 127.0.0.1."""
    mailbox = Mailbox()

    @contextlib.asynccontextmanager
    async def serving_mail(app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
        app.state.smtp = "{}:{}".format(*server.sockets[0].getsockname())
        yield
        server.close()

    def server(request: Request) -> Response:
        return PlainTextResponse(request.app.state.smtp)

    async def messages(request: Request) -> Response:
        count = int(request.query_params.get("count", 1))
        return JSONResponse(await mailbox.wait(request.path_params["word"], count))

    routes = [Route("/server", server), Route("/messages/{word:path}", messages)]
    return Starlette(routes=routes, lifespan=serving_mail)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app(), port=parser.parse_args().port, timeout_graceful_shutdown=1)
