"""The page a teacher looks at. It is fed by an MQTT subscription, like any other client."""

from __future__ import annotations

from edge.dashboard.app import serve

__all__ = ["serve"]
