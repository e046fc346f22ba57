# The server's tests once more, on Debian's PostgreSQL instead of the embedded one.
. .ci/common.sh
apt_install postgresql
binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
cluster=$(mktemp -d)
chown postgres: "$cluster"
as_postgres() { (cd / && runuser -u postgres -- "$@"); }
as_postgres "$binaries/initdb" --no-sync --auth=trust --encoding=UTF8 --locale=C.UTF-8 -D "$cluster/data" >/dev/null
as_postgres "$binaries/pg_ctl" -D "$cluster/data" -w -l "$cluster/log" start \
  -o "-p 54329 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$cluster -c max_connections=300 -c fsync=off" >/dev/null
trap 'as_postgres "$binaries/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null; rm -rf "$cluster"' EXIT
TEST_DATABASE_URL=postgresql://postgres@127.0.0.1:54329/postgres npm test --silent -- server
