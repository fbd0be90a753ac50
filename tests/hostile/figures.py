"""The figures of a run, printed at its end."""

figures: dict[str, str] = {}


def figure(name: str, value: str | float) -> None:
    figures[name] = value if isinstance(value, str) else f"{value:g}"
