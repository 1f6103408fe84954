"""The golden files of the equity rules are what their generator writes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

source = Path(os.environ.get("BULLPEN_SOURCE_DIR", Path(__file__).resolve().parents[3]))
golden = source / "tests" / "golden" / "equity"
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-B", str(golden / "generate.py"), folder], check=True)
    for name in ("analysis.csv", "candles.csv", "expected.csv"):
        if (Path(folder) / name).read_bytes() != (golden / name).read_bytes():
            sys.exit(f"{golden / name} is not what generate.py writes")
