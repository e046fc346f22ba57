"""CWL that the tests install: small, with commands every POSIX system has."""

COUNT_WORDS = {
    "class": "CommandLineTool",
    "cwlVersion": "v1.2",
    "label": "Count words",
    "baseCommand": ["wc", "-w"],
    "inputs": [
        {"id": "text", "type": "File", "inputBinding": {"position": 1}},
        {"id": "title", "type": "string?"},
        {"id": "stop_words", "type": {"type": "array", "items": "string"}, "default": []},
    ],
    "outputs": [{"id": "report", "type": "stdout"}],
    "stdout": "report.txt",
}

COUNT_WORDS_YAML = """\
class: CommandLineTool
cwlVersion: v1.2
label: Count words   # a comment, as people write them
baseCommand: [wc, -w]
inputs:
  text:
    type: File
    inputBinding: {position: 1}
outputs:
  report: stdout
stdout: report.txt
"""

SLEEP = {
    "class": "CommandLineTool",
    "cwlVersion": "v1.2",
    "baseCommand": ["sleep"],
    "inputs": [{"id": "seconds", "type": "int", "inputBinding": {"position": 1}}],
    "outputs": [],
}

FAIL = {
    "class": "CommandLineTool",
    "cwlVersion": "v1.2",
    "baseCommand": ["sh", "-c", "echo the reads are broken >&2; exit 3"],
    "inputs": [],
    "outputs": [],
}

ECHO_BOTH = {
    "class": "CommandLineTool",
    "cwlVersion": "v1.2",
    "baseCommand": ["cat"],
    "inputs": [{"id": "reads", "type": "File[]", "inputBinding": {"position": 1}}],
    "outputs": [{"id": "all", "type": "stdout"}],
    "stdout": "all.txt",
}
