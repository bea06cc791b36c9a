"""Where the broker's password comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edge.config.sections import Mqtt
from edge.disk import refuse_open
from edge.errors import Problem

__all__ = ["CREDENTIAL", "PASSWORD_VARIABLE", "password"]

PASSWORD_VARIABLE = "EDGE_ENGAGE_MQTT_PASSWORD"  # noqa: S105 - a name, no secret
CREDENTIAL = "mqtt-password"
"""The systemd credential's name: LoadCredential=mqtt-password:/etc/edge-engage/mqtt-password."""


def password(mqtt: Mqtt, environment: Mapping[str, str]) -> str | None:
    """The broker's password: the environment's, the file's, or systemd's credential; None if there is none.

    A password within mqtt.url is not looked at here: `edge.publish.address` reads it.
    """
    if PASSWORD_VARIABLE in environment:
        return environment[PASSWORD_VARIABLE]
    if mqtt.password_file:
        refuse_open(Path(mqtt.password_file), "a password")
        if secret := _read(Path(mqtt.password_file), "mqtt.password_file names it"):
            return secret
        raise Problem(f"The password file {mqtt.password_file} is empty. Write the password into it, or take it out.")
    folder = environment.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder or "", CREDENTIAL)
    # The unit always passes one; the installer leaves it empty where the broker asks for none.
    return (_read(credential, "systemd passed it") or None) if folder and credential.exists() else None


def _read(path: Path, why: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except OSError as error:
        raise Problem(f"The password file {path} cannot be read: {error.strerror}. ({why}.)") from None
    except UnicodeDecodeError:
        raise Problem(f"The password file {path} is no UTF-8 text. ({why}.)") from None
