"""A measured number and the bar that it is held against."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """The least or the most that a figure should be."""

    limit: float
    at_least: bool = False

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Figure:
    """One row of a report."""

    name: str
    value: float
    unit: str
    bar: Bar | None = None

    @property
    def passed(self) -> bool | None:
        """Whether it keeps to its bar; None without one."""
        return None if self.bar is None else self.bar.holds(self.value)

    @property
    def shown(self) -> str:
        return shown(self.value, self.unit)

    @property
    def shown_bar(self) -> str:
        if self.bar is None:
            return ""
        return f"{'≥' if self.bar.at_least else '≤'} {shown(self.bar.limit, self.unit)}"

    @property
    def mark(self) -> str:
        return {None: "", True: "pass", False: "FAIL"}[self.passed]


def shown(value: float, unit: str) -> str:
    """Three significant digits, whole from a hundred on, and the unit."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{digits}{'' if unit == '×' else ' '}{unit}".strip()


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed; ValueError without values."""
    if not values:
        raise ValueError("no values; expected at least one")
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)]
