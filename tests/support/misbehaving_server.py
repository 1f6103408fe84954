"""An HTTP server on loopback that gives, for each path, what a test tells it to: a good answer, or
one of the ways in which servers are bad."""

import gzip
import http.server
import threading
import time
import zlib


class Server:
    def __init__(self, context=None):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner.requests.setdefault(self.path, []).append(dict(self.headers))
                self.close_connection = True
                try:
                    owner.answers[self.path](self)
                except KeyError:
                    status(404)(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_):
                pass

        self.answers = {}
        self.requests = {}
        self.stopping = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path, host="127.0.0.1", scheme="http"):
        return f"{scheme}://{host}:{self.port}{path}"

    def count(self, path):
        return len(self.requests.get(path, []))

    def close(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


def body(text, content_type, etag=None, extra=()):
    """A good answer; with an etag it answers a conditional request as it should."""
    data = text.encode("utf-8") if isinstance(text, str) else text

    def answer(handler):
        if etag is not None and handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.send_header("ETag", etag)
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(data)))
        if etag is not None:
            handler.send_header("ETag", etag)
        for name, value in extra:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def zipped(text, content_type):
    return body(gzip.compress(text.encode("utf-8")), content_type,
                extra=[("Content-Encoding", "gzip")])


def bomb(content_type, mebibytes=400):
    """Little on the wire, much after decompression."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(b"\0" * 1048576) for _ in range(mebibytes)) + packer.flush()
    return body(data, content_type, extra=[("Content-Encoding", "gzip")])


def status(code):
    def answer(handler):
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def redirect(to, code=302):
    def answer(handler):
        handler.send_response(code)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def partial(text, content_type):
    """Announces more than it sends."""
    data = text.encode("utf-8")

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:len(data) // 2])

    return answer


def endless(server, content_type):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.end_headers()
        while not server.stopping.is_set():
            handler.wfile.write(b"BEGIN:VEVENT\n" * 5000)

    return answer


def slow(server, content_type):
    """One byte now and then."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.end_headers()
        while not server.stopping.is_set():
            handler.wfile.write(b"B")
            handler.wfile.flush()
            time.sleep(0.2)

    return answer


def in_turn(*answers):
    """The first answer to the first request, and so on; the last one stays."""
    left = list(answers)
    lock = threading.Lock()

    def answer(handler):
        with lock:
            now = left.pop(0) if len(left) > 1 else left[0]
        now(handler)

    return answer
