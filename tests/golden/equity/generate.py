#!/usr/bin/env python3
"""Writes candles.csv, expected.csv and analysis.csv: daily candles of a made-up share with what pattern_daily and
the trailing stop say of each day, computed apart from the C++.

Everything is a fraction, and each window is added up anew; the recursive averages are written out
from their definitions. Run it in its own folder after changing a definition; a test checks that
the files are what it writes.
"""

import sys
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

TICK = 5  # paise
DAYS = 420


class Chance:
    """A 64-bit linear congruential generator; the upper bits only."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def make_candles():
    """Calm, wild, rising and falling stretches; weekdays, some of them holidays."""
    chance = Chance(20261120)
    candles = []
    day = date(2024, 6, 3)
    close = 100_000
    while len(candles) < DAYS:
        day += timedelta(days=1)
        if day.weekday() >= 5 or chance.below(25) == 0:
            continue
        stretch = len(candles) // 60
        span = (12, 40, 90, 20, 60, 30, 15)[stretch % 7]       # in thousandths of the price
        drift = (2, 6, -3, 4, -6, 1, 3)[stretch % 7]
        step = close * span // 1000
        opened = close + (chance.below(2 * step + 1) - step) // 3
        closed = opened + (chance.below(2 * step + 1) - step) // 2 + close * drift // 1000
        high = max(opened, closed) + chance.below(step // 2 + 1)
        low = min(opened, closed) - chance.below(step // 2 + 1)
        candle = [value // TICK * TICK for value in (opened, high, low, closed)]
        candles.append((day, *candle))
        close = candle[3]
    return candles


def mean(values):
    return sum(values, Fraction(0)) / len(values)


def ema(values, length):
    """The mean of the first `length`, then 2 / (length + 1) of each distance."""
    out = [None] * len(values)
    for i in range(length - 1, len(values)):
        if i == length - 1:
            out[i] = mean(values[: length])
        else:
            out[i] = out[i - 1] + Fraction(2, length + 1) * (values[i] - out[i - 1])
            # Fractions of many steps grow without end.
            out[i] = Fraction(round(out[i] * 10**30), 10**30)
    return out


def true_ranges(candles):
    ranges = [None]
    for before, (_, _, high, low, _) in zip(candles, candles[1:]):
        ranges.append(Fraction(max(high, before[4]) - min(low, before[4])))
    return ranges


def wilder(ranges, length):
    out = [None] * len(ranges)
    for i in range(length, len(ranges)):
        if i == length:
            out[i] = mean(ranges[1 : length + 1])
        else:
            out[i] = (out[i - 1] * (length - 1) + ranges[i]) / length
            out[i] = Fraction(round(out[i] * 10**30), 10**30)
    return out


def slope(values):
    """Least squares, from the normal equations."""
    count = len(values)
    sum_x = sum(range(count))
    sum_xx = sum(x * x for x in range(count))
    sum_y = sum(values)
    sum_xy = sum(x * y for x, y in enumerate(values))
    return Fraction(count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x)


def range_before(candles, day):
    """The mean of the last 20 true ranges of the 45 days before, and what part of the close."""
    seen = [c for c in candles if day - timedelta(days=45) <= c[0] < day]
    if len(seen) < 21:
        return None
    atr = mean(true_ranges(seen)[-20:])
    return atr, atr / seen[-1][4] * 100


def trail(candles):
    """For each day the stop and the rest's, when the price saw the day's high."""
    rows = []
    high, stop, rest = 0, None, None
    for candle in candles:
        high = max(high, candle[2])
        known = range_before(candles, candle[0])
        atr = percent = None
        if known:
            atr, percent = known
            times = Fraction(1) if percent < 2 else Fraction(3, 2) if percent <= 4 else Fraction(2)
            distance = atr * times
            stop = max(stop or 0, (high - distance) // TICK * TICK)
            rest = max(rest or 0, (high - distance * Fraction(3, 2)) // TICK * TICK)
        rows.append((atr, percent, stop, rest))
    return rows


def swing_low(candles):
    """The newest low of the last 60 days, but for 10, below which none of five either side is."""
    count = len(candles)
    for i in range(count - 11, max(count - 60, 5) - 1, -1):
        if candles[i][3] == min(c[3] for c in candles[i - 5 : i + 6]):
            return candles[i][3]
    return None


def analysis(candles, closes, sma, upper, lower, slopes):
    """What is said of the last candle."""
    count = len(candles)
    last = range(count - 40, count)
    sides = [closes[i] > sma[i] for i in last]
    row = {
        "above_upper": sum(closes[i] > upper[i] for i in last),
        "above_sma": sum(sides),
        "below_lower": sum(closes[i] < lower[i] for i in last),
        "crossings": sum(a != b for a, b in zip(sides, sides[1:])),
    }
    based = (row["above_upper"] < 10 and row["above_sma"] >= 25 and row["crossings"] >= 5)
    stop = swing_low(candles) if based else upper[count - 1]
    row["stop"] = stop if stop is not None and stop < closes[-1] else None
    now = slopes[count - 1]
    alike = [i for i in range(count - 20)
             if slopes[i] is not None and abs(slopes[i] - now) <= Fraction(3, 10) * abs(now)]
    moves = sorted((closes[i + 20] / closes[i] - 1) * 100 for i in alike)
    ways = [(Fraction(c[k]) / closes[i] - 1) * 100
            for i in alike for c in candles[i + 1 : i + 21] for k in (2, 3)]
    row["days"] = len(moves)
    row["mean"] = mean(moves) if moves else Fraction(0)
    middle = len(moves) // 2
    row["median"] = (Fraction(0) if not moves else moves[middle] if len(moves) % 2
                     else (moves[middle - 1] + moves[middle]) / 2)
    row["rose"] = Fraction(100 * sum(m > 0 for m in moves), max(len(moves), 1))
    row["worst"] = min([Fraction(0), *ways])
    row["best"] = max([Fraction(0), *ways])
    return row


def text(value, divisor=1, digits=12):
    return "" if value is None else f"{float(Fraction(value) / divisor):.{digits}f}"


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    candles = make_candles()
    lines = ["date,open,high,low,close,volume"]
    lines += [f"{c[0]}," + ",".join(text(v, 100, 2) for v in c[1:]) + ",1000" for c in candles]
    (folder / "candles.csv").write_text("\n".join(lines) + "\n", encoding="ascii")

    closes = [Fraction(c[4]) for c in candles]
    fast, slow = ema(closes, 21), ema(closes, 50)
    atr14 = wilder(true_ranges(candles), 14)
    sma = [mean(closes[i - 19 : i + 1]) if i >= 19 else None for i in range(len(closes))]
    stops = trail(candles)
    slopes = [slope(sma[i - 7 : i + 1]) / sma[i] * 100 if i >= 26 else None
              for i in range(len(sma))]
    upper = [s + 2 * a if s is not None and a is not None else None for s, a in zip(sma, atr14)]
    lower = [s - 2 * a if s is not None and a is not None else None for s, a in zip(sma, atr14)]
    table = []
    for count in range(60, len(candles) + 1, 9):
        row = analysis(candles[:count], closes[:count], sma, upper, lower, slopes)
        row["stop"] = row["stop"] and row["stop"] / Fraction(100)
        whole = ("above_upper", "above_sma", "below_lower", "crossings", "days")
        table.append(f"{count}," + ",".join(
            text(v, 1, 0 if k in whole else 12) for k, v in row.items()))
    lines = ["candles," + ",".join(row)] + table
    (folder / "analysis.csv").write_text("\n".join(lines) + "\n", encoding="ascii")

    lines = ["date,sma20,ema21,ema50,atr14,upper,lower,slope,atr20,percent,stop,rest"]
    for i, candle in enumerate(candles):
        atr20, percent, stop, rest = stops[i]
        row = [text(v, 100) for v in (sma[i], fast[i], slow[i], atr14[i], upper[i], lower[i])]
        row += [text(slopes[i]), text(atr20), text(percent), text(stop, 1, 0), text(rest, 1, 0)]
        lines.append(f"{candle[0]}," + ",".join(row))
    (folder / "expected.csv").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
