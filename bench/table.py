#!/usr/bin/env python3
"""Runs the programs of bench/ and prints what they measured as a table; `./dev bench [NAME...]`.

Each prints JSON lines, which are kept in build/bench.jsonl beside the machine's description."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

BENCHES = ("start", "restart", "stop_start", "daemon", "status", "adoption", "state_write",
           "worker_memory", "signals_memory", "engine", "tick_to_order", "journal", "blackout",
           "calendar_merge", "calendar_parse", "calendar_refresh", "worker_start", "watch",
           "job_day")
LIMIT_S = 1200  # of one program
LEFT_OUT = {"bench", "n", "kills"}


def machine():
    model = "unknown processor"
    memory = 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = round(int(line.split()[1]) / 1024 / 1024)
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({model}), {memory} GiB, Linux {platform.release()}"


def run(folder, name):
    """The JSON lines one bench printed."""
    program = Path(folder) / f"bench_{name}"
    if not program.exists():
        print(f"bench_{name}: not built, left out", file=sys.stderr)
        return []
    done = subprocess.run([program], stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    if done.returncode != 0:
        print(f"bench_{name}: failed", file=sys.stderr)
        return None
    return [json.loads(line) for line in done.stdout.splitlines()]


def show(figures):
    name = figures["bench"]
    size = figures.get("n", figures.get("kills"))
    label = f"{name} {size:.0f}" if size is not None else name
    values = "  ".join(f"{k} {v:.2f}" for k, v in figures.items() if k not in LEFT_OUT)
    print(f"{label:<20}{values}", flush=True)


def main(folder, wanted):
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}",
              file=sys.stderr)
        return 64
    where = machine()
    load = os.getloadavg()[0]
    print(where)
    if load > 0.5:
        print(f"other programs run (load {load:.1f}): trust the ratios more than the times")
    kept = [{"machine": where, "load": load}]
    failed = False
    for name in wanted or BENCHES:
        lines = run(folder, name)
        failed = failed or lines is None
        for figures in lines or []:
            show(figures)
            kept.append(figures)
    Path(folder).parents[1].joinpath("bench.jsonl").write_text(
        "".join(json.dumps(entry) + "\n" for entry in kept))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
