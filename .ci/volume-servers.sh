#!/bin/sh
# Puts the servers that volumes are tested against into a folder:  sh .ci/volume-servers.sh FOLDER
# Then CAUSEWAY_VOLUME_SERVERS=FOLDER has `npm test -- storage/src/volumes` run against them all. What is there already stays.
# Takes Go (1.24 or later), Python 3 and npm; the two that are built take about five minutes of one core.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
mkdir -p "$folder/bin"

# S3: checks signatures, conditions, parts, versions.
[ -x "$folder/bin/versitygw" ] || GOBIN=$folder/bin go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

# Google Cloud Storage: checks neither signatures nor tokens; the tests put a verifier in front of it.
[ -x "$folder/bin/fake-gcs-server" ] || GOBIN=$folder/bin go install github.com/fsouza/fake-gcs-server@v1.56.1

# S3: storage classes, encryption, access lists. And Google's resumable uploads that are asked how far they are.
for package in 'moto_server moto[server]==5.2.5' 'gcp-storage-emulator gcp-storage-emulator==2026.7.19'; do
  program=${package%% *}
  [ -x "$folder/bin/$program" ] && continue
  python3 -m venv "$folder/$program"
  "$folder/$program/bin/pip" install --quiet --disable-pip-version-check "${package#* }"
  ln -sf "../$program/bin/$program" "$folder/bin/$program"
done

# Azure Blob Storage: checks shared keys, SAS, and tokens but for their signature.
if [ ! -x "$folder/bin/azurite-blob" ]; then
  npm install --silent --no-audit --no-fund --prefix "$folder/azurite" azurite@3.35.0
  ln -sf ../azurite/node_modules/.bin/azurite-blob "$folder/bin/azurite-blob"
fi
ls "$folder/bin"
