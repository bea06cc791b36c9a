"""One's own pictures: a folder a class, a table with its own column names, labels called otherwise, sessions."""

from __future__ import annotations

import argparse
import struct
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from layouts import face, picture, write_csv

from edge.errors import Problem
from train.cli import main
from train.commands.data_options import add_data_options, read_data
from train.datasets import Own, layout_of, read
from train.datasets.manifest import Columns
from train.datasets.pictures import read_picture
from train.datasets.prepare import prepare


@pytest.fixture
def folder(tmp_path) -> Path:
    """`Müde/anna_mo_0.png`: who, which day, and a number."""
    for label in ("Müde", "wach"):
        for who in ("anna", "ben"):
            for day in ("mo", "di"):
                picture(tmp_path / "own" / label / f"{who}_{day}_0.png", face(len(who), 0))
    return tmp_path / "own"


def test_one_folder_a_class_is_recognised_and_labels_are_the_folders_names(folder):
    assert layout_of(folder) == "classes"
    dataset = read(folder)
    assert dataset.labels == ("Müde", "wach")
    assert [dataset.labels[sample.label] for sample in dataset.samples] == ["Müde"] * 4 + ["wach"] * 4
    assert dataset.groups() == ("",)


@pytest.mark.parametrize("pattern", [r"/(\w+?)_", r"(?P<session>[a-z]+)_0", r"/(?P<subject>\w+?)_(?P<session>\w\w)_"])
def test_a_pattern_tells_subject_and_session_from_the_name(folder, pattern):
    samples = read(folder, own=Own(subject_pattern=pattern)).samples
    if "subject" in pattern or "session" not in pattern:
        assert {sample.group for sample in samples} == {"anna", "ben"}
    assert {sample.session for sample in samples} == ({"mo", "di"} if "session" in pattern else {""})


def test_pictures_whose_name_tells_nobody_are_listed_and_not_lost(folder):
    picture(folder / "wach" / "unknown.png", face(1, 0))
    dataset = read(folder, own=Own(subject_pattern=r"/(\w+?)_"))
    assert len(dataset) == 8
    assert [(Path(s.origin).name, s.reason) for s in dataset.skipped] == [
        ("unknown.png", r"its name does not match --subject-pattern /(\w+?)_")
    ]


def test_a_table_tells_subjects_and_what_does_not_fit_is_listed(folder, tmp_path):
    rows = [("wach/anna_mo_0.png", "Anna", "Monday"), ("Müde/ben_di_0.png", "Ben", ""), ("wach/gone.png", "Cleo", "")]
    listed = write_csv(tmp_path / "who.csv", ("path", "subject", "session"), rows)
    dataset = read(folder, own=Own(subjects=listed))
    assert {(s.group, s.session) for s in dataset.samples} == {("Anna", "Monday"), ("Ben", "")}
    reasons = [skipped.reason for skipped in dataset.skipped]
    assert sum("is not listed in" in reason for reason in reasons) == 6
    assert sum("wach/gone.png is no picture" in reason for reason in reasons) == 1


def test_splits_may_lie_above_the_classes(tmp_path):
    for n, (split, label) in enumerate([("train", "calm"), ("train", "busy"), ("val", "calm"), ("test", "busy")]):
        picture(tmp_path / split / label / f"{n}.png", face(n, 0))
    dataset = read(tmp_path)
    assert {(s.split, dataset.labels[s.label]) for s in dataset.samples} == {
        ("train", "calm"),
        ("train", "busy"),
        ("validation", "calm"),
        ("test", "busy"),
    }


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(", "no regular expression"), ("img", "has no group"), (r"(\d{9})", "None of the 8 files .* can be used")],
)
def test_a_pattern_that_cannot_work_is_said(folder, pattern, said):
    with pytest.raises(Problem, match=said):
        read(folder, own=Own(subject_pattern=pattern))


def own_table(folder: Path) -> Path:
    rows = []
    for n in range(8):
        picture(folder / f"{n}.png", face(n, 0))
        rows.append((f"{n}.png", ("phone", "listens", "drowsy", "?")[n % 4], f"p{n // 4}", f"day {n % 2}"))
    return write_csv(folder / "lesson.csv", ("file", "what", "who", "day"), rows)


COLUMNS = Columns(path="file", label="what", subject="who", session="day")


def test_columns_are_called_as_the_table_calls_them(tmp_path):
    dataset = read(own_table(tmp_path), own=Own(COLUMNS))
    assert {(s.group, s.session) for s in dataset.samples} == {(f"p{p}", f"day {d}") for p in (0, 1) for d in (0, 1)}


def test_a_column_that_was_named_must_be_there(tmp_path):
    with pytest.raises(Problem, match=r"lesson\.csv:1 has no column 'whom'; it has file, what, who, day"):
        read(own_table(tmp_path), own=Own(Columns(path="file", label="what", subject="whom")))
    with pytest.raises(Problem, match="Say which is which: --path-column"):
        read(own_table(tmp_path))


def test_labels_are_called_otherwise_joined_and_left_out(tmp_path):
    own = Own(COLUMNS, labels=("phone=low", "drowsy=low", "listens=high", "?="))
    dataset = read(own_table(tmp_path), own=own)
    assert dataset.labels == ("low", "mid", "high")
    assert [dataset.labels[sample.label] for sample in dataset.samples] == ["low", "high", "low"] * 2
    assert [skipped.reason for skipped in dataset.skipped] == ["left out by --map ?="] * 2
    assert "phone=low" in dataset.provenance


def test_a_label_to_map_that_is_none_is_said(tmp_path):
    with pytest.raises(Problem, match="--map tablet=low: lesson has no label 'tablet'; it has"):
        read(own_table(tmp_path), own=Own(COLUMNS, labels=("tablet=low",)))


def test_the_command_line_says_all_of_it(tmp_path, capsys):
    file = own_table(tmp_path)
    words = ["--path-column", "file", "--label-column", "what", "--subject-column", "who", "--session-column", "day"]
    assert main(["audit", str(file), *words, "--map", "phone=low", "?="]) == 0
    assert "low" in capsys.readouterr().out
    assert main(["audit", str(file), *words, "--subject-pattern", "(x)"]) == 2
    assert "they are for one folder a class" in capsys.readouterr().err


def test_prepared_faces_keep_their_session(tmp_path):
    dataset = read(own_table(tmp_path), own=Own(COLUMNS))
    whole = np.array([[0, 0, 48, 48]], np.float32)
    done = prepare(dataset, tmp_path / "faces", lambda: lambda _image: whole, size=16, margin=0.0)
    again = read(done.manifest)
    assert [(s.group, s.session) for s in again.samples] == [(s.group, s.session) for s in dataset.samples]


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [("label", ("Low", "a"), ("low", "b")), ("subject", ("low", "Anna"), ("high", "anna "))],
)
def test_names_that_differ_only_in_how_they_are_written_are_not_two(tmp_path, what, first, second):
    rows = [(picture(tmp_path / f"{n}.png", face(n, 0)), *row) for n, row in enumerate((first, second))]
    file = write_csv(tmp_path / "own.csv", ("path", "label", "subject"), rows)
    with pytest.raises(
        Problem, match=f"There are the {what}s '.*' and '.*', which are one but for how they are written"
    ):
        read(file)


def test_a_label_written_in_two_ways_is_joined_by_name(tmp_path):
    rows = [(picture(tmp_path / f"{n}.png", face(n, 0)), label) for n, label in enumerate(("Low", "low", "high"))]
    file = write_csv(tmp_path / "own.csv", ("path", "label"), rows)
    dataset = read(file, own=Own(labels=("Low=low",)))
    assert [dataset.labels[sample.label] for sample in dataset.samples] == ["low", "low", "high"]


@pytest.mark.parametrize("margins", [("nan", "nan"), ("-5", "-5"), ("inf", "inf"), ("wide", "wide"), ("0.15", "0.4")])
def test_margins_are_read_from_every_row_and_must_be_possible(tmp_path, margins):
    rows = [(picture(tmp_path / f"{n}.png", face(n, 0)), "low", margin) for n, margin in enumerate(margins)]
    file = write_csv(tmp_path / "own.csv", ("path", "label", "margin"), rows)
    with pytest.raises(Problem, match=r"own\.csv:[23] has the margin"):
        read(file)


@pytest.mark.parametrize("command", [["prepare", "--out", "out"], ["arrays", "-o", "out.npz"]])
def test_margins_on_the_command_line_must_be_possible_too(tmp_path, command, capsys):
    file = own_table(tmp_path)
    words = [command[0], str(file), command[1], str(tmp_path / command[2])]
    for margin in ("nan", "-5"):
        assert main([*words, f"--margin={margin}"]) == 2
        assert f"The command line has the margin '{margin}'" in capsys.readouterr().err


def test_a_path_column_that_is_all_wrong_names_the_first_and_where_it_was_looked_for(tmp_path):
    file = write_csv(tmp_path / "own.csv", ("path", "label"), [("img/a.png", "low"), ("img/b.png", "high")])
    with pytest.raises(Problem, match=rf"none of the 2 pictures it lists exists.*{tmp_path}/img/a\.png.*relative to"):
        read(file)


def test_huge_pictures_are_read_smaller_and_within_bounds(tmp_path):
    small = cv2.resize(cv2.cvtColor(face(1, 1), cv2.COLOR_GRAY2BGR), (600, 600))
    small[:, :, 0] //= 2
    cv2.imwrite(str(tmp_path / "huge.jpg"), cv2.resize(small, (9000, 9000)))
    tracemalloc.start()
    image = read_picture(tmp_path / "huge.jpg")
    assert image.shape == (2250, 2250, 3)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
    assert np.abs(cv2.resize(image, (600, 600), interpolation=cv2.INTER_AREA).astype(int) - small).mean() < 4


def test_grey_pictures_stay_grey_when_they_are_read_smaller(tmp_path):
    cv2.imwrite(str(tmp_path / "huge.jpg"), cv2.resize(face(1, 1), (5000, 5000)))
    assert read_picture(tmp_path / "huge.jpg").shape == (2500, 2500)


def test_a_picture_that_says_it_is_enormous_is_listed_and_not_decoded(tmp_path):
    said = struct.pack(">IIBBBBB", 12000, 12000, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", said), (b"IDAT", zlib.compress(bytes(12001 * 12000)))]
    encoded = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(encoded))
    picture(tmp_path / "a.png", face(1, 0))
    dataset = read(write_csv(tmp_path / "own.csv", ("path", "label"), [("bomb.png", "low"), ("a.png", "low")]))
    assert len(dataset) == 1
    assert "Make it smaller first" in dataset.skipped[0].reason


def test_all_data_options_reach_the_reading():
    parser = argparse.ArgumentParser()
    add_data_options(parser, positional=True)
    with pytest.raises(Problem, match="does not exist"):
        read_data(parser.parse_args(["nowhere", "--whole", "session"]))
