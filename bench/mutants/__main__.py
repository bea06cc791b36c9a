"""Would the tests notice? Makes small faults in the code, one at a time, and runs the tests that ought to see them.

python bench/mutants                                # aggregate, publish, spool, model, sensor.py of edge
python bench/mutants edge/aggregate --sample 50     # fifty of them, by --seed
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from mutations import Mutant, mutants
from workshop import Limits, Workshop

ROOMS = ("edge/aggregate", "edge/publish", "edge/spool", "edge/model", "edge/sensor.py")
LONGEST = Limits(600, 300)  # for the tests of a file without a fault
NOT_THESE = {"test_house.py"}  # style and types see every change of the text


class Fault(NamedTuple):
    file: Path
    mutant: Mutant


@dataclass
class Result:
    made: int = 0
    caught: int = 0
    endless: int = 0
    """Of those caught, the ones whose tests took too long."""
    survivors: list[dict[str, object]] = field(default_factory=list)
    files: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, fault: Fault, outcome: str) -> None:
        caught = outcome != "passed"
        file = self.files.setdefault(str(fault.file), {"made": 0, "caught": 0})
        self.made += 1
        self.caught += caught
        self.endless += outcome == "took too long"
        file["made"] += 1
        file["caught"] += caught
        if not caught:
            mutant = fault.mutant
            self.survivors.append(
                {"file": str(fault.file), "line": mutant.line, "was": mutant.was, "became": mutant.became}
            )

    @property
    def share(self) -> float:
        return self.caught / max(self.made, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path(room) for room in ROOMS], metavar="PATH")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], help="the house (this one)")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many faults")
    parser.add_argument("--seed", type=int, default=0, help="which ones (0)")
    parser.add_argument("--least", type=float, default=0.0, help="share to catch, or the exit status is 1")
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    flags = parser.parse_args()
    root = flags.root.resolve()
    faults = [
        Fault(file, mutant)
        for path in flags.paths
        for file in _modules(root, path)
        for mutant in mutants((root / file).read_text(encoding="utf-8"))
    ]
    if flags.sample is not None and flags.sample < len(faults):
        chosen = random.Random(flags.seed).sample(range(len(faults)), flags.sample)
        faults = [faults[n] for n in sorted(chosen)]
    began = time.monotonic()
    with Workshop(root) as workshop:
        result = examine(workshop, faults, quiet=flags.json)
    summary = {
        "made": result.made,
        "caught": result.caught,
        "endless": result.endless,
        "share": round(result.share, 4),
        "sample": flags.sample,
        "seed": flags.seed,
        "seconds": round(time.monotonic() - began),
        "files": result.files,
        "survivors": result.survivors,
    }
    figure = f"{result.caught} of {result.made} caught ({result.endless} by taking too long): {result.share:.1%}"
    print(json.dumps(summary, indent=2) if flags.json else figure)
    return int(result.share < flags.least)


def examine(workshop: Workshop, faults: list[Fault], *, quiet: bool) -> Result:
    result = Result()
    for file, of_file in itertools.groupby(faults, key=lambda fault: fault.file):
        groups = [(tests, _limits(workshop, tests)) for tests in _tests(workshop.root, file)]
        for fault in of_file:
            made = fault.mutant
            runs = (workshop.with_fault(file, made.source, tests, limits) for tests, limits in groups)
            outcome = next((run.outcome for run in runs if run.outcome != "passed"), "passed")
            result.count(fault, outcome)
            if outcome == "passed" and not quiet:
                print(f"{file}:{made.line}: {_short(made.was)}  ->  {_short(made.became)}", flush=True)
        if not quiet:
            print("{0}: {caught} of {made} caught".format(file, **result.files[str(file)]), flush=True)
    return result


def _limits(workshop: Workshop, tests: list[Path]) -> Limits:
    """How long these tests may take with a fault: several times what they take without, and some seconds."""
    run = workshop.run(tests, LONGEST)
    if run.outcome != "passed":
        print(workshop.said, file=sys.stderr)
        sys.exit(f"Without any fault these tests {run.outcome}: {', '.join(map(str, tests))}. Mend them first.")
    return Limits(5 * run.took.wall + 20, 3 * run.took.processor + 3)


def _modules(root: Path, path: Path) -> list[Path]:
    if not (root / path).exists():
        sys.exit(f"There is no {path} in {root}.")
    files = sorted((root / path).rglob("*.py")) if (root / path).is_dir() else [root / path]
    return [file.relative_to(root) for file in files]


def _tests(root: Path, module: Path) -> list[list[Path]]:
    """Those that mirror the module first, then the rest of its room's."""
    folder = Path("tests", *module.parts[1:-1])
    mirror = folder / f"test_{module.stem}.py"
    room = sorted(file.relative_to(root) for file in (root / folder).glob("test_*.py"))
    rest = [file for file in room if file != mirror and file.name not in NOT_THESE]
    return [group for group in ([mirror] if mirror in room else [], rest) if group]


def _short(text: str) -> str:
    first = text.splitlines()[0]
    return first if first == text else f"{first} …"


if __name__ == "__main__":
    sys.exit(main())
