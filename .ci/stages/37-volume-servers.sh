# Volumes against real servers of S3, Google Cloud Storage and Azure, which the first stage has skipped for want of them.
. .ci/common.sh
export CAUSEWAY_VOLUME_SERVERS=${CAUSEWAY_VOLUME_SERVERS:-$HOME/.cache/causeway/volume-servers}
command -v python3 >/dev/null && python3 -m venv --help >/dev/null 2>&1 || apt_install python3-venv
sh .ci/volume-servers.sh "$CAUSEWAY_VOLUME_SERVERS"
npm test --silent -- --verbose storage/src/volumes server/src/volumes server/src/imports server/src/exports | tee "$CI_LOGS/volume-servers.txt"
if grep -aE '﹣ .* # no [a-z_, -]+ here' "$CI_LOGS/volume-servers.txt"; then
  echo "These may not be skipped here."
  exit 1
fi
