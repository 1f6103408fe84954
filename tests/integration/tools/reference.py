"""Bars of a made-up market, and the indicators of each by the definitions of docs/indicators.md,
computed apart from the C++: VWAP and its variance from exact integers, the rest with decimals of 50
digits. Every row is computed, in the columns that `bullpenctl indicators` writes."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal, getcontext
from zoneinfo import ZoneInfo

getcontext().prec = 50
NEW_YORK = ZoneInfo("America/New_York")
TICKS_A_POINT = 4
BANDS = (("1", "1"), ("2", "2"), ("3", "3"), ("2p1", "2.1"), ("2p5", "2.5"), ("3p7", "3.7"))


def make_bars(seed=20251103):
    """Sessions around the end of daylight saving time, a holiday's early halt, minutes without a
    trade, a quarter of an hour with its last minute alone, and a change of the contract."""
    state = seed

    def below(bound):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound

    pieces = [
        (datetime(2025, 10, 30, 22, 0, tzinfo=timezone.utc), 700, "ESU5"),
        (datetime(2025, 10, 31, 18, 0, tzinfo=timezone.utc), 180, "ESU5"),  # until 17:00 EDT
        (datetime(2025, 11, 2, 23, 0, tzinfo=timezone.utc), 900, "ESZ5"),   # from 18:00 EST
        (datetime(2025, 11, 3, 21, 30, tzinfo=timezone.utc), 30, "ESZ5"),
        (datetime(2025, 11, 3, 23, 0, tzinfo=timezone.utc), 400, "ESZ5"),
    ]
    price = 4 * 6800
    bars = []
    for start, minutes, contract in pieces:
        price += below(161) - 80
        for minute in range(minutes):
            at = start + timedelta(minutes=minute)
            quiet = 200 <= minute < 330
            lonely = 300 <= minute < 315 and minute != 314
            if lonely or below(100) < (70 if quiet else 4):
                continue
            span = 2 if quiet else 17
            opened = price + below(5) - 2
            closed = opened + below(2 * span + 1) - span
            high = max(opened, closed) + below(span + 1)
            low = min(opened, closed) - below(span + 1)
            volume = 5 + below(4 if quiet else 9000)
            bars.append((at, opened, high, low, closed, volume, contract))
            price = closed
    return bars


def price_text(ticks):
    return format(Decimal(ticks) / TICKS_A_POINT, "f")


def write_bars(path, bars):
    with open(path, "w", newline="\n") as out:
        out.write("ts,utc,open,high,low,close,volume,contract\n")
        for at, opened, high, low, closed, volume, contract in bars:
            prices = ",".join(price_text(p) for p in (opened, high, low, closed))
            stamp = f"{int(at.timestamp())},{at:%Y-%m-%dT%H:%M:%SZ}"
            out.write(f"{stamp},{prices},{volume},{contract}\n")


class Rsi:
    def __init__(self, length):
        self.length, self.closes, self.last = length, 0, None
        self.gain = self.loss = Decimal(0)

    def add(self, close):
        if self.last is not None:
            change = Decimal(close - self.last)
            gain, loss = max(change, Decimal(0)), max(-change, Decimal(0))
            if self.closes <= self.length:
                self.gain += gain / self.length
                self.loss += loss / self.length
            else:
                self.gain = ((self.length - 1) * self.gain + gain) / self.length
                self.loss = ((self.length - 1) * self.loss + loss) / self.length
        self.last = close
        self.closes += 1

    def value(self):
        if self.closes <= self.length:
            return None
        if self.loss == 0:
            return Decimal(100) if self.gain > 0 else Decimal(50)
        return 100 - 100 / (1 + self.gain / self.loss)


class Atr:
    def __init__(self, length):
        self.length, self.ranges, self.last, self.wilder = length, [], None, None

    def add(self, high, low, close):
        if self.last is not None:
            self.ranges.append(max(high - low, abs(high - self.last), abs(low - self.last)))
            if len(self.ranges) == self.length:
                self.wilder = Decimal(sum(self.ranges)) / self.length
            elif len(self.ranges) > self.length:
                self.wilder = ((self.length - 1) * self.wilder + self.ranges[-1]) / self.length
        self.last = close

    def values(self):
        if len(self.ranges) < self.length:
            return None, None
        plain = Decimal(sum(self.ranges[-self.length:])) / self.length
        return self.wilder / TICKS_A_POINT, plain / TICKS_A_POINT


class Ema:
    def __init__(self, length):
        self.length, self.closes, self.average = length, [], None

    def add(self, close):
        self.closes.append(close)
        if len(self.closes) == self.length:
            self.average = Decimal(sum(self.closes)) / self.length
        elif len(self.closes) > self.length:
            self.average += Decimal(2) / (self.length + 1) * (close - self.average)

    def value(self):
        return None if self.average is None else self.average / TICKS_A_POINT


class Quarters:
    """Indicators of the quarters of an hour that were closed so far."""

    def __init__(self):
        self.rsi, self.atr, self.slow, self.fast = Rsi(10), Atr(14), Ema(50), Ema(21)
        self.rows, self.open = [], None

    def close(self):
        start, opened, high, low, closed, volume, minutes = self.open
        self.open = None
        self.rsi.add(closed)
        self.atr.add(high, low, closed)
        self.slow.add(closed)
        self.fast.add(closed)
        wilder, plain = self.atr.values()
        at = datetime.fromtimestamp(start, timezone.utc)
        self.rows.append({
            "ts": start, "utc": f"{at:%Y-%m-%dT%H:%M:%SZ}", "session": session_of(at).isoformat(),
            "open": price_text(opened), "high": price_text(high), "low": price_text(low),
            "close": price_text(closed), "volume": volume, "n_minutes": minutes,
            "rsi10": self.rsi.value(), "atr14": wilder, "atr14sma": plain,
            "ema50": self.slow.value(), "ema21": self.fast.value()})

    def add(self, bar):
        at, opened, high, low, closed, volume, _ = bar
        seconds = int(at.timestamp())
        start = seconds // 900 * 900
        if self.open and self.open[0] != start:
            self.close()
        if not self.open:
            self.open = [start, opened, high, low, closed, volume, 1]
        else:
            self.open[2], self.open[3] = max(self.open[2], high), min(self.open[3], low)
            self.open[4] = closed
            self.open[5] += volume
            self.open[6] += 1
        if seconds + 60 >= start + 900:
            self.close()

    def values(self):
        wilder, plain = self.atr.values()
        return {"rsi10_15m": self.rsi.value(), "atr14_15m": wilder, "atr14sma_15m": plain,
                "ema50_15m": self.slow.value(), "ema21_15m": self.fast.value()}


def session_of(at):
    return (at.astimezone(NEW_YORK).replace(tzinfo=None) + timedelta(hours=6)).date()


def reference(bars):
    """Rows of minutes, of quarters and of sessions."""
    rsi, atr, quarters = Rsi(10), Atr(14), Quarters()
    minutes, sessions = [], {}
    session, volume, first, second = None, 0, 0, 0
    for bar in bars:
        at, opened, high, low, closed, traded, contract = bar
        if session != session_of(at):
            session, volume, first, second = session_of(at), 0, 0, 0
        thrice = high + low + closed
        volume += traded
        first += traded * thrice
        second += traded * thrice**2
        unit = 3 * TICKS_A_POINT
        vwap = Decimal(first) / (volume * unit)
        sd = (Decimal(second * volume - first**2) / (volume * unit) ** 2).sqrt()
        rsi.add(closed)
        atr.add(high, low, closed)
        quarters.add(bar)
        row = {"ts": int(at.timestamp()), "utc": f"{at:%Y-%m-%dT%H:%M:%SZ}",
               "et": f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S%z}",
               "session": session.isoformat(),
               "contract": contract, "open": price_text(opened), "high": price_text(high),
               "low": price_text(low), "close": price_text(closed), "volume": traded,
               "cum_vol": volume, "vwap": vwap, "sd": sd}
        for name, factor in BANDS:
            row["u" + name] = vwap + Decimal(factor) * sd
            row["l" + name] = vwap - Decimal(factor) * sd
        row |= {"rsi10_1m": rsi.value(), "atr14_1m": atr.values()[0]} | quarters.values()
        minutes.append(row)
        before = sessions.get(session)
        sessions[session] = {
            "session": session.isoformat(), "n_bars": before["n_bars"] + 1 if before else 1,
            "first_utc": before["first_utc"] if before else row["utc"], "last_utc": row["utc"],
            "contract": contract, "session_volume": volume, "vwap": vwap, "sd": sd,
            "last_close": row["close"], "rsi10_1m": row["rsi10_1m"], "atr14_1m": row["atr14_1m"],
            **quarters.values(), "n_15m_closed": len(quarters.rows)}
    if quarters.open:
        quarters.close()
    return minutes, quarters.rows, list(sessions.values())
