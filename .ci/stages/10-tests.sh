# The whole test suite on the embedded PostgreSQL, from a checkout in which nothing has been installed. Every error that
# clients/proved.tsv claims our tests were answered by a call, one of them has been.
export CAUSEWAY_ACCESS_LOG=$(mktemp)
npm test --silent
code=$?
node_modules/.bin/node clients/proved.ts "$CAUSEWAY_ACCESS_LOG" || code=1
exit $code
