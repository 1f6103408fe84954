#!/usr/bin/env python3
"""Writes bars.csv and expected.csv: the indicators of a made-up market, computed apart from the C++.

VWAP and its variance are exact fractions; the recursive averages are decimals of 50 digits. Nothing
is taken from a running sum where the definition has a list: each window is added up anew. Run it in
its own folder after changing a definition; a test checks that the files are what it writes.
"""

import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

getcontext().prec = 50
TICK = Fraction(1, 4)
NEW_YORK = ZoneInfo("America/New_York")
WINDOW = 30


class Chance:
    """A 64-bit linear congruential generator; the upper bits only."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def make_bars():
    """Parts of four sessions: before and after the clocks change in spring, and a quiet night."""
    chance = Chance(20250310)
    pieces = [
        (datetime(2025, 3, 7, 13, 2, tzinfo=timezone.utc), 538),   # until Friday 17:00 EST
        (datetime(2025, 3, 9, 22, 0, tzinfo=timezone.utc), 640),   # from Sunday 18:00 EDT
        (datetime(2025, 3, 10, 20, 40, tzinfo=timezone.utc), 20),  # until Monday 17:00
        (datetime(2025, 3, 10, 22, 0, tzinfo=timezone.utc), 420),
    ]
    price = 23000
    bars = []
    for start, minutes in pieces:
        price += chance.below(81) - 40
        for minute in range(minutes):
            at = start + timedelta(minutes=minute)
            quiet = 300 <= minute < 380
            if chance.below(100) < (60 if quiet else 3):
                continue  # nobody traded in this minute
            span = 1 if quiet else 14
            opened = price + chance.below(3) - 1
            closed = opened + chance.below(2 * span + 1) - span
            high = max(opened, closed) + chance.below(span + 1)
            low = min(opened, closed) - chance.below(span + 1)
            volume = 1 + chance.below(3 if quiet else 4000)
            if volume == 1:
                opened = closed = high = low = price
            bars.append((at, opened, high, low, closed, volume))
            price = closed
    return bars


def price_text(ticks):
    return format(Decimal(ticks) / 4, "f")


def to_decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def session_of(at):
    return (at.astimezone(NEW_YORK).replace(tzinfo=None) + timedelta(hours=6)).date()


def vwap(bars):
    """Weighted mean and population deviation of the typical prices, in price units."""
    volume = sum(b[5] for b in bars)
    if volume == 0:
        return None, None
    typical = [Fraction(b[2] + b[3] + b[4], 3) * TICK for b in bars]
    mean = sum(b[5] * p for b, p in zip(bars, typical)) / volume
    variance = sum(b[5] * (p - mean) ** 2 for b, p in zip(bars, typical)) / volume
    return to_decimal(mean), to_decimal(variance).sqrt()


def wilder(values, n):
    """Mean of the first n, then smoothed; one result for each value, None while too few."""
    out = []
    average = None
    for i, value in enumerate(values):
        if i + 1 == n:
            average = sum(values[:n], Decimal(0)) / n
        elif i + 1 > n:
            average = ((n - 1) * average + value) / n
        out.append(average)
    return out


def rsi(closes, n):
    changes = [b - a for a, b in zip(closes, closes[1:])]
    gains = wilder([max(c, Decimal(0)) for c in changes], n)
    losses = wilder([max(-c, Decimal(0)) for c in changes], n)
    out = [None]
    for gain, loss in zip(gains, losses):
        if gain is None:
            out.append(None)
        elif loss == 0:
            out.append(Decimal(100) if gain > 0 else Decimal(50))
        else:
            out.append(100 - 100 / (1 + gain / loss))
    return out


def true_ranges(bars):
    quarter = Decimal(1) / 4
    return [
        max(b[2] - b[3], abs(b[2] - a[4]), abs(b[3] - a[4])) * quarter for a, b in zip(bars, bars[1:])
    ]


def atr(bars, n):
    return [None] + wilder(true_ranges(bars), n)


def atr_plain(bars, n):
    ranges = true_ranges(bars)
    return [None] + [
        sum(ranges[i + 1 - n : i + 1], Decimal(0)) / n if i + 1 >= n else None
        for i in range(len(ranges))
    ]


def ema(values, n):
    out = []
    average = None
    for i, value in enumerate(values):
        if value is None:
            out.append(None)
            continue
        known = [v for v in values[: i + 1] if v is not None]
        if len(known) == n:
            average = sum(known, Decimal(0)) / n
        elif len(known) > n:
            average += Decimal(2) / (n + 1) * (value - average)
        out.append(average)
    return out


def quarters(bars):
    """(bar, index of the first minute whose values may use it)."""
    groups = {}
    for i, bar in enumerate(bars):
        start = int(bar[0].timestamp()) // 900 * 900
        groups.setdefault(start, []).append(i)
    out = []
    for start, members in sorted(groups.items()):
        first, last = bars[members[0]], bars[members[-1]]
        part = [bars[i] for i in members]
        bar = (first[0], first[1], max(b[2] for b in part), min(b[3] for b in part), last[4],
               sum(b[5] for b in part))
        whole = int(last[0].timestamp()) + 60 >= start + 900
        out.append((bar, members[-1] if whole else members[-1] + 1))
    return out


def show(value):
    return "" if value is None else format(value.quantize(Decimal(10) ** -10), "f")


def series(bars, closes):
    return [rsi(closes, 10), atr(bars, 14), atr_plain(bars, 14)]


def quarter_columns(bars):
    """For each minute the quarter-hour values closed by its end."""
    closed = quarters(bars)
    parts = [bar for bar, _ in closed]
    closes = [Decimal(b[4]) / 4 for b in parts]
    fast, slow = ema(closes, 12), ema(closes, 26)
    macd = [None if b is None else a - b for a, b in zip(fast, slow)]
    signal = ema(macd, 9)
    macd = [None if s is None else m for m, s in zip(macd, signal)]
    columns = series(parts, closes) + [ema(closes, 50), ema(closes, 21), macd, signal]
    rows = []
    count = 0
    for i in range(len(bars)):
        while count < len(closed) and closed[count][1] <= i:
            count += 1
        rows.append([None if count == 0 else column[count - 1] for column in columns] + [count])
    return rows


def expected_rows(bars):
    closes = [Decimal(b[4]) / 4 for b in bars]
    minute = series(bars, closes)
    quarter = quarter_columns(bars)
    sessions = [session_of(b[0]) for b in bars]
    for i, bar in enumerate(bars):
        begins = i == 0 or sessions[i] != sessions[i - 1]
        if i % 9 != 0 and not begins and i != len(bars) - 1:
            continue
        session = [b for b, s in zip(bars[: i + 1], sessions) if s == sessions[i]]
        mean, deviation = vwap(session)
        window_mean, window_deviation = vwap(session[-WINDOW:])
        values = [mean, deviation, window_mean, window_deviation]
        values += [column[i] for column in minute] + quarter[i][:-1]
        yield [str(i), sessions[i].isoformat(), str(quarter[i][-1])] + [show(v) for v in values]


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    bars = make_bars()
    with open(folder / "bars.csv", "w", newline="\n") as out:
        out.write("ts,open,high,low,close,volume\n")
        for at, opened, high, low, closed, volume in bars:
            prices = ",".join(price_text(p) for p in (opened, high, low, closed))
            out.write(f"{int(at.timestamp())},{prices},{volume}\n")
    with open(folder / "expected.csv", "w", newline="\n") as out:
        out.write(
            "bar,session,quarters,vwap,deviation,vwap_30,deviation_30,rsi_1m,atr_1m,atr_sma_1m,"
            "rsi_15m,atr_15m,atr_sma_15m,ema50_15m,ema21_15m,macd_15m,signal_15m\n"
        )
        for row in expected_rows(bars):
            out.write(",".join(row) + "\n")


if __name__ == "__main__":
    main()
