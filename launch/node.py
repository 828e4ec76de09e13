"""What the checks borrow from npm: installed into var/node, from the lock in tests/node.

    python -m launch.node       installs what is missing, and says where it is

To change what is borrowed: its exact version into tests/node/package.json, then
`npm install --package-lock-only --ignore-scripts --prefix tests/node`.
"""

import fcntl
import shutil
import subprocess
import sys

from launch.state import ROOT, VAR

LOCKED = ROOT / "tests" / "node"
FOLDER = VAR / "node"
FILES = ("package.json", "package-lock.json")


class NoNode(Exception):
    """npm is not here, or could not install; the message says what to do."""


def modules():
    """The path of node_modules with all that is locked in it; installs what is missing.

    Raises NoNode when it cannot.
    """
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as turn:
        # Two tests at once take turns.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not _is_installed():
            _install()
    return FOLDER / "node_modules"


def _stamp():
    return FOLDER / "installed"


def _is_installed():
    return _stamp().exists() and _stamp().read_text() == _wanted()


def _wanted():
    return (LOCKED / "package-lock.json").read_text()


def _install():
    npm = shutil.which("npm")
    if npm is None:
        raise NoNode("npm is not installed: apt-get install nodejs npm")
    for name in FILES:
        shutil.copy(LOCKED / name, FOLDER)
    # Nothing of theirs is run on the way in: one of them would fetch a Java of its own.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=FOLDER)
    if done.returncode:
        raise NoNode(f"npm could not install what tests/node names:\n{done.stderr[-2000:]}")
    _stamp().write_text(_wanted())


if __name__ == "__main__":
    try:
        print(modules())
    except NoNode as missing:
        sys.exit(str(missing))
