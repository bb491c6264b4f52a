#!/bin/sh
# Brings what the tests run against and Python packages can't hold, from Debian: PostgreSQL's server, Chromium and fonts,
# SoftHSM.
# Does nothing where they are there, or where this user may not install packages (the tests that need them then skip).
set -eu
wanted=
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium fonts-noto-core"
command -v softhsm2-util >/dev/null 2>&1 || wanted="$wanted softhsm2"
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not installed, so the tests that need them skip:$wanted"
  exit 0
fi
echo "Installing$wanted"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# A PostgreSQL package starts a server of its own unless told not to; the tests start theirs.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $wanted >/dev/null
