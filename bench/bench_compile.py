#!/usr/bin/env python3
"""How long a clean release build of what users run takes without a cache, as one JSON line.

It takes minutes, so `./dev bench` leaves it out:  python3 bench/bench_compile.py
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(*command):
    done = subprocess.run(command, cwd=SOURCE, env=dict(os.environ, CCACHE_DISABLE="1"),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")


def main():
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        run("cmake", "--preset", "release", "-B", folder, "-DBULLPEN_TESTS=OFF",
            "-DBULLPEN_BENCH=OFF")
        run("ninja", "-C", folder, "-j", str(cores), "bullpen_product")
        wall = time.monotonic() - start
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"bench": "compile", "cores": cores, "seconds": round(wall, 1),
                      "processor_seconds": round(spent.ru_utime + spent.ru_stime, 1)}))


main()
