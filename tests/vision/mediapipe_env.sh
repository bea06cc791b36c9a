#!/bin/sh
# An environment of its own for MediaPipe: it needs numpy < 2 and an older Python than we allow.
# Only what its face detector imports is installed; its metadata asks for a gigabyte more.
# Usage: mediapipe_env.sh FOLDER    (prints the environment's python)
set -eu
for python in python3.12 python3.11 python3.10; do
    # A name on PATH may be a shim without an interpreter behind it.
    "$python" -c "import venv, ensurepip" 2>/dev/null && break
    python=
done
[ -n "$python" ] || { echo "MediaPipe needs Python 3.10, 3.11 or 3.12 with venv; none is installed." >&2; exit 1; }
if [ ! -f "$1/ready" ]; then
    "$python" -m venv --clear "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps mediapipe==0.10.21
    "$1/bin/pip" install --quiet --disable-pip-version-check \
        'numpy<2' 'opencv-python-headless<4.12' 'protobuf>=4.25.3,<5' absl-py attrs flatbuffers matplotlib sounddevice
    touch "$1/ready"
fi
echo "$1/bin/python"
