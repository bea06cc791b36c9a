"""The program as a good citizen of its machine: systemd, signals, health, pause and state on disk.

How `edge-engage run` uses it:

    notifier = Notifier(os.environ)
    on_stop_signal(sensor.stop)
    sensor.run(tick=lambda: notifier.progress(sensor.vitals().progress))
    publisher.health(encode(Health(status=..., camera=..., ...)))   # every service.health_seconds
    notifier.stopping()
"""

from edge.service.discretion import keep_to_itself
from edge.service.health import Health, encode
from edge.service.notify import Notifier
from edge.service.pause import Pause
from edge.service.signals import on_stop_signal
from edge.service.state import state_folder
from edge.service.synchronized import Synchronized

__all__ = ["Health", "Notifier", "Pause", "Synchronized", "encode", "keep_to_itself", "on_stop_signal", "state_folder"]
