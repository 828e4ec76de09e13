"""The whole product from one command, and single commands beside it."""

import os
import signal
import socket
import subprocess
import sys
import time

from launch import product as porte_voix
from launch import services
from launch.process import ask_to_stop, die_with_parent, finish
from launch.signals import Stopping, StopSignals
from launch.state import Busy
from launch.supervisor import Supervisor

HOST = porte_voix.HOST


def say(line):
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever read along has left (`make run | head`); the product goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(state, product=porte_voix):
    """Start PRODUCT and keep it running until a signal comes; gives the exit code."""
    try:
        state.own("make run")
    except Busy:
        return _tell_who_runs(state)
    supervisor = Supervisor(state.log, say)
    try:
        _start(product, supervisor, state)
        supervisor.watch()
    except Stopping:
        say("stopping")
    finally:
        state.withdraw()
        supervisor.stop()
    return 0


def _tell_who_runs(state):
    live = state.borrow(seconds=0) or {"what": "another command", "url": None}
    if live["url"]:
        say(f"it already runs: {live['url']}")
        return 0
    say(f"{live['what']} is at work on the same database: try again in a moment")
    return 1


def _start(product, supervisor, state):
    environ = _environment(supervisor, state)
    logins = product.prepare(supervisor, environ, state.var)
    # Only now: a launcher that was killed a moment ago has let go of its ports.
    ports = _ports(environ)
    environ = _addresses(ports) | environ
    supervisor.start(*product.parts(ports, environ, state.var))
    supervisor.wait_until_ready()
    url = environ["BASE_URL"]
    state.announce("make run", url, _for_others(environ))
    inbox = environ.get("MAIL_INBOX_URL")
    mail = [f"mail: {inbox}"] if inbox else []
    eased = environ["SECOND_STEP_REQUIRED"] == "no"
    second_step = ["second step of the login: not asked for here (SECOND_STEP_REQUIRED=yes asks)"]
    say("\n".join([f"ready: {url}", *mail, *(second_step if eased else []), logins]))


def _environment(supervisor, state):
    """Ours, with a secret key and servers: those it names, else those started here."""
    # Ten minutes to take a launch back are right at work, and long for somebody who is trying.
    # A second step is right at work too, and in the way of who looks around a made-up company.
    trial = {"LAUNCH_UNDO_MINUTES": "1", "SECOND_STEP_REQUIRED": "no"}
    environ = {"SECRET_KEY": state.secret_key()} | trial | os.environ
    for variable, service in services.embedded(state.var, durable=True).items():
        log, check = supervisor.log_of(service), supervisor.signals.check
        supervisor.adopt(service, services.start(service, log, check))
        environ[variable] = service.url
    return environ


# --- Ports and addresses ---------------------------------------------------------------------
def _ports(environ):
    """Free ports, from PORT upwards; says so where the one asked for is taken."""
    asked = _asked_port(environ.get("PORT") or "8000")
    ports = {"web": _free(asked)}
    ports["links"] = _free(ports["web"] + 1)
    if ports["web"] != asked:
        say(f"port {asked} is taken: using {ports['web']}")
    if "EMAIL_URL" not in environ:
        ports["inbox"] = _free(ports["links"] + 1)
        ports["smtp"] = _free(ports["inbox"] + 1)
    return ports


def _asked_port(text):
    if not text.isdecimal() or not 0 < int(text) < 65_000:
        raise porte_voix.StepFailed(f"PORT must be a number from 1 to 65000, not {text!r}")
    return int(text)


def _free(port):
    while not _is_free(port):
        port += 1
    return port


def _is_free(port):
    with socket.socket() as probe:
        # As the servers do: a port that merely cools down after its last connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _addresses(ports):
    addresses = {
        "BASE_URL": f"http://{HOST}:{ports['web']}",
        "LINK_BASE_URL": f"http://{HOST}:{ports['links']}",
    }
    if "inbox" in ports:
        addresses["EMAIL_URL"] = f"smtp://{HOST}:{ports['smtp']}"
        addresses["MAIL_INBOX_URL"] = f"http://{HOST}:{ports['inbox']}"
    return addresses


SHARED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EMAIL_URL")
SHARED += ("BASE_URL", "LINK_BASE_URL", "MAIL_INBOX_URL")


def _for_others(environ):
    return {name: environ[name] for name in SHARED if name in environ}


# --- One command -----------------------------------------------------------------------------
def execute(command, state, product=porte_voix):
    """Run COMMAND with the servers of a live `run`, or with our own; gives its exit code."""
    what = " ".join(command[-2:])
    while True:
        try:
            state.own(what)
        except Busy:
            live = state.borrow(seconds=600)
            if live and live["environ"]:
                return call(command, os.environ | live["environ"], StopSignals().listen().check)
        else:
            return _execute_alone(command, state, what, product)


def _execute_alone(command, state, what, product):
    supervisor = Supervisor(state.log, say)
    try:
        environ = _environment(supervisor, state)
        product.migrate(supervisor, environ)
        state.announce(what, environ=_for_others(environ))
        return call(command, environ, supervisor.mind)
    except Stopping as stopping:
        return 128 + stopping.args[0]
    finally:
        state.withdraw()
        state.await_borrowers(lambda: say("waiting for another command that uses the database"))
        supervisor.stop()


def call(command, environ, mind):
    """Run COMMAND on our terminal and give its exit code. MIND is called meanwhile, and may raise
    Stopping."""
    child = subprocess.Popen(
        command, env=environ, preexec_fn=lambda: die_with_parent(signal.SIGTERM)
    )
    try:
        while child.poll() is None:
            mind()
            time.sleep(0.05)
        return _exit_code(child.returncode)
    except Stopping as stopping:
        # Ctrl-C reaches the whole terminal, the command too; other signals reach only us.
        if stopping.args[0] != signal.SIGINT:
            ask_to_stop(child)
        finish(child, 10)
        return 128 + stopping.args[0]
    finally:
        finish(child, 0)


def _exit_code(code):
    return 128 - code if code < 0 else code
