# The CWL v1.2 conformance suite, in containers where a test asks for one. Images are built from Debian's packages.
. .ci/common.sh
suite=$(shared_folder)/cwl-conformance
if [ ! -d "$suite" ]; then
  echo "The conformance suite is not at hand: skipped."
  echo "0 passed, 0 failed, 1 skipped"
  exit
fi
apt_install podman runc debootstrap golang-github-containers-common
sh scripts/images.sh
export CWL_CONFORMANCE=$suite
export CWLTEST=$(python_env cwltest cwltest)/bin/cwltest
npm run --silent conformance -- --podman 2>"$CI_LOGS/cwltest-podman.log"
