"""What the two desktop programs read: TFLite files, and every layout of data set."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from fuzz.target import Target, Tree
from graphs import beginning
from layouts import FER_VOTES, daisee, face

from convert.graph import edgetpu
from convert.graph.flatbuffer import parse
from convert.graph.inspect import inspect, table
from convert.graph.runtimes import legacy_lacks
from edge.errors import Problem
from edge.model.bundle import shipped
from train import datasets
from train.datasets import Clips, Own
from train.datasets.arrays import to_arrays
from train.datasets.manifest import Columns
from train.datasets.pictures import read_picture

__all__ = ["TARGETS"]


def _graph(data: bytes) -> None:
    graph = parse(data, "it")
    for tensor in graph.tensors:
        with suppress(Problem):
            tensor.array()
    legacy_lacks(graph)
    edgetpu.check(graph).summary()
    graph.peak()


def _inspect(data: bytes) -> None:
    """With the runtime's own opinion."""
    table(inspect(data, "it"), tensors=True)


def _png(number: int, suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, face(number, 0))[1].tobytes()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _read(path: Path, **options: object) -> None:
    to_arrays(datasets.read(path, **options), size=16)


def _file(name: str) -> Callable[[Path], None]:
    return lambda folder: _read(folder / name)


_SMALL = [
    beginning((shipped(name) / "model.tflite").read_bytes(), count)
    for name, count in (("detector-blazeface", 8), ("engagement", 2))
]
_PIXELS = " ".join(["7"] * 48 * 48)
_FER = f"emotion,pixels,Usage\n0,{_PIXELS},Training\n6,{_PIXELS},PrivateTest\n"
_VOTES = f"Usage,Image name,{','.join(FER_VOTES)}\nTraining,a.png,9{',0' * 9}\nPrivateTest,b.png,0,8,1{',0' * 7}\n"
_fer = Tree({"fer2013.csv": _FER.encode(), "votes.csv": _VOTES.encode()})
_manifest = Tree(
    {
        "m.csv": b"path,label,subject,split,margin,age\na.png,low,s1,train,0.1,7\nb.png,high,s2,test,0.1,8\n",
        "a.png": _png(1),
        "b.png": _png(2),
    }
)
_classes = Tree(
    {
        "who.csv": b"path,subject,session\nlow/a.png,s1,l1\nhigh/b.png,s2,l1\n",
        "set/low/a.png": _png(1),
        "set/high/b.png": _png(2),
    }
)
_arrays = Tree(
    {
        "X_train.npy": _npy(np.zeros((3, 4, 4), np.float32)),
        "Y_train.npy": _npy(np.array([0, 1, 1])),
        "X_val.npy": _npy(np.full((1, 4, 4, 1), 200, np.uint8)),
        "Y_val.npy": _npy(np.array([[1.0, 0.0]])),
    }
)
_pictures = Tree({f"a{suffix}": _png(1, suffix) for suffix in (".png", ".jpg", ".bmp", ".webp", ".pgm", ".tiff")})


def _votes(folder: Path) -> None:
    for labels in ("soft", "majority", "votes"):
        _read(folder / "fer2013.csv", votes=folder / "votes.csv", labels=labels)


def _own(folder: Path) -> None:
    _read(folder / "m.csv", own=Own(Columns(subject="age"), labels=("low=low",)))


def _listed(folder: Path) -> None:
    _read(folder / "set", layout="classes", own=Own(subjects=folder / "who.csv"))


def _each_picture(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        read_picture(file)


def _clips() -> Tree:
    """DAiSEE with its sequences already cut, so that only labels and the cut ones are read."""
    with tempfile.TemporaryDirectory() as name:
        folder = daisee(Path(name), subjects=1, frames=8, size=32)
        datasets.read(folder, clips=_CUT)
        return Tree({str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()})


_CUT = Clips(crop="frame", frames=2, stride=4, size=16)
_LAYOUTS = ("fer2013-folders", "wacv2016", "classes", "student-engagement", "npy", "daisee")
_NAMES = {
    "fer2013-folders": b"train/angry/a.png\ntest/happy/b.png",
    "wacv2016": b"dataset/1/img1_1.png\ndataset/2/img2_1.png\ndataset/3/img3_1.png",
    "classes": b"train/low/a.png\ntest/high/b.png",
    "student-engagement": b"Engaged/confused/a.png\nNot engaged/bored/b.png",
}


def _names(data: bytes) -> None:
    """Folders and files of any name, all of them good pictures."""
    layout = _LAYOUTS[data[0] % len(_LAYOUTS) if data else 0]
    with tempfile.TemporaryDirectory(dir=_pictures.folder.parent) as name:
        top = Path(name)
        for line in data[1:].splitlines()[:10]:
            parts = [part for part in line.replace(b"\0", b"").split(b"/") if part not in (b"", b".", b"..")]
            file = top.joinpath(*(part[:60].decode(errors="replace")[:60] for part in parts[:4]))
            if not file.exists() and not any(parent.is_file() for parent in file.parents):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(_PICTURE)
        _read(top, layout=layout)
        _read(top)


_PICTURE = _png(1)


def _sequences(data: bytes) -> None:
    _daisee.given(data, lambda folder: _read(folder, clips=_CUT))


_daisee = _clips()


def _tree(name: str, tree: Tree, read: Callable[[Path], object], *seeds: str) -> Target:
    return Target(name, lambda data: tree.given(data, read), tree.seeds(*seeds))


TARGETS = [
    Target("graph", _graph, _SMALL),
    Target("inspect", _inspect, _SMALL),
    _tree("fer2013", _fer, _file("fer2013.csv"), "fer2013.csv"),
    _tree("ferplus", _fer, _votes, "votes.csv", "fer2013.csv"),
    _tree("manifest", _manifest, _file("m.csv")),
    _tree("own-columns", _manifest, _own, "m.csv"),
    _tree("classes", _classes, _listed),
    _tree("npy", _arrays, _read),
    _tree("pictures", _pictures, _each_picture),
    Target("names", _names, [bytes([_LAYOUTS.index(name)]) + lines for name, lines in _NAMES.items()]),
    Target("daisee", _sequences, _daisee.seeds("Labels/TrainLabels.csv", "sequences-frame-16-2/1100011002.h5")),
]
