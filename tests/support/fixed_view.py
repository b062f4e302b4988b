"""Rules that do not change by themselves."""

from ad_detection.domain.control import Control


class FixedView:
    """The streams of the default tenant that are known, and those that are known once it has caught up."""

    def __init__(self, *streams: str, later: tuple[str, ...] = ()) -> None:
        self.control = Control(waiting={("default", each): 1 for each in streams})
        self._later = Control(waiting={("default", each): 1 for each in (*streams, *later)})
        self.asked = 0

    async def caught_up(self) -> Control:
        self.asked += 1
        self.control = self._later
        return self.control
