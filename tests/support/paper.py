"""Accounts that trade on paper, for tests: their settings, an exchange that waits for them, and
what it says of them."""

import json

from home import eventually

# Minutes of the market of seed 11: with so many of them as history, a signal is seconds away.
BEFORE_A_SIGNAL = 1958
# Every account of a test trades in the same market, by no calendar, and is held back by no limit.
USUAL = {
    "trading": "on",
    "events.on_unknown": "trade",
    "feed.instrument": "MES",
    "feed.seed": 11,
    "feed.history": 1500,
    "session.trade_uncovered_days": True,
    "risk.daily_loss_max": 100000,
    "risk.approach": "off",
}
# What it enters it holds for hours of the market, whatever that does.
PATIENT = {
    "risk.fast_market": False,
    "risk.per_trade_percent": 100,
    "strategy.band_exit": 20,
    "strategy.break_even": False,
    "strategy.holding_max": "240 min",
    "strategy.stop_band_ticks": 2000,
    "strategy.stop_ticks": 2000,
    "strategy.trailing": False,
}


def trader(settings=()):
    """The usual account's file with these settings instead of its own, or beside them; one that is
    None is left out."""
    # What JSON writes of a text, a number, a truth or a list is TOML too.
    return "".join(f"{key} = {json.dumps(value)}\n"
                   for key, value in {**USUAL, **dict(settings)}.items() if value is not None)


def lockstep(*accounts, instruments=("MES",), ticks=False):
    """The settings of an exchange that takes no step of a market before its accounts are done with
    the one before, and that keeps all of its log, since a judge reads it from its beginning."""
    names = ", ".join(json.dumps(name) for name in accounts)
    markets = "".join(f'\n[market.{instrument.lower()}]\nsource = "synthetic"\npace = "lockstep"\n'
                      f'instrument = "{instrument}"\nseed = 11\nhistory = 1500\n'
                      + ("ticks = true\n" if ticks else "")
                      for instrument in instruments)
    return (f'fsync = "never"\nlog_mib = 0\nlockstep_accounts = [{names}]\n'
            f'lockstep_wait_ms = 600000\n{markets}')


def at_exchange(home, name="anna"):
    """What the exchange says of the account: position, working orders."""
    return home.tell_venue("account", account=name)["result"]


def until_holding(home, name="anna", deadline=40):
    """Waits until the account holds something behind its stop; its line of status."""
    def held():
        line = home.of(name)
        there = line.get("quantity") and at_exchange(home, name)["working"] == 1
        return line if there else None
    return eventually(held, lambda: f"{home.of(name)}\n{home.story()}", deadline)
