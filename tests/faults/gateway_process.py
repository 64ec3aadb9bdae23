"""A little message gateway as a program of its own: `python -m tests.faults.gateway_process PORT FILE`.

It writes each post as a line of JSON to FILE and delivers a key once (`"fresh": true`). Its first answer it holds back
for ever, so that whoever sends can be killed between sending and knowing.
"""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web


async def main(port: int, file: Path) -> None:
    delivered: set[str] = set()

    async def take(request: web.Request) -> web.Response:
        body = await request.json()
        first = not delivered
        line = {"key": body["key"], "phone": body["phone"], "fresh": body["key"] not in delivered}
        delivered.add(body["key"])
        with file.open("a") as out:
            out.write(json.dumps(line) + "\n")
        if first:
            await asyncio.sleep(3600)
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/send", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.sleep(3600)


asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
