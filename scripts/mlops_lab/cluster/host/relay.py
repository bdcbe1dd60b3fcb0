"""Carries connections from the machine's loopback into the node, which has no network to it.

Runs on the node with listening sockets of the machine: `relay FD:HOST:PORT ...`. Nothing else
crosses, in either direction.
"""

import asyncio
import socket
import sys


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def _serve(fd: int, host: str, port: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pipe(reader, inner_writer), _pipe(inner_reader, writer))
        inner_writer.close()
        writer.close()

    server = await asyncio.start_server(connect, sock=socket.socket(fileno=fd))
    await server.serve_forever()


async def _main() -> None:
    targets = [argument.split(":") for argument in sys.argv[1:]]
    await asyncio.gather(*(_serve(int(fd), host, int(port)) for fd, host, port in targets))


if __name__ == "__main__":
    asyncio.run(_main())
