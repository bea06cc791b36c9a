"""The command line as a person meets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from train.cli import main


def test_help_names_every_question_without_loading_a_library():
    code = (
        "import sys; from train.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted(sys.modules), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    for command in ("audit", "prepare", "arrays", "pretrain", "transfer", "evaluate", "explain", "report"):
        assert command in shown.stdout
    assert "'keras'" not in shown.stderr
    assert "'sklearn'" not in shown.stderr


@pytest.mark.parametrize("library", ["tensorflow", "sklearn"])
def test_a_missing_library_is_answered_with_the_command_that_installs_it(library):
    # Python itself refuses the import, as it does where the library is not installed.
    command = ["pretrain", "--help"] if library == "tensorflow" else ["audit", "--help"]
    code = f"import sys; sys.modules[{library!r}] = None; from train.cli import main; sys.exit(main({command!r}))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert shown.returncode == 2
    assert f"train: {library} is not installed. Run: pip install 'edge-engage[train]'" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_an_unknown_command_is_refused():
    with pytest.raises(SystemExit) as stopped:
        main(["divine"])
    assert stopped.value.code == 2
