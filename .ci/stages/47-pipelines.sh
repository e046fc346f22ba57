# Alignment and sort, variant calling, and read quality with Debian's programs, through causeway-cwl-runner.
. .ci/common.sh
apt_install bwa samtools bcftools fastqc unzip
if [ ! -e /usr/share/doc/samtools/examples/ex1.sam.gz ]; then
  # Slim images leave documentation out when they install a package.
  (cd "$CI_LOGS" && apt-get download -qq samtools && dpkg -x samtools_*.deb samtools)
  export SAMTOOLS_EXAMPLES=$CI_LOGS/samtools/usr/share/doc/samtools/examples
fi
node cwl/pipelines/run.ts
