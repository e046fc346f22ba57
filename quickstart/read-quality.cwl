#!/usr/bin/env cwl-runner
# What a sequencing run is like, before anything is done with it: per sample the number, length, GC content and
# quality of its reads, and what stands out (adapters, N, the same read again and again); then one table, one
# picture and one page of all samples together.
#
# Runs on any POSIX system (gzip, awk, sort, sh): no container, no JavaScript. Any awk will do (gawk, mawk, busybox).
cwlVersion: v1.2
class: Workflow
label: Read quality of several samples
doc: |
  For gzipped FASTQ files with Phred+33 qualities, one a sample: statistics, quality by position, GC distribution,
  adapter content and most frequent reads of each, gathered into a table (TSV), a picture (SVG) and a page (HTML).

requirements:
  ScatterFeatureRequirement: {}

inputs:
  reads:
    type: File[]
    label: Gzipped FASTQ files, one a sample
  title:
    type: string
    label: Title of the page
    default: Read quality

outputs:
  report:
    type: File
    label: Page with the table and the picture
    outputSource: write_report/report
  table:
    type: File
    label: One line a sample, tab-separated
    outputSource: gather_table/table
  picture:
    type: File
    label: Quality by position and GC distribution
    outputSource: draw/picture
  profiles:
    type: File[]
    label: The numbers behind the picture, one file a sample
    outputSource: measure/profile

steps:
  unpack:
    in: { packed: reads }
    out: [fastq]
    scatter: packed
    run:
      class: CommandLineTool
      baseCommand: [gzip, -dc]
      inputs:
        packed: { type: File, inputBinding: {} }
      stdout: $(inputs.packed.nameroot)
      outputs:
        fastq: { type: stdout }

  measure:
    in: { fastq: unpack/fastq }
    out: [statistics, profile]
    scatter: fastq
    run:
      class: CommandLineTool
      requirements:
        EnvVarRequirement: { envDef: { LC_ALL: C } }
        InitialWorkDirRequirement:
          listing:
            - entryname: measure.awk
              entry: |
                # One FASTQ file in; one line of statistics, and a profile: lines "quality POSITION MEAN" and
                # "gc BIN PERCENT_OF_READS" (bins of 4 %, named by their middle). GC is a share of the called
                # bases (A, C, G, T); a read of N alone has none. Mean quality is the mean of all Phred values.
                BEGIN {
                  OFS = "\t"
                  for (i = 33; i < 127; i++) phred[sprintf("%c", i)] = i - 33
                  # The first 12 or 13 bases of the adapters of Illumina's TruSeq, Nextera and small RNA kits.
                  adapters = "AGATCGGAAGAGC|CTGTCTCTTATA|TGGAATTCTCGG"
                }
                function refuse(why) {
                  print FILENAME ", line " FNR ": " why | "cat >&2"
                  close("cat >&2")
                  refused = 1
                  exit 1
                }
                NR % 4 == 1 && !/^@/ { refuse("a record starts with @") }
                NR % 4 == 3 && !/^\+/ { refuse("the third line of a record starts with +") }
                NR % 4 == 2 {
                  sub(/\r$/, "")
                  sequence = toupper($0)
                }
                NR % 4 == 0 {
                  sub(/\r$/, "")
                  n = length($0)
                  if (n != length(sequence)) refuse(length(sequence) " bases but " n " qualities")
                  reads++
                  bases += n
                  if (reads == 1 || n < shortest) shortest = n
                  if (n > longest) longest = n
                  if (sequence ~ adapters) withAdapter++
                  for (i = 1; i <= n; i++) {
                    q = phred[substr($0, i, 1)]
                    qualitySum += q
                    qualityAt[i] += q
                    depthAt[i]++
                    if (q >= 30) q30++
                  }
                  gc = gsub(/[GC]/, "", sequence)
                  called = gc + gsub(/[AT]/, "", sequence)
                  gcSum += gc
                  calledSum += called
                  if (called > 0) {
                    bin = int(gc * 25 / called)
                    if (bin > 24) bin = 24
                    readsWithGc[bin]++
                    readsCalled++
                  }
                }
                END {
                  if (refused) exit 1
                  if (NR % 4) refuse("the file ends inside a record")
                  if (!bases) refuse("no bases in it")
                  print "sample", "reads", "bases", "min_length", "mean_length", "max_length", "gc_percent", \
                    "n_percent", "mean_quality", "q30_percent", "adapter_percent"
                  printf "%s\t%d\t%d\t%d\t%.1f\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\n", sample, reads, bases, shortest, \
                    bases / reads, longest, calledSum ? 100 * gcSum / calledSum : 0, 100 * (bases - calledSum) / bases, \
                    qualitySum / bases, 100 * q30 / bases, 100 * withAdapter / reads
                  for (i = 1; i <= longest; i++) printf "%s\tquality\t%d\t%.3f\n", sample, i, qualityAt[i] / depthAt[i] > profile
                  for (i = 0; i < 25; i++)
                    printf "%s\tgc\t%d\t%.3f\n", sample, 4 * i + 2, readsCalled ? 100 * readsWithGc[i] / readsCalled : 0 > profile
                }
      baseCommand: [awk, -f, measure.awk]
      arguments:
        - { prefix: -v, valueFrom: sample=$(inputs.fastq.nameroot) }
        - { prefix: -v, valueFrom: profile=$(inputs.fastq.nameroot).profile.tsv }
      inputs:
        fastq: { type: File, inputBinding: { position: 1 } }
      stdout: $(inputs.fastq.nameroot).statistics.tsv
      outputs:
        statistics: { type: stdout }
        profile: { type: File, outputBinding: { glob: $(inputs.fastq.nameroot).profile.tsv } }

  count_repeats:
    in: { fastq: unpack/fastq }
    out: [repeats]
    scatter: fastq
    run:
      class: CommandLineTool
      requirements:
        EnvVarRequirement: { envDef: { LC_ALL: C } }
        InitialWorkDirRequirement:
          listing:
            - entryname: count-repeats.sh
              entry: |
                # The five most frequent beginnings (up to 50 bases) of the reads in file $1, of sample $2.
                awk 'NR % 4 == 2 { print substr($0, 1, 50) }' "$1" |
                  sort | uniq -c | sort -k1,1nr -k2,2 | sed -n 1,5p |
                  awk -v OFS='\t' -v sample="$2" '{ print sample, $1, $2 }'
      baseCommand: [sh, count-repeats.sh]
      inputs:
        fastq: { type: File, inputBinding: { position: 1 } }
      arguments:
        - { position: 2, valueFrom: $(inputs.fastq.nameroot) }
      stdout: $(inputs.fastq.nameroot).repeats.tsv
      outputs:
        repeats: { type: stdout }

  gather_table:
    in: { statistics: measure/statistics }
    out: [table]
    run:
      class: CommandLineTool
      inputs:
        statistics: { type: "File[]", inputBinding: { position: 1 } }
      baseCommand: [awk, "NR == 1 || FNR > 1"]
      stdout: read-quality.tsv
      outputs:
        table: { type: stdout }

  draw:
    in: { profiles: measure/profile }
    out: [picture]
    run:
      class: CommandLineTool
      requirements:
        EnvVarRequirement: { envDef: { LC_ALL: C } }
        InitialWorkDirRequirement:
          listing:
            - entryname: draw.awk
              entry: |
                # Profiles in, one SVG out: two panels, one line a sample in each.
                BEGIN {
                  FS = "\t"
                  # Okabe and Ito's colours, which people with any colour vision can tell apart; from the ninth
                  # sample on they come again, dashed.
                  colours = split("#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #000000 #999999", colour, " ")
                }
                !($1 in number) { number[$1] = ++samples; name[samples] = $1 }
                { line[number[$1], $2] = line[number[$1], $2] " " $3 "," $4 }
                $2 == "quality" && $3 + 0 > longest { longest = $3 + 0 }
                $2 == "quality" && $4 + 0 > best { best = $4 + 0 }
                $2 == "gc" && $4 + 0 > most { most = $4 + 0 }

                function text(x, y, anchor, class, words) {
                  gsub(/&/, "\\&amp;", words)
                  gsub(/</, "\\&lt;", words)
                  printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>\n", x, y, anchor, class, words
                }
                # A round distance between ticks that makes four to ten of them.
                function tickStep(range,   step) {
                  for (step = 1; range / step > 10; step *= 10) {
                    if (range / (2 * step) <= 10) return 2 * step
                    if (range / (5 * step) <= 10) return 5 * step
                  }
                  return step
                }
                # The frame of a panel whose x runs from 0 to xMax and y from 0 to yMax: grid, ticks and titles.
                function frame(title, xTitle, yTitle,   i, step) {
                  text(left, top - 14, "start", "title", title)
                  step = tickStep(yMax)
                  for (i = 0; i <= yMax; i += step) {
                    printf "<path class=\"grid\" d=\"M%d %.1fh%d\"/>\n", left, py(i), width
                    text(left - 8, py(i) + 4, "end", "tick", i)
                  }
                  step = tickStep(xMax)
                  for (i = 0; i <= xMax; i += step) {
                    printf "<path class=\"axis\" d=\"M%.1f %dv5\"/>\n", px(i), top + height
                    text(px(i), top + height + 19, "middle", "tick", i)
                  }
                  printf "<path class=\"axis\" d=\"M%d %dv%dh%d\"/>\n", left, top, height, width
                  text(left + width / 2, top + height + 40, "middle", "label", xTitle)
                  printf "<g transform=\"translate(%d %d) rotate(-90)\">", left - 46, top + height / 2
                  text(0, 0, "middle", "label", yTitle)
                  print "</g>"
                }
                function px(x) { return left + width * x / xMax }
                function py(y) { return top + height * (1 - y / yMax) }
                function curve(sample, kind,   i, n, points, xy, d) {
                  n = split(substr(line[sample, kind], 2), points, " ")
                  for (i = 1; i <= n; i++) {
                    split(points[i], xy, ",")
                    d = d (i == 1 ? "M" : "L") sprintf("%.1f %.1f", px(xy[1]), py(xy[2]))
                  }
                  printf "<path class=\"curve\" stroke=\"%s\"%s d=\"%s\"/>\n", look(sample), dash(sample), d
                }
                function look(sample) { return colour[(sample - 1) % colours + 1] }
                function dash(sample) { return sample > colours ? " stroke-dasharray=\"6 4\"" : "" }

                END {
                  left = 76; width = 620; height = 260
                  total = 760
                  if (100 + 22 * samples > total) total = 100 + 22 * samples
                  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 %d\" width=\"920\" height=\"%d\" role=\"img\" ", total, total
                  print "aria-label=\"Quality by position and GC distribution of each sample\">"
                  print "<style>text{font:13px Helvetica,Arial,sans-serif;fill:#222}.title{font-size:16px;font-weight:bold}" \
                    ".tick{font-size:12px;fill:#555}.axis{stroke:#555;fill:none}.grid{stroke:#e4e4e4;fill:none}" \
                    ".curve{fill:none;stroke-width:2;stroke-linejoin:round}</style>"
                  printf "<rect width=\"920\" height=\"%d\" fill=\"#fff\"/>\n", total

                  top = 48; xMax = longest; yMax = best > 40 ? int(best) + 1 : 40
                  printf "<path fill=\"#eaf5ee\" d=\"M%d %dh%dV%.1fh-%dz\"/>\n", left, top, width, py(30), width
                  text(left + width - 6, py(30) - 6, "end", "tick", "Q30: one error in 1,000 bases")
                  frame("Mean quality by position in the read", "Position (bases)", "Phred quality")
                  for (i = 1; i <= samples; i++) curve(i, "quality")

                  top = 424; xMax = 100; yMax = most < 10 ? 10 : int(most * 1.05) + 1
                  frame("GC content of the reads", "GC of a read (% of its called bases)", "Reads (% of the sample)")
                  for (i = 1; i <= samples; i++) curve(i, "gc")

                  for (i = 1; i <= samples; i++) {
                    printf "<path class=\"curve\" stroke=\"%s\"%s d=\"M724 %dh28\"/>\n", look(i), dash(i), 34 + 22 * i
                    text(760, 38 + 22 * i, "start", "label", name[i])
                  }
                  print "</svg>"
                }
      baseCommand: [awk, -f, draw.awk]
      inputs:
        profiles: { type: "File[]", inputBinding: { position: 1 } }
      stdout: read-quality.svg
      outputs:
        picture: { type: stdout }

  write_report:
    in:
      title: title
      table: gather_table/table
      picture: draw/picture
      repeats: count_repeats/repeats
    out: [report]
    run:
      class: CommandLineTool
      requirements:
        EnvVarRequirement: { envDef: { LC_ALL: C, TITLE: $(inputs.title) } }
        InitialWorkDirRequirement:
          listing:
            - entryname: report.awk
              entry: |
                # The table, the picture, then the repeats of every sample: one page that needs nothing else.
                function escaped(words) {
                  gsub(/&/, "\\&amp;", words)
                  gsub(/</, "\\&lt;", words)
                  return words
                }
                BEGIN {
                  FS = "\t"
                  print "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" escaped(ENVIRON["TITLE"]) "</title>"
                  print "<style>body{font:15px/1.4 Helvetica,Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}" \
                    "table{border-collapse:collapse;font-size:13px}td,th{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:right}" \
                    "td:first-child,th:first-child{text-align:left}.sequence{font-family:monospace;text-align:left}</style>"
                  print "<h1>" escaped(ENVIRON["TITLE"]) "</h1>"
                }
                FNR == 1 { part++ }
                part == 1 {
                  cell = FNR == 1 ? "th" : "td"
                  if (FNR == 1) print "<table>"
                  printf "<tr>"
                  for (i = 1; i <= NF; i++) {
                    value = escaped($i)
                    if (FNR == 1) gsub(/_/, " ", value)
                    printf "<%s>%s</%s>", cell, value, cell
                  }
                  print "</tr>"
                }
                part == 2 {
                  if (FNR == 1) print "</table>"
                  print
                }
                part > 2 {
                  if (part == 3 && FNR == 1) {
                    print "<h2>The most frequent beginnings of reads</h2>\n<table>"
                    print "<tr><th>sample</th><th>reads</th><th class=\"sequence\">first 50 bases</th></tr>"
                  }
                  printf "<tr><td>%s</td><td>%d</td><td class=\"sequence\">%s</td></tr>\n", escaped($1), $2, escaped($3)
                }
                END { print "</table>\n</html>" }
      baseCommand: [awk, -f, report.awk]
      inputs:
        title: string
        table: { type: File, inputBinding: { position: 1 } }
        picture: { type: File, inputBinding: { position: 2 } }
        repeats: { type: "File[]", inputBinding: { position: 3 } }
      stdout: read-quality.html
      outputs:
        report: { type: stdout }
