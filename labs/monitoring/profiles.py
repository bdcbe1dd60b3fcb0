"""What is known of a customer: `GET /customers/7`.

Those whose number is 13, 33, 53 and so on are in an archive, which takes 2.4 s. 50, 100, 150 and so
on are not there.
"""

import asyncio
import json
import logging

import generate_data
from fastapi import FastAPI, HTTPException

log = logging.getLogger("profiles")
frame = generate_data.generate(1000, seed=15, drift=0).drop(columns=["customer_id", "churned"])
ROWS = json.loads(frame.to_json(orient="records"))
app = FastAPI()


@app.get("/customers/{number}")
async def customer(number: int) -> dict:
    """One row, as the model wants it."""
    if number % 50 == 0:
        log.warning("no such customer", extra={"customer": number})
        raise HTTPException(404, "no such customer")
    if number % 20 == 13:
        log.warning("read from the archive", extra={"customer": number})
        await asyncio.sleep(2.4)
    await asyncio.sleep(0.02)
    return ROWS[number % len(ROWS)]
