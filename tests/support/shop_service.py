"""Two small services for the tests of hosting; run as a program, it hosts both until a signal."""

from ad_chassis.hosting import run_many
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.settings import load_settings


class Speaking:
    """Says when it stops."""

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        print("stopped", flush=True)


def build_shop(platform: Platform) -> Service:
    app = platform.app("shop", platform.health("kafka"))

    @app.get("/api/v1/shop")
    async def get_shop() -> str:
        return "the shop is open"

    return Service("shop", app, [platform.database("shop", "tests.support.shop.migrations")])


def build_gateway(platform: Platform) -> Service:
    app = platform.app("gateway", platform.health())
    shop = platform.client("shop")

    @app.get("/api/v1/greeting")
    async def get_greeting() -> str:
        answer: str = (await shop.get("/api/v1/shop", token="none needed")).json()
        return answer

    return Service("gateway", app, [Speaking()])


if __name__ == "__main__":
    run_many([build_shop, build_gateway], load_settings(), on_ready=lambda host: print(host.url, flush=True))
