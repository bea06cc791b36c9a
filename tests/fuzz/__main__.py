"""`make fuzz`: each reader in turn, for so many seconds, steered by coverage. What fails is kept in the corpus."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import atheris

# The programs before the tests, whose folders bear the same names.
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
with atheris.instrument_imports(include=["edge", "train", "convert"]):
    from fuzz.target import CORPUS, Target
    from fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each reader (60)")
    parser.add_argument("--only", nargs="*", default=[], choices=TARGETS, help="names of readers; all without")
    flags = parser.parse_args()
    failed = []
    for name in flags.only or TARGETS:
        print(f"--- {name}", flush=True)
        # In a process of its own: the fuzzer ends with it, and may crash it.
        if (child := os.fork()) == 0:
            _fuzz(TARGETS[name], flags.seconds)
        if os.waitpid(child, 0)[1]:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "Nothing was found.")
    return 1 if failed else 0


def _fuzz(target: Target, seconds: int) -> None:
    kept = CORPUS / target.name

    def attempt(data: bytes) -> None:
        try:
            target.attempt(data)
        except Exception:
            kept.mkdir(parents=True, exist_ok=True)
            (kept / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
            raise

    with tempfile.TemporaryDirectory() as seeds:
        for number, data in enumerate([*target.seeds, *(file.read_bytes() for file in target.found_before())]):
            (Path(seeds) / str(number)).write_bytes(data)
        limits = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1"]
        atheris.Setup([target.name, *limits, f"-artifact_prefix={seeds}/", seeds], attempt)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
