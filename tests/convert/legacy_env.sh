#!/bin/sh
# An environment of its own for tflite-runtime 2.14: it needs numpy < 2 and Python 3.11 or older.
# What a command line of ours imports comes along, TensorFlow does not.
# Usage: legacy_env.sh FOLDER    (prints the environment's python)
set -eu
for python in python3.11 python3.10; do
    # A name on PATH may be a shim without an interpreter behind it.
    "$python" -c "import venv, ensurepip" 2>/dev/null && break
    python=
done
[ -n "$python" ] || { echo "tflite-runtime needs Python 3.10 or 3.11 with venv; none is installed." >&2; exit 1; }
if [ ! -f "$1/ready" ]; then
    "$python" -m venv --clear "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check \
        tflite-runtime==2.14.0 'numpy<2' 'opencv-python-headless<4.12' msgspec cryptography
    touch "$1/ready"
fi
echo "$1/bin/python"
