"""TensorFlow, when it is needed and only then; its chatter is kept for the case that something fails."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from edge.errors import Problem

__all__ = ["quiet", "tensorflow"]


def tensorflow() -> Any:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # Without it float results differ from machine to machine, and so would the bytes of a bundle.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with quiet():
            import keras  # noqa: F401  # checks that both halves are there
            import tensorflow as tf
    except ImportError as error:
        raise Problem(
            f"This command needs TensorFlow, which is not installed here ({error}). "
            "Install it with: pip install 'edge-engage[convert]'"
        ) from None
    return tf


@contextmanager
def quiet() -> Iterator[IO[bytes]]:
    """Send what TensorFlow writes to standard error into a file, which the caller may read afterwards."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as chatter, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.dup2(chatter.fileno(), 2)
        try:
            yield chatter
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
