# The web UI in a real browser at a real platform: a story for each screen, with axe. What was made of the sources is
# built first, as the first start of a platform does.
. .ci/common.sh
apt_install chromium fonts-dejavu-core
node web/build.ts
# A thousand files are dropped, which takes a slow machine some minutes.
CAUSEWAY_STORY_FILES=1000 npm test --silent -- --minutes 15 web/
