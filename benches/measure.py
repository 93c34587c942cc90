"""Runs a command and prints, as JSON, its CPU seconds, wall seconds, peak memory, the time to its first line, and its JSON answer."""

import json
import resource
import subprocess
import sys
import threading
import time

start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
# Read beside the talk: a command that answers much before it talks would wait for its reader for ever.
answer = []
reader = threading.Thread(target=lambda: answer.append(child.stdout.read()))
reader.start()
first = child.stderr.readline()
first_line = time.monotonic() - start
talk = child.stderr.read()
reader.join()
child.wait()
wall = time.monotonic() - start
answer = answer[0]
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
