"""Runs a command and prints, as JSON, its CPU seconds, wall seconds, peak memory, the time to its first line, and its JSON answer."""

import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
first = child.stderr.readline()
first_line = time.monotonic() - start
answer, talk = child.communicate()
wall = time.monotonic() - start
if child.returncode != 0:
    sys.exit((first + talk).decode())
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "cpu": used.ru_utime + used.ru_stime,
            "wall": wall,
            "memory_mb": used.ru_maxrss / 1024,
            "first_line_ms": first_line * 1000,
            "answer": json.loads(answer) if answer.strip() else None,
        }
    )
)
