cwlVersion: v1.2
class: Workflow
label: Quality of reads, with a report
doc: fastqc on every file of reads side by side, and one table of what it found.
requirements:
  ScatterFeatureRequirement: {}
inputs:
  reads: File[]
outputs:
  pages:
    type: File[]
    outputSource: fastqc/page
  table:
    type: File
    outputSource: gather/table
steps:
  fastqc:
    scatter: reads
    in: { reads: reads }
    out: [page, archive]
    run:
      class: CommandLineTool
      requirements:
        ResourceRequirement: { ramMin: 1024 }
      baseCommand: [fastqc, --outdir, .]
      inputs:
        reads:
          type: File
          inputBinding: { position: 1 }
      outputs:
        page:
          type: File
          outputBinding: { glob: "*_fastqc.html" }
        archive:
          type: File
          outputBinding: { glob: "*_fastqc.zip" }
  gather:
    in: { archives: fastqc/archive }
    out: [table]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'for archive in "$@"; do unzip -p "$archive" "*/summary.txt"; done', sh]
      inputs:
        archives:
          type: File[]
          inputBinding: { position: 1 }
      stdout: table.tsv
      outputs:
        table: stdout
