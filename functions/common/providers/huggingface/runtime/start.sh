#!/bin/sh
# Starts the runtime `container`: installs the locked packages into a folder of its own, then serves
# the model of the repository that this file lies in. Writes nothing to the repository. Runs as any
# user, also without a home.
set -eu

hokus=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/hokus.XXXXXX")
cd "$work"

if [ ! -w "${HOME:-}" ]; then
    export HOME="$work"
fi
# Beside the environment, so that files are linked and not copied.
export UV_CACHE_DIR="${UV_CACHE_DIR:-$work/cache}"
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
# A container starts once: compiled files, of which no later start has any use, would cost 2 s.
export PYTHONDONTWRITEBYTECODE=1

if [ -f "$hokus/built-as-of" ]; then
    # The same setuptools and the like at every start; locked files are not concerned.
    UV_EXCLUDE_NEWER=$(cat "$hokus/built-as-of")
    export UV_EXCLUDE_NEWER
fi

uv venv --quiet --no-project --python "$(command -v python3)" "$work/venv"
export VIRTUAL_ENV="$work/venv" PATH="$work/venv/bin:$PATH"
echo "Installing the model's packages." >&2
uv pip sync --quiet --require-hashes "$hokus/requirements.lock"
if [ -f "$hokus/sources.txt" ]; then
    # Without what they require and the lock lacks: it would differ from start to start.
    uv pip install --quiet --no-deps -r "$hokus/sources.txt"
fi
echo "Loading the model." >&2
exec python -u "$hokus/server.py"
