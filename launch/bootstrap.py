"""Make .venv, install what the lock file names, and carry on inside it.

    python3 launch/bootstrap.py [--dev] [ARGUMENTS OF PYTHON...]

Standard library only, and no syntax newer than Python 3.6, so that an old one can say so.
With --dev, what tests and linting need is installed too. Without arguments, installs and ends.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed")
UNFINISHED = os.path.join(VENV, "unfinished")
LOG = os.path.join(VENV, "install.log")
LOCK, DEV_LOCK = "requirements.txt", "requirements-dev.txt"

NO_VENV = """\
Porte-voix needs Python's venv module, which this system leaves out.
Install it, then run the same command again:

    {}apt-get install python3-venv
"""


def main(arguments):
    refuse_old_python()
    lock = DEV_LOCK if arguments[:1] == ["--dev"] else LOCK
    with open(__file__) as turn:
        # Two commands at once take turns.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if seal(lock) not in installed():
            install(lock)
    if lock == DEV_LOCK:
        arguments = arguments[1:]
    if arguments:
        os.chdir(ROOT)
        os.execv(PYTHON, [PYTHON, *arguments])  # noqa: S606


def refuse_old_python():
    if sys.version_info < (3, 11):  # noqa: UP036
        version = ".".join(map(str, sys.version_info[:3]))
        stop(
            f"Porte-voix needs Python 3.11 or newer; {sys.executable} is {version}.\n"
            "If you have one under another name:  make run PYTHON=python3.12"
        )


def seal(lock):
    """One line that changes with the lock file and with the interpreter behind .venv."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return f"{lock} {digest} {os.path.realpath(PYTHON)}"


def installed():
    """The seals of what .venv holds; none if it is missing, broken or half made."""
    if not os.path.exists(PYTHON) or os.path.exists(UNFINISHED) or not os.path.exists(STAMP):
        return []
    with open(STAMP) as file:
        return file.read().splitlines()


def install(lock):
    # A package cut off half way looks installed to pip: only a new .venv is sure.
    if os.path.exists(UNFINISHED) or not is_whole():
        make_venv()
    with open(UNFINISHED, "w"):
        pass
    run_pip(lock)
    # The development lock contains the other one.
    held = [LOCK, DEV_LOCK] if lock == DEV_LOCK else [LOCK]
    with open(STAMP, "w") as file:
        file.write("\n".join(map(seal, held)))
    os.remove(UNFINISHED)


def is_whole():
    """Is .venv a virtual environment, and with pip? Without, pip could write into the system."""
    probe = "import pip, sys; sys.exit(sys.prefix == sys.base_prefix)"
    if not os.path.exists(PYTHON):
        return False
    return subprocess.run([PYTHON, "-c", probe], stderr=subprocess.DEVNULL).returncode == 0


def make_venv():
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        stop_without_venv()
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", VENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if "ensurepip" in made.stdout:
        stop_without_venv()
    if made.returncode or not is_whole():
        stop(f"no virtual environment could be made in {VENV}:\n\n{made.stdout}")


def stop_without_venv():
    stop(NO_VENV.format("" if os.geteuid() == 0 else "sudo "))


def run_pip(lock):
    with open(os.path.join(ROOT, lock)) as file:
        total = sum("==" in line for line in file)
    say(f"installing {total} packages into .venv (a minute or two, only when they change)")
    command = [PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar=off", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["-r", os.path.join(ROOT, lock)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = list(counted(pip.stdout, total))
    with open(LOG, "w") as file:
        file.writelines(lines)
    if pip.wait():
        end = "".join(lines[-8:])
        stop(f"pip could not install what {lock} names; the end of {LOG}:\n\n{end}")


def counted(lines, total):
    """Pass pip's lines on, counting for whoever watches a terminal."""
    done = 0
    for line in lines:
        done += line.startswith(("Collecting ", "Requirement already satisfied"))
        if sys.stdout.isatty():
            text = "unpacking" if line.startswith("Installing ") else f"{done} of {total}"
            print(f"\r  {text}\033[K", end="", flush=True)
        yield line
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def say(text):
    print(text, flush=True)


def stop(text):
    sys.exit("\n" + text.rstrip())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        stop("interrupted; the next run takes it up again")
    except PermissionError as error:
        stop(f"{error.filename} may not be written: run this as the user who owns the folder")
