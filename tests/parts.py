"""Real parts that tests run against. On a CI machine a missing part is a failure, never a skip."""

from __future__ import annotations

import os
import shutil

import pytest


def need(program: str, package: str) -> str:
    """The path of a program, or a skip that names the Debian package to install."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or missing(f"{program} is not here. Install it: sudo apt install {package}")


def need_root(why: str) -> None:
    if os.geteuid() != 0:
        missing(f"needs root: {why}")


def missing(message: str) -> str:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
