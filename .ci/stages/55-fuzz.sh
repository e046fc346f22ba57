# schemathesis against a real platform: every operation of our OpenAPI, with an administrator's token and with none. No
# answer is a server error, and none is outside of what the document says. A minute each. What clients/proved.tsv claims to
# be fuzzed has been. The checks that are left out are of the generator: how often it throws away what it made.
. .ci/common.sh
fuzz=$(python_env fuzz schemathesis==4.32.5)
data=$(mktemp -d) share=$(mktemp -d)
chmod 711 "$data" # the user that the database runs as has to enter, or the database is put elsewhere and stays
# Volumes in a directory alone: what services on the internet answer, or that they do not, is not what is tested here.
export CAUSEWAY_VOLUME_TYPES=local CAUSEWAY_VOLUME_ROOTS="{\"share\": {\"path\": \"$share\", \"mode\": \"RW\"}}"
CAUSEWAY_DATA=$data CAUSEWAY_PORT=8197 CAUSEWAY_RATE_LIMIT=100000000 CAUSEWAY_LOG=error CAUSEWAY_ACCESS_LOG=$data/calls \
  node server/src/main.ts >"$data/ready" 2>"$data/log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$data" "$share"' EXIT
for _ in $(seq 200); do grep -q ready "$data/ready" && break; sleep 0.3; done

passed=0 failed=0
run() { run_at /v2/openapi.json "$@"; }
run_at() {
  local document=$1
  shift
  if "$fuzz/bin/schemathesis" run "http://127.0.0.1:8197$document" "$@" --phases examples,coverage,fuzzing \
    -c not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    -n 20 --max-time 60 --continue-on-failure --warnings off --seed 20261122 \
    --suppress-health-check filter_too_much,too_slow,data_too_large; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 20 "$data/log"
  fi
}
run -H "X-SBG-Auth-Token: $(cat "$data/admin.token")"
run
# What the web UI calls. A new token would end the one that all this comes with.
ui() { run_at /web/openapi.json --exclude-operation-id renewOwnToken "$@"; }
ui -H "X-SBG-Auth-Token: $(cat "$data/admin.token")"
ui
# GA4GH's DRS.
run_at /ga4gh/drs/v1/openapi.json -H "X-SBG-Auth-Token: $(cat "$data/admin.token")"
run_at /ga4gh/drs/v1/openapi.json
if node clients/proved.ts "$data/calls"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
