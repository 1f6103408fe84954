"""State files of accounts, for tests that look into them or change them."""

import re
import time

FIRST_LINE = rb'^\{"checksum":"crc32c:[0-9a-f]{8}",$'


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def is_sealed(text):
    """Whether it is whole: its checksum is that of what follows."""
    first, _, rest = text.partition(b"\n")
    return re.match(FIRST_LINE, first) is not None and int(first[-10:-2], 16) == crc32c(rest)


def sealed(rest):
    return b'{"checksum":"crc32c:%08x",\n' % crc32c(rest) + rest


def zigzag(value):
    """A packed integer, as worker/execution/codec.hpp writes it."""
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(out) + bytes([rest])


def with_horizon_of_now(path):
    """The decisions' horizon becomes the wall clock's time, as an older version wrote it: the fifth
    packed integer from the end of the saved orders."""
    _, _, rest = path.read_bytes().partition(b"\n")
    found = re.search(rb'"orders":"([0-9a-f]+)"', rest)
    orders = bytes.fromhex(found.group(1).decode())
    ends, at = [], len(orders)
    while len(ends) < 5:
        ends.append(at)
        at -= 1
        while orders[at - 1] >= 0x80:
            at -= 1
    spoiled = orders[:at] + zigzag(time.time_ns()) + orders[ends[-1]:]
    path.write_bytes(sealed(rest[:found.start(1)] + spoiled.hex().encode() + rest[found.end(1):]))
