"""What would keep a sensor from working here, one line a part: `edge-engage doctor`."""

from edge.doctor.examine import doctor

__all__ = ["doctor"]
