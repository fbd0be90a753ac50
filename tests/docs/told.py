"""The figures of a run, printed at its end."""

figures: dict[str, float] = {}
