# The CWL v1.2 conformance suite, tools on this host.
. .ci/common.sh
suite=$(shared_folder)/cwl-conformance
if [ ! -d "$suite" ]; then
  echo "The conformance suite is not at hand: skipped."
  echo "0 passed, 0 failed, 1 skipped"
  exit
fi
export CWL_CONFORMANCE=$suite
export CWLTEST=$(python_env cwltest cwltest)/bin/cwltest
# Some tools of the suite are Python scripts that ask for `python`.
export PATH=$(dirname "$CWLTEST"):$PATH
npm run --silent conformance 2>"$CI_LOGS/cwltest-host.log"
