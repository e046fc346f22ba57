cwlVersion: v1.2
class: Workflow
label: Align reads and sort
doc: Reads against a reference with bwa, sorted and indexed with samtools, and what was mapped.
requirements:
  InlineJavascriptRequirement: {}
  StepInputExpressionRequirement: {}
inputs:
  reference: File
  reads: File
  sample: string
outputs:
  alignment:
    type: File
    secondaryFiles: [.bai]
    outputSource: index_alignment/indexed
  flagstat:
    type: File
    outputSource: flagstat/report
steps:
  index_reference:
    in: { reference: reference }
    out: [indexed]
    run:
      class: CommandLineTool
      requirements:
        InitialWorkDirRequirement:
          listing: [$(inputs.reference)]
      baseCommand: [bwa, index]
      inputs:
        reference:
          type: File
          inputBinding: { position: 1, valueFrom: $(self.basename) }
      outputs:
        indexed:
          type: File
          secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
          outputBinding: { glob: $(inputs.reference.basename) }
  align:
    in:
      reference: index_reference/indexed
      reads: reads
      sample: sample
    out: [alignment]
    run:
      class: CommandLineTool
      requirements:
        ResourceRequirement: { coresMin: 1, ramMin: 512 }
      baseCommand: [bwa, mem]
      arguments:
        - { prefix: -t, valueFrom: $(runtime.cores) }
        - { prefix: -R, valueFrom: '@RG\tID:$(inputs.sample)\tSM:$(inputs.sample)' }
      inputs:
        reference:
          type: File
          secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
          inputBinding: { position: 1 }
        reads:
          type: File
          inputBinding: { position: 2 }
        sample: string
      stdout: $(inputs.sample).sam
      outputs:
        alignment: stdout
  sort:
    in: { alignment: align/alignment }
    out: [sorted]
    run:
      class: CommandLineTool
      baseCommand: [samtools, sort]
      inputs:
        alignment:
          type: File
          inputBinding: { position: 1 }
      arguments: [-o, "$(inputs.alignment.nameroot).bam"]
      outputs:
        sorted:
          type: File
          outputBinding: { glob: "*.bam" }
  index_alignment:
    in: { alignment: sort/sorted }
    out: [indexed]
    run:
      class: CommandLineTool
      requirements:
        InitialWorkDirRequirement:
          listing: [$(inputs.alignment)]
      baseCommand: [samtools, index]
      inputs:
        alignment:
          type: File
          inputBinding: { position: 1, valueFrom: $(self.basename) }
      outputs:
        indexed:
          type: File
          secondaryFiles: [.bai]
          outputBinding: { glob: $(inputs.alignment.basename) }
  flagstat:
    in: { alignment: index_alignment/indexed }
    out: [report]
    run:
      class: CommandLineTool
      baseCommand: [samtools, flagstat]
      inputs:
        alignment:
          type: File
          inputBinding: { position: 1 }
      stdout: flagstat.txt
      outputs:
        report: stdout
