# The quickstart as a stranger runs it; what comes down is compared with an independent calculation in Python.
. .ci/common.sh
npm run --silent quickstart -- --once
python3 quickstart/check.py .causeway/quickstart/results
