#!/bin/sh
# Makes the four FASTQ files of this folder again out of Debian 12's packages (see README.md), and compares them
# with what is here. Wants apt-get, dpkg, gzip, tar and samtools.   sh make.sh EMPTY_FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
apt-get download -q soapdenovo soapdenovo2 transrate-tools
for package in *.deb; do dpkg -x "$package" packages; done
docs=packages/usr/share/doc

# The first mates, byte for byte as they are in the packages.
tar xzf "$docs/soapdenovo/test-data/SRR7262809.fastq.tar.gz" SRR7262809_1_small.fastq
tar xzf "$docs/soapdenovo2/test-data/SRR2480581.fastq.tar.gz" SRR2480581_1_small.fastq
gzip -9nc SRR7262809_1_small.fastq > SRR7262809_1.fastq.gz
gzip -9nc SRR2480581_1_small.fastq > SRR2480581_1.fastq.gz

# Every read of the alignment, aligned or not, in the direction in which the instrument read it.
for run in SRR11728627 SRR11728641; do
  samtools fastq -n "$docs/transrate-tools/examples/$run.bam" | gzip -9n > "$run.fastq.gz"
done

# gzip versions may pack the same bytes differently: what counts is what comes out.
for file in *.fastq.gz; do
  gzip -dc "$file" > made.fastq
  gzip -dc "$here/$file" | cmp - made.fastq
  echo "$file is the same"
done
