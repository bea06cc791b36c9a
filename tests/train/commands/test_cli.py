"""The command line as a person meets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from train.cli import COMMANDS, main


def test_help_names_every_question_without_loading_a_library():
    code = (
        "import sys; from train.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted(sys.modules), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    for command in ("audit", "prepare", "arrays", "pretrain", "transfer", "evaluate", "explain", "live", "report"):
        assert command in shown.stdout
    assert "'keras'" not in shown.stderr
    assert "'sklearn'" not in shown.stderr


def test_the_help_of_every_command_loads_no_heavy_library():
    heavy = ("tensorflow", "keras", "torch", "sklearn", "scipy", "matplotlib", "h5py")
    code = (
        "import sys; from train.cli import COMMANDS, main\n"
        "for name in COMMANDS:\n"
        "    try: main([name, '--help'])\n"
        "    except SystemExit: pass\n"
        f"    print(name, [m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=280, check=True)
    assert shown.stderr.splitlines() == [f"{name} []" for name in COMMANDS]
    assert shown.stdout.count("usage: train") == len(COMMANDS)


@pytest.mark.parametrize("library", ["tensorflow", "sklearn"])
def test_a_missing_library_is_answered_with_the_command_that_installs_it(library, wacv, tmp_path):
    # Python itself refuses the import, as it does where the library is not installed.
    command = ["audit", str(wacv)]
    if library == "tensorflow":
        command = ["pretrain", "--data", str(wacv), "--allow", "--out", str(tmp_path)]
    code = f"import sys; sys.modules[{library!r}] = None; from train.cli import main; sys.exit(main({command!r}))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert shown.returncode == 2
    assert f"train: {library} is not installed. Run: pip install 'edge-engage[train]'" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_an_unknown_command_is_refused():
    with pytest.raises(SystemExit) as stopped:
        main(["divine"])
    assert stopped.value.code == 2
