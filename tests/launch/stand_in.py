"""`make run` with stand-ins for the product's processes: python stand_in.py VAR [WORD...]

Words: `fails` adds a part that cannot start; `-- COMMAND` does what `launch exec` does instead.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from launch.product import Part, StepFailed
from launch.run import execute, run
from launch.state import State

SERVER = """
import http.server, os, sys
print("with", os.environ["SECRET_KEY"])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
# Takes the signal to stop as a hint, as a worker in the middle of a task does, and so does its child.
STUBBORN = """
import os, signal, time
os.fork()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("worker at work", flush=True)
time.sleep(600)
"""


def parts(ports, environ, var):
    web = f"http://127.0.0.1:{ports['web']}"
    made = [
        Part("web", "-c", SERVER, str(ports["web"]), url=web),
        Part("worker", "-c", STUBBORN, says="at work", wave=2, patience=0.5),
    ]
    if "fails" in sys.argv:
        made.append(Part("fails", "-c", "1 / 0"))
    for part in made:
        part.environ = environ
    return made


product = SimpleNamespace(
    prepare=lambda supervisor, environ, var: "  admin  a@orvaly.example",
    migrate=lambda supervisor, environ: None,
    parts=parts,
)

if __name__ == "__main__":
    state = State(Path(sys.argv[1]))
    try:
        if "--" in sys.argv:
            sys.exit(execute(sys.argv[sys.argv.index("--") + 1 :], state, product))
        sys.exit(run(state, product))
    except StepFailed as failure:
        sys.exit(str(failure))
