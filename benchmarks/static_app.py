"""The peer of the HTTP benchmarks: a FastAPI endpoint that returns bytes from memory."""

import os
from pathlib import Path

from fastapi import FastAPI, Response

app = FastAPI()
_BODIES = {path.name: path.read_bytes() for path in Path(os.environ["STATIC_FOLDER"]).iterdir()}


@app.get("/{name}")
def body(name: str) -> Response:
    return Response(_BODIES[name], media_type="application/vnd.sdmx.data+csv;version=2.1.0")
