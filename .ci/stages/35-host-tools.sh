# Tests that the first stage may have skipped for want of a program of the host: an S3 server that checks signatures
# (Debian's Swift), bubblewrap, podman with images. (Debian 12 has no Singularity or Apptainer.)
. .ci/common.sh
apt_install swift-proxy swift-object swift-account swift-container memcached \
  bubblewrap podman runc debootstrap golang-github-containers-common
sh scripts/images.sh
npm test --silent -- --verbose storage executors | tee "$CI_LOGS/host-tools.txt"
if grep -aE '^ *﹣ (S3:|bubblewrap|podman)' "$CI_LOGS/host-tools.txt"; then
  echo "These may not be skipped here."
  exit 1
fi
