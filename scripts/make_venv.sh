#!/bin/sh
# Make a virtual environment with a Python that TensorFlow supports: make_venv.sh PYTHON DIRECTORY
set -eu

asked=$1
directory=$2

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

python=
for candidate in "$asked" python3.13 python3.12 python3.11; do
    if suits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Neural Playground needs Python 3.11, 3.12 or 3.13; none was found" \
        "($asked: $("$asked" --version 2>/dev/null || echo 'not there'))." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3 ..." >&2
    exit 1
fi

if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$python cannot make virtual environments: its modules venv and ensurepip are missing." >&2
    echo "On Debian and Ubuntu: sudo apt-get install python$version-venv" >&2
    exit 1
fi

"$python" -m venv --clear "$directory"
