"""`python -m operator_agent.script schema` prints the JSON Schema of the file format."""

from __future__ import annotations

import sys

from operator_agent.script.schema import text

if sys.argv[1:] == ["schema"]:
    sys.stdout.buffer.write(text().encode("utf-8"))
else:
    sys.exit("usage: python -m operator_agent.script schema > docs/script.schema.json")
