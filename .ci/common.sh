# For the stages: `. .ci/common.sh`. Stops at the first failing command.
set -eu -o pipefail

# Installs Debian packages; the package lists are fetched once a run.
apt_install() {
  if [ ! -e "${CI_LOGS:?}/apt-updated" ]; then
    apt-get update -qq
    touch "$CI_LOGS/apt-updated"
  fi
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# A virtual environment with the given PyPI packages, made once a run: python_env NAME PACKAGE…  prints its folder.
python_env() {
  local env=$CI_LOGS/$1
  shift
  if [ ! -x "$env/bin/python" ]; then
    # Debian's python3-venv, or whatever Python the machine has.
    python3 -m venv "$env" 2>/dev/null || { apt_install python3-venv && python3 -m venv "$env"; } >&2
  fi
  "$env/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
  echo "$env"
}

# The folder shared/ beside the checkout, with what the project is tested against. CI always has it.
shared_folder() {
  local shared=${CAUSEWAY_SHARED:-$CI_ROOT/../shared}
  if [ -d "$shared" ]; then
    (cd "$shared" && pwd)
  elif [ "${CI:-}" = true ]; then
    echo "There is no $shared" >&2
    return 1
  fi
}

# Node 24 and the tools of node_modules first.
export PATH=$CI_ROOT/node_modules/.bin:$PATH
