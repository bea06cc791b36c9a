"""`make fuzz`: each reader in turn, for so many seconds, steered by coverage. What fails is kept in the corpus."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

# The programs before the tests, whose folders bear the same names.
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each reader (60)")
    parser.add_argument("--only", nargs="*", default=[], help="names of readers; all without")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # in a process of its own: the fuzzer ends with it
    flags = parser.parse_args()
    if flags.one:
        return _one(flags.one, flags.seconds)
    from fuzz.targets import TARGETS

    failed = []
    for name in flags.only or TARGETS:
        print(f"--- {name}", flush=True)
        command = [sys.executable, __file__, "--one", name, "--seconds", str(flags.seconds)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "Nothing was found.")
    return 1 if failed else 0


def _one(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["edge", "train", "convert", "fuzz"]):
        from fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = Path(__file__).parent / "corpus" / name

    def attempt(data: bytes) -> None:
        try:
            target.attempt(data)
        except Exception:
            corpus.mkdir(parents=True, exist_ok=True)
            (corpus / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
            raise

    with tempfile.TemporaryDirectory() as seeds:
        for number, data in enumerate([*target.seeds, *(file.read_bytes() for file in target.found_before())]):
            (Path(seeds) / str(number)).write_bytes(data)
        limits = [f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=4096", "-print_final_stats=1"]
        atheris.Setup([name, *limits, f"-artifact_prefix={seeds}/", seeds], attempt)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
