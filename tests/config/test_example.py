from __future__ import annotations

import re
from pathlib import Path

from edge.config import Config, example, load
from edge.config.keys import KEYS

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_loading_the_example_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(example(), encoding="utf-8")
    assert load(file) == Config()


def test_every_key_of_the_example_may_be_uncommented(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(re.sub(r"^# (\w+ = )", r"\1", example(), flags=re.MULTILINE), encoding="utf-8")
    values = load(file).keys()
    assert values.keys() == KEYS.keys()
    assert None not in values.values()


def test_every_key_is_explained() -> None:
    for key in KEYS.values():
        assert key.description.endswith("."), key


def test_the_document_holds_this_very_example() -> None:
    assert f"```toml\n{example()}```" in DOCUMENT.read_text(encoding="utf-8"), (
        "docs/configuration.md is out of date: paste the output of `edge-engage config example`."
    )
