"""What the gateway is measured beside: FastAPI routes that give the same answers out of memory, and nothing else.

`python -m benchmarks.edge.bare PORT`, with the answers by path on standard input.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from fastapi import FastAPI


def bare(answers: dict[str, dict[str, Any]]) -> FastAPI:
    app = FastAPI()
    for path, answer in answers.items():
        app.get(path)(giving(answer))
    return app


def giving(answer: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def route() -> dict[str, Any]:
        return answer

    return route


if __name__ == "__main__":
    app = bare(json.loads(sys.stdin.read()))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="h11", log_level="warning")
