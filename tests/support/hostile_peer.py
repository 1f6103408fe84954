#!/usr/bin/env python3
"""A worker that speaks on sockets that are not for it. What it got is in its account's directory,
in the file `heard`, one JSON object. It begins when the file `targets` (JSON) is in its tmp/."""

import json
import os
import socket
import sys
import time
from pathlib import Path

import zmq

DIRECTORY = Path(os.environ["BULLPEN_ACCOUNT_DIR"])
RUN = Path(os.environ["BULLPEN_HOME"]) / "run"
WAIT_MS = 3000


def dealer(context, name, identity=None):
    peer = context.socket(zmq.DEALER)
    peer.linger, peer.sndtimeo = 0, 0
    if identity:
        peer.setsockopt(zmq.IDENTITY, identity.encode())
    peer.connect(f"ipc://{RUN / name}")
    return peer


def say(peer, *parts):
    """False when there is no room: nobody reads any more."""
    try:
        peer.send_multipart(parts)
    except zmq.Again:
        return False
    return True


def answer(peer, wait_ms=WAIT_MS):
    """The next message as an object; None when nothing comes."""
    return json.loads(peer.recv()) if peer.poll(wait_ms) else None


def control(context, cookie):
    """A shutdown, with what it takes for a cookie, or without any."""
    peer = dealer(context, "control")
    request = {"v": 1, "type": "request", "id": "1", "command": "shutdown", "args": {}}
    peer.send_multipart([*cookie, json.dumps(request).encode()])
    said = answer(peer)
    return said and said.get("code")


def impersonate(context, victim, launch):
    """As the other account's worker: whether it was made welcome."""
    peer = dealer(context, "lease", f"{victim}/0123456789ab")
    hello = {"v": 1, "type": "hello", "account": victim, "launch": launch, "pid": os.getpid(),
             "protocol_min": 0, "protocol_max": 9, "session": "trading", "program": "hostile",
             "version": "1"}
    beat = {"v": 1, "type": "heartbeat", "seq": 1, "session": "trading", "mode": "halted",
            "reason": "forged", "since": "2026-01-01T00:00:00.000Z", "obligations": []}
    last = {"v": 1, "type": "goodbye", "exit_code": 0, "reason": "forged"}
    for message in (hello, *[beat] * 30, last):
        say(peer, json.dumps(message).encode())
    heard = []
    while said := answer(peer, WAIT_MS if not heard else WAIT_MS // 10):
        heard.append(said["type"])
    return "welcome" in heard


def at_exchange(account, cookie):
    """What the paper exchange answers to a hello for the account, or of an administrator."""
    hello = {"v": 1, "type": "hello", "id": 1, "client": "hostile", "session": "",
             "follows_market": False, "lockstep": False, "cookie": cookie}
    if account:
        hello["account"] = account
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(10 * WAIT_MS / 1000)
        link.connect(str(RUN / "venue"))
        link.sendall(json.dumps(hello).encode() + b"\n")
        with link.makefile() as lines:
            return json.loads(lines.readline())["type"]


def listen(context, cookie):
    """Everything that the daemon tells of the others, while they do something."""
    peer = context.socket(zmq.XSUB)
    peer.linger = 0
    peer.connect(f"ipc://{RUN / 'events'}")
    for topic in (b"", b"account/", b"daemon/"):
        peer.send(b"\1" + topic)
        peer.send(b"\1" + cookie + topic)
    (DIRECTORY / "listening").touch()
    heard = 0
    end = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < end:
        if peer.poll(100):
            peer.recv_multipart()
            heard += 1
    return heard


def flood(context):
    """Giant, malformed and endless messages on every socket; nobody answers, nobody falls."""
    for name in ("lease", "control", "events"):
        peer = dealer(context, name)
        for body in (b"", b"\0" * 100, b"{" * 60000, b"[" * 1000000, b"x" * (16 << 20)):
            say(peer, body, body, body)
            say(peer, body)
        for _ in range(2000):
            if not say(peer, b'{"v":1}'):
                break
        raw = socket.socket(socket.AF_UNIX)
        raw.connect(str(RUN / name))
        raw.setblocking(False)
        try:
            for _ in range(1000):
                raw.send(b"\xff" * 4096)
        except OSError:
            pass
    return "sent"


def main():
    targets = DIRECTORY / "tmp" / "targets"
    while not targets.exists():
        time.sleep(0.02)
    victim = json.loads(targets.read_text())
    try:
        (RUN / "cookie").read_text()
        cookie_read = "done"
    except OSError as error:
        cookie_read = error.errno
    context = zmq.Context()
    (DIRECTORY / "began").touch()
    heard = {
        "cookie": cookie_read,
        "control_without_cookie": control(context, []),
        "control_with_a_guess": control(context, [b"0" * 64]),
        "welcome_as_the_other": impersonate(context, victim["account"], "1." + "0" * 32),
        "welcome_with_its_own_launch": impersonate(context, victim["account"],
                                                 os.environ["BULLPEN_LAUNCH"]),
        "exchange_as_the_other": at_exchange(victim["account"], ""),
        "exchange_with_a_guess": at_exchange(victim["account"], "0" * 64),
        "exchange_as_administrator": at_exchange("", ""),
        "events": listen(context, b"0" * 64),
        "flood": flood(context),
    }
    whole = DIRECTORY / "heard.new"
    whole.write_text(json.dumps(heard))
    whole.rename(DIRECTORY / "heard")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
