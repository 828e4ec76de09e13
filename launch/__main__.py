"""python -m launch run
   python -m launch exec [--throw-away] -- COMMAND...

`run` starts the whole product and keeps it running. `exec` runs COMMAND with PostgreSQL and
Valkey at hand: those of a live `run`, else its own on the same data; with --throw-away, empty
ones that leave no trace.
"""

import os
import signal
import sys

from launch.process import die_with_parent
from launch.product import StepFailed
from launch.run import call, execute, run
from launch.services import ServiceError
from launch.signals import StopSignals
from launch.state import NotOurs, State


def main(arguments):
    if "MAKELEVEL" in os.environ:
        # Killing `make` must not leave the product running without anybody to stop it.
        die_with_parent(signal.SIGTERM)
    if arguments[:3] == ["exec", "--throw-away", "--"]:
        # Here, because pytest is only there for those who develop.
        from launch.testing import start_test_services

        start_test_services()
        return call(arguments[3:], os.environ, StopSignals().listen().check)
    os.umask(0o077)
    if arguments == ["run"]:
        return run(State())
    if arguments[:2] == ["exec", "--"]:
        return execute(arguments[2:], State())
    return __doc__


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (NotOurs, ServiceError, StepFailed) as error:
        sys.exit(f"\n{error}")
