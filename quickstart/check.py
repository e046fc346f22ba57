"""Compares what the workflow made of the quickstart's data with the same figures calculated independently.

    python3 quickstart/check.py FOLDER      FOLDER: where read-quality.tsv, read-quality.html and the profiles are
"""

import collections
import gzip
import pathlib
import re
import sys
import xml.dom.minidom

ADAPTERS = re.compile("AGATCGGAAGAGC|CTGTCTCTTATA|TGGAATTCTCGG")
DATA = pathlib.Path(__file__).parent / "data"


def read_fastq(path):
    """The sequences, and the qualities as lists of Phred values."""
    lines = gzip.open(path, "rt").read().splitlines()
    return lines[1::4], [[ord(c) - 33 for c in quality] for quality in lines[3::4]]


def statistics(sample, sequences, qualities):
    """The sample's line of the table."""
    reads = len(sequences)
    lengths = [len(s) for s in sequences]
    bases = sum(lengths)
    gc = sum(s.count("G") + s.count("C") for s in sequences)
    called = gc + sum(s.count("A") + s.count("T") for s in sequences)
    phred = [q for quality in qualities for q in quality]
    with_adapter = sum(bool(ADAPTERS.search(s)) for s in sequences)
    shares = [
        100 * gc / called,
        100 * (bases - called) / bases,
        sum(phred) / bases,
        100 * sum(q >= 30 for q in phred) / bases,
        100 * with_adapter / reads,
    ]
    row = [sample, reads, bases, min(lengths), f"{bases / reads:.1f}", max(lengths), *(f"{share:.2f}" for share in shares)]
    return "\t".join(str(value) for value in row)


def profile(sequences, qualities):
    """Mean quality of every position, and the share of reads in each GC bin: (kind, x, y)."""
    points = []
    for i in range(max(len(q) for q in qualities)):
        column = [q[i] for q in qualities if len(q) > i]
        points.append(("quality", i + 1, sum(column) / len(column)))
    bins = collections.Counter()
    for sequence in sequences:
        gc = sequence.count("G") + sequence.count("C")
        called = gc + sequence.count("A") + sequence.count("T")
        if called:
            bins[min(24, gc * 25 // called)] += 1
    return points + [("gc", 4 * i + 2, 100 * bins[i] / bins.total()) for i in range(25)]


def main(results):
    passed, failed = 0, 0

    def expect(what, holds):
        nonlocal passed, failed
        passed, failed = passed + bool(holds), failed + (not holds)
        if not holds:
            print(f"wrong: {what}")

    table = (results / "read-quality.tsv").read_text().splitlines()
    page = (results / "read-quality.html").read_text()
    samples = sorted(DATA.glob("*.fastq.gz"))
    expect("the table has a line for every sample", len(table) == 1 + len(samples))
    for path in samples:
        sample = path.name.removesuffix(".fastq.gz")
        sequences, qualities = read_fastq(path)
        expect(f"{sample}: statistics", statistics(sample, sequences, qualities) in table)

        lines = (results / f"{sample}.profile.tsv").read_text().splitlines()
        wanted = profile(sequences, qualities)
        got = [(kind, int(x), float(y)) for _, kind, x, y in (line.split("\t") for line in lines)]
        same = all(g[:2] == w[:2] and abs(g[2] - w[2]) < 6e-4 for g, w in zip(got, wanted))
        expect(f"{sample}: profile", same and len(got) == len(wanted))

        beginnings = collections.Counter(s[:50] for s in sequences)
        top = sorted(beginnings.items(), key=lambda item: (-item[1], item[0]))[:5]
        rows = [f'<tr><td>{sample}</td><td>{n}</td><td class="sequence">{s}</td></tr>' for s, n in top]
        expect(f"{sample}: most frequent beginnings", all(row in page for row in rows))

    picture = xml.dom.minidom.parse(str(results / "read-quality.svg"))
    curves = [p for p in picture.getElementsByTagName("path") if p.getAttribute("class") == "curve"]
    expect("the picture has two curves and one line of legend a sample", len(curves) == 3 * len(samples))
    expect("the page holds the picture", (results / "read-quality.svg").read_text() in page)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
