"""The report is one file that asks no server for anything, and a browser shows all of it."""

from __future__ import annotations

import html.parser
import shutil
import subprocess
from pathlib import Path

import pytest
from layouts import write_csv
from parts import need

from train.cli import main
from train.datasets import read

LEVELS = ("low", "mid", "high")
SOURCES = {"src", "href", "data", "action", "poster", "srcset"}


class Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.text = ""

    def handle_starttag(self, _tag, attributes):
        self.sources += [value for name, value in attributes if name in SOURCES]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page(run_folder, wacv, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run = folder / "first & <best>"
    shutil.copytree(run_folder, run)
    assert main(["audit", str(wacv), "--out", str(run / "audit")]) == 0
    assert main(["evaluate", str(run), "--data", str(wacv)]) == 0
    assert main(["explain", str(run), "--data", str(wacv), "--count", "6"]) == 0
    second = folder / "second"
    shutil.copytree(run_folder, second)
    assert main(["evaluate", str(second), "--data", str(wacv)]) == 0
    assert main(["report", str(run), str(second), "-o", str(folder / "page.html")]) == 0
    assert main(["report", str(run), "--pictures", "-o", str(folder / "faces.html")]) == 0
    return folder / "page.html"


def test_nothing_is_fetched_from_anywhere(page):
    reader = Reader()
    text = page.read_text()
    reader.feed(text)
    assert reader.sources
    assert all(source.startswith("data:image/png;base64,") for source in reader.sources)
    assert "url(" not in text
    assert "@import" not in text
    assert "<script" not in text


def test_everything_a_reader_asks_for_is_there(page):
    reader = Reader()
    reader.feed(page.read_text())
    for words in (
        "first & <best>",
        "second",
        "Audit of the data",
        "format: The file's format alone predicts the label",
        "calibration error",
        "balanced accuracy",
        "LEAKY: the network was trained on 8 of these 8 subjects",
        "even attention would give",
        "95 % over 8 subjects",
    ):
        assert words in reader.text, words


def test_pictures_of_faces_are_left_out_unless_asked_for(page):
    assert "attention on face crops" not in page.read_text()
    assert "attention on face crops" in page.with_name("faces.html").read_text()


def test_a_browser_shows_it(page, tmp_path):
    chromium = need("chromium", "chromium")
    words = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
    shown = subprocess.run([*words, page.as_uri()], capture_output=True, text=True, timeout=120, check=True).stdout
    assert shown.count("<img") == page.read_text().count("<img") == 3
    assert "balanced accuracy" in shown


def test_a_folder_without_a_run_is_one_message(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "holds neither facts.json nor an evaluation" in capsys.readouterr().err


def test_the_figures_by_condition_and_by_group_are_part_of_it(run_folder, wacv, tmp_path):
    rows = [(Path(s.origin).resolve(), LEVELS[s.label], s.group, n % 2) for n, s in enumerate(read(wacv).samples)]
    manifest = write_csv(tmp_path / "m.csv", ("path", "label", "subject", "glasses"), rows)
    run = tmp_path / "run"
    shutil.copytree(run_folder, run)
    assert main(["evaluate", str(run), "--data", str(manifest), "--as-seen", "--by", "glasses"]) == 0
    assert main(["report", str(run), "-o", str(tmp_path / "page.html")]) == 0
    reader = Reader()
    reader.feed((tmp_path / "page.html").read_text())
    for words in ("As a camera sees them", "32 px, dark", "shift of engaged", "By glasses, 24 px", "1 over 0"):
        assert words in reader.text, words
    assert (tmp_path / "page.html").read_text().count("<img") == 2  # confusion and calibration, and as seen
