cwlVersion: v1.2
class: Workflow
label: Call variants
doc: Variants of an aligned sample with bcftools, compressed, indexed and counted.
inputs:
  reference: File
  alignment:
    type: File
    secondaryFiles: [.bai]
outputs:
  variants:
    type: File
    secondaryFiles: [.tbi]
    outputSource: index_variants/indexed
  summary:
    type: File
    outputSource: stats/summary
steps:
  call:
    in: { reference: reference, alignment: alignment }
    out: [variants]
    run:
      class: CommandLineTool
      requirements:
        ShellCommandRequirement: {}
        InitialWorkDirRequirement:
          listing: [$(inputs.reference)]
      baseCommand: []
      arguments:
        - { shellQuote: false, valueFrom: bcftools mpileup --no-version -f $(inputs.reference.basename) $(inputs.alignment.path) | bcftools call --no-version -mv -Oz -o variants.vcf.gz }
      inputs:
        reference: File
        alignment:
          type: File
          secondaryFiles: [.bai]
      outputs:
        variants:
          type: File
          outputBinding: { glob: variants.vcf.gz }
  index_variants:
    in: { variants: call/variants }
    out: [indexed]
    run:
      class: CommandLineTool
      requirements:
        InitialWorkDirRequirement:
          listing: [$(inputs.variants)]
      baseCommand: [bcftools, index, -t]
      inputs:
        variants:
          type: File
          inputBinding: { position: 1, valueFrom: $(self.basename) }
      outputs:
        indexed:
          type: File
          secondaryFiles: [.tbi]
          outputBinding: { glob: $(inputs.variants.basename) }
  stats:
    in: { variants: index_variants/indexed }
    out: [summary]
    run:
      class: CommandLineTool
      baseCommand: [bcftools, stats]
      inputs:
        variants:
          type: File
          secondaryFiles: [.tbi]
          inputBinding: { position: 1 }
      stdout: stats.txt
      outputs:
        summary: stdout
