# The published Python client and sbpack, unmodified, and the requests of the R package, against a real platform.
. .ci/common.sh
export CLIENTS_PYTHON=$(python_env clients -r clients/python/requirements.txt)/bin/python
npm run --silent clients
