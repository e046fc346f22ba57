#!/bin/sh
# Makes the container images that the CWL conformance tests name, without a registry: debootstrap builds Debian (and
# Debian with Python) from packages, podman imports it under those names. For machines that reach no registry; where
# the real images are at hand this script is not needed. Run as root on Debian. Installs what it needs by apt.
#
#   scripts/images.sh [CACHE]     CACHE keeps the built roots (60 MB); default ${XDG_CACHE_HOME:-~/.cache}/causeway/images
#
# Images that podman has already are left alone. Some 60 s the first time, 0.5 s afterwards.
set -eu

cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/causeway/images}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$cache"

missing() { ! podman image exists "$1" 2>/dev/null; }

install_programs() {
  for program in podman runc debootstrap; do
    command -v "$program" >/dev/null || wanted="${wanted-} $program"
  done
  [ -z "${wanted-}" ] && return
  apt-get update -qq
  # golang-github-containers-common: the policy without which podman refuses to import.
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted golang-github-containers-common >/dev/null
}

# build NAME PACKAGES: $cache/NAME.tar, a Debian root with these packages more.
build() {
  [ -f "$cache/$1.tar" ] && return
  root=$(mktemp -d)
  debootstrap --variant=minbase ${2:+--include="$2"} bookworm "$root" "$mirror" >"$cache/$1.log" 2>&1 ||
    { tail -n 20 "$cache/$1.log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man
  ln -sf python3 "$root/usr/bin/python"
  [ -e "$root/usr/bin/python3" ] || rm "$root/usr/bin/python"
  # The official bash image's entry point: arguments that start with a dash are bash's own.
  printf '#!/bin/bash\ncase ${1-} in ""|-*) set -- bash "$@";; esac\nexec "$@"\n' >"$root/usr/local/bin/docker-entrypoint.sh"
  chmod 755 "$root" "$root/usr/local/bin/docker-entrypoint.sh"
  tar -C "$root" --numeric-owner -cf "$cache/$1.tar.new" .
  mv "$cache/$1.tar.new" "$cache/$1.tar"
  rm -rf "$root"
}

# import NAME IMAGE [CHANGE]: the root of that name as an image.
import() {
  missing "$2" || return 0
  build "$1" "$(packages_of "$1")"
  podman import -q --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change "${3:-CMD bash}" "$cache/$1.tar" "$2" >/dev/null
}

packages_of() { case $1 in python) echo python3 ;; esac; }

install_programs
import debian docker.io/library/debian:stable-slim
import python docker.io/library/python:3-slim 'CMD python3'
import debian docker.io/library/bash:4.4 'ENTRYPOINT ["docker-entrypoint.sh"]'
missing docker.io/library/alpine:latest && podman tag docker.io/library/debian:stable-slim docker.io/library/alpine:latest
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
