"""What a limiter takes from loudness, as far as it has been heard. Pure."""

from __future__ import annotations

#: Past it a limiter eats nearly all that a gain adds, and a step by the slope would go anywhere.
LEAST_SLOPE = 0.15


class LossCurve:
    """Loudness that a limiter takes (LU) over its drive (gain − ceiling, dB): 0 up to the onset, then rising."""

    def __init__(self, onset_db: float) -> None:
        """``onset_db``: the drive at which the highest peak touches the ceiling."""
        self._points: list[tuple[float, float]] = [(onset_db, 0.0)]

    def add(self, drive_db: float, loss_lu: float) -> None:
        self._points.append((drive_db, max(loss_lu, 0.0)))
        self._points.sort()

    def loss(self, drive_db: float) -> float:
        """At the point nearest to ``drive_db``, carried on from there by the slope."""
        nearest = min(self._points, key=lambda point: abs(point[0] - drive_db))
        return max(nearest[1] + (1.0 - self.slope(drive_db)) * (drive_db - nearest[0]), 0.0)

    def slope(self, drive_db: float) -> float:
        """LU that a dB of gain still adds around ``drive_db``."""
        if len(self._points) == 1 or drive_db <= self._points[0][0]:
            return 1.0
        near = sorted(self._points, key=lambda point: abs(point[0] - drive_db))
        first = near[0]
        other = next((point for point in near[1:] if abs(point[0] - first[0]) > 0.02), None)
        if other is None:
            return 1.0
        return min(1.0, max(LEAST_SLOPE, 1.0 - (first[1] - other[1]) / (first[0] - other[0])))
