# The quickstart as a stranger runs it; what comes down is compared with an independent calculation in Python.
. .ci/common.sh
npm run --silent quickstart -- --data "$CI_LOGS/quickstart-data" --results "$CI_LOGS/quickstart-results"
python3 quickstart/check.py "$CI_LOGS/quickstart-results"
