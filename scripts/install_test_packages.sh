#!/usr/bin/env bash
# Installs the Debian packages that some tests need, where we may; elsewhere says which tests will be left out.
# In CI (CI=true) a missing one is an error.
set -euo pipefail

missing=()
left_out=()
need() { # need CHECK PACKAGE TESTS
    if ! eval "$1" > /dev/null 2>&1; then
        missing+=("$2")
        left_out+=("$3 (needs $2)")
    fi
}
look() {
    missing=()
    left_out=()
    need 'command -v chromium' chromium 'browser journeys'
    need 'compgen -G "/usr/lib/postgresql/*/bin/initdb"' postgresql 'tests on PostgreSQL'
    need 'command -v java' openjdk-17-jre-headless 'measures on Spark'
}

look
if [ "${#missing[@]}" -eq 0 ]; then
    echo 'All there.'
    exit 0
fi

if command -v apt-get > /dev/null; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2> /dev/null; then
        echo "Installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        "${as_root[@]}" apt-get update -qq || true
        "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null || true
    fi
fi

look
if [ "${#missing[@]}" -eq 0 ]; then
    echo 'Installed.'
    exit 0
fi
printf 'Left out: %s\n' "${left_out[@]}"
echo "To run them: apt-get install ${missing[*]}"
if [ "${CI:-}" = true ]; then
    echo 'In CI no test may be left out.' >&2
    exit 1
fi
