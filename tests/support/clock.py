"""A clock for tests."""


class SetClock:
    """Seconds since 1970, as set."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: int) -> None:
        """Moves the clock forward (or, with a negative number, back)."""
        self.now += seconds
