#!/usr/bin/env python3
"""A Bullpen worker in Python: the lease protocol of docs/protocol.md, and nothing else.
In the account's file: command = ["/usr/bin/python3", "/path/to/worker.py"] and heartbeat = "zmq".
Your own work goes into work(); it must return well before the next beat is due.
"""
import json, os, signal, sys, time
from contextlib import suppress
from datetime import datetime, timezone
import zmq  # Debian: python3-zmq

def setting(name):
    if not os.environ.get(name):
        print(f"{name} is not set: this program is started by bullpend", file=sys.stderr)
        sys.exit(64)  # wrong use: the daemon does not try again
    return os.environ[name]

def text(when):
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")

# Descriptor 62 is the account's lock, 63 that of the broker account. They are never touched: the
# account is ours for as long as they are open, and free when this process ends, however it ends.
ACCOUNT, LAUNCH, ENDPOINT = map(setting, ("BULLPEN_ACCOUNT", "BULLPEN_LAUNCH", "BULLPEN_ENDPOINT"))
STARTED = datetime.now(timezone.utc)

class Worker:
    def __init__(self):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.routing_id = f"{ACCOUNT}/{LAUNCH.split('.')[1][:12]}".encode()
        self.socket.immediate = True  # without a connection send() fails, nothing piles up
        self.socket.linger, self.socket.sndtimeo, self.socket.reconnect_ivl = 100, 0, 125  # ms
        self.socket.connect(ENDPOINT)
        self.ready, self.drain, self.fence, self.seq = False, None, 0, 0
        self.interval, self.ping_s, self.skew_max_s, self.heard = 1.0, 2.0, 2.0, 0.0
        self.ordered = self.shown = None  # (mode, reason): what an operator asked for; last told
        self.since, self.skewed = STARTED, False  # of what was told; whether our clock is wrong
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "drain", "operator_stop"))

    def send(self, kind, **fields):
        with suppress(zmq.Again):  # no daemon: beats of the past help nobody
            self.socket.send_string(json.dumps({"v": 1, "type": kind, **fields}))

    def hello(self):
        running = {"started": text(STARTED), "ready": True} if self.ready else None
        self.send("hello", account=ACCOUNT, launch=LAUNCH, pid=os.getpid(), protocol_min=0,
                  protocol_max=1, session="trading" if self.ready else "connecting",
                  fence=self.fence, program="worker.py", version="1", running=running)

    def on_message(self, message):
        kind, self.heard = message["type"], time.monotonic()
        if kind in ("welcome", "ping"):
            theirs = datetime.fromisoformat(message["utc"].replace("Z", "+00:00"))
            skew = (datetime.now(timezone.utc) - theirs).total_seconds()
            self.skewed = abs(skew) > self.skew_max_s
        if kind == "welcome":
            self.fence, self.interval = message["fence"], message["beat_interval_ms"] / 1000
            self.ping_s = message["ping_interval_ms"] / 1000
            self.skew_max_s = message["clock_skew_max_ms"] / 1000
            self.send("ready")  # a worker with state recovers and reconciles before it says this
            self.ready = True
        elif kind == "ping" and message.get("hello"):
            self.hello()  # a new daemon does not know us yet
        elif kind == "drain":
            self.drain = message["reason"]
        elif kind in ("halt", "reduce"):
            self.ordered = ("halted" if kind == "halt" else "reducing", message["reason"])
        elif kind == "resume":
            self.ordered = None

    def beat(self):
        absent = time.monotonic() - self.heard > 3 * self.ping_s
        mode = (self.ordered or (absent and ("reducing", "daemon_absent"))
                or (self.skewed and ("reducing", "clock_skew")) or ("idle", "observing"))
        if mode != self.shown:
            self.shown, self.since = mode, datetime.now(timezone.utc)
        self.seq += 1
        self.send("heartbeat", seq=self.seq, session="trading", mode=mode[0], reason=mode[1],
                  since=text(self.since), position="flat", quantity=0, flat=True,
                  obligations=[{"name": "timer", "due_in_ms": 1000, "done": True}])

    def work(self):
        """Bars, signals, orders."""

    def run(self):
        due = 0.0
        while self.drain is None:
            if self.socket.poll(max(0, int((due - time.monotonic()) * 1000))):
                self.on_message(json.loads(self.socket.recv()))
            elif self.ready:
                due = time.monotonic() + self.interval
                self.work()
                self.beat()
            else:
                due = time.monotonic() + 0.1
                self.hello()
        self.send("goodbye", exit_code=0, reason=self.drain)
        return 0  # done; 75 would say "try again later", 78 "my configuration is wrong"

if __name__ == "__main__":
    sys.exit(Worker().run())
