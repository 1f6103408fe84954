#!/usr/bin/env python3
"""Alerts of an account that trades shares: what sync finds that no order of the account's own has
brought about is told to somebody, and is not only a text of a run that succeeded."""

import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from home import Home, eventually, main  # noqa: E402
from share_home import ACCOUNT, NAMES, VENUE, Exchange, ShareTests  # noqa: E402

# It takes each alert; what it was given is in the history.
ALERTS = '[alerts]\ncommand = ["/bin/cat"]\n'


class ShareAlerts(ShareTests, unittest.TestCase):
    def sent(self, home):
        path = home.root / "alerts" / "history.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in map(json.loads, lines) if line["event"] == "alert_sent"]

    def trade_by_hand(self, home, symbol, side, quantity):
        """At the last price of the account's own purchase, which a sale takes at once."""
        price = self.last_price(home, symbol) * (102 if side == "buy" else 98) // 100 // 5 * 5
        home.tell_venue("share_order", account="anna", symbol=symbol, side=side,
                        quantity=quantity, price=f"{price // 100}.{price % 100:02}")

    def last_price(self, home, symbol):
        """In paise."""
        return [int(fill[1]) for line in Exchange(home).lines()
                for fill in [re.match(rf"filled \d+ \w+ \d+ {symbol} at (\d+)", line)] if fill][-1]

    def audited(self, home, event):
        path = home.root / "accounts" / "anna" / "logs" / "audit.log"
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]

    def test_what_a_person_bought_is_adopted_and_what_a_person_sold_is_a_mismatch(self):
        with Home(ALERTS) as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            bought = self.placed(home)
            home.until_service("bullpen-notify", "RUNNING")
            sold, more = NAMES[0], NAMES[2]
            self.trade_by_hand(home, more, "buy", 3)
            eventually(lambda: home.of("anna")["quantity"] == sum(bought.values()) + 3, home.story)
            self.assertTrue(self.run_job(home, "sync")["ok"])
            # Its own purchases are no news.
            eventually(lambda: self.audited(home, "adopted"), home.story)
            self.assertEqual([(one["symbol"], one["quantity"])
                              for one in self.audited(home, "adopted")], [(more, bought[more] + 3)])
            self.assertEqual(self.audited(home, "mismatch"), [])

            self.trade_by_hand(home, sold, "sell", 1)
            eventually(lambda: home.of("anna")["quantity"] == sum(bought.values()) + 2, home.story)
            self.assertTrue(self.run_job(home, "sync")["ok"])
            eventually(lambda: self.audited(home, "mismatch"), home.story)
            self.assertEqual([(one["symbol"], one["known"], one["held"])
                              for one in self.audited(home, "mismatch")],
                             [(sold, bought[sold], bought[sold] - 1)])
            eventually(lambda: {line["alert"] for line in self.sent(home)} >=
                       {"adoption", "reconcile_mismatch"},
                       lambda: (self.sent(home), home.story()))
            # Said once.
            self.assertTrue(self.run_job(home, "sync")["ok"])
            self.assertEqual(len(self.audited(home, "adopted") + self.audited(home, "mismatch")), 2)

    def test_a_stop_that_sold_far_below_its_level_is_told_as_slippage(self):
        with Home(ALERTS) as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT)
            self.placed(home)
            home.until_service("bullpen-notify", "RUNNING")
            self.assertTrue(self.run_job(home, "update_cnc_stoploss")["ok"])
            level = {line.split()[3]: int(line.split()[5]) for line in Exchange(home).lines()
                     if line.startswith("trigger_placed")}
            # In a gap, though above the limit of the stop's order.
            symbol = NAMES[0]
            paise = level[symbol] * 985 // 1000 // 5 * 5
            home.tell_venue("share_price", symbol=symbol, price=f"{paise // 100}.{paise % 100:02}")
            eventually(lambda: symbol in self.sold(home), lambda: Exchange(home).lines())
            eventually(lambda: self.audited(home, "slippage_alarm"), home.story)
            eventually(lambda: "slippage" in {line["alert"] for line in self.sent(home)},
                       home.story)
            told = self.audited(home, "slippage_alarm")
            self.assertEqual([line["symbol"] for line in told], [symbol])
            expected = f"{level[symbol] // 100}.{level[symbol] % 100:02}"
            self.assertEqual(told[0]["expected"], expected)

    def test_how_far_a_stop_may_sell_below_its_level_is_a_setting(self):
        with Home(ALERTS) as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT + "slippage_alarm = 300\n")
            self.placed(home)
            self.assertTrue(self.run_job(home, "update_cnc_stoploss")["ok"])
            level = {line.split()[3]: int(line.split()[5]) for line in Exchange(home).lines()
                     if line.startswith("trigger_placed")}
            # As far as is told in the test above.
            symbol = NAMES[0]
            paise = level[symbol] * 985 // 1000 // 5 * 5
            home.tell_venue("share_price", symbol=symbol, price=f"{paise // 100}.{paise % 100:02}")
            eventually(lambda: [line for line in self.audited(home, "share_filled")
                                if line["by"] == "stop"], home.story)
            self.assertEqual(self.audited(home, "slippage_alarm"), [])

    def test_the_loss_of_a_day_ends_its_purchases_over_a_restart_and_exits_go_on(self):
        with Home(ALERTS) as home:
            (home.root / "venue.toml").write_text(VENUE)
            home.account("anna", ACCOUNT + "[risk]\ndaily_loss_max = 500\n")
            bought = self.placed(home)
            home.until_service("bullpen-notify", "RUNNING")
            paise = {one: self.last_price(home, one) * 95 // 100 // 5 * 5 for one in NAMES}

            def limited():
                # The market goes its own way from there, until the account has looked.
                for symbol, price in paise.items():
                    home.tell_venue("share_price", symbol=symbol,
                                    price=f"{price // 100}.{price % 100:02}")
                return home.of("anna")["mode_reason"] == "limit_reached"
            eventually(limited, home.story)
            self.assertEqual(home.of("anna")["mode"], "idle")
            told = eventually(lambda: self.audited(home, "limit_reached"), home.story)[0]
            self.assertEqual((told["limit"], told["most"]), ("daily_loss", "500.00"))
            self.assertIn("daily_loss_reached", home.ctl("explain", "anna").stdout)
            self.assertIn("daily_loss", home.ctl("status", "--risk", check=False).stdout)
            eventually(lambda: "limit_reached" in {line["alert"] for line in self.sent(home)},
                       home.story)
            # The same file, written anew, would be planned from again.
            self.signals(home)
            for restart in (False, True):
                if restart:
                    home.ctl("restart", "anna")
                    home.until("anna", "RUNNING", mode_reason="limit_reached")
                refused = self.run_job(home, "place_orders_daily")
                self.assertFalse(refused["ok"])
                self.assertEqual(refused["run"]["reason"], "daily_loss_reached")
            self.assertEqual(len(self.audited(home, "limit_reached")), 1)
            self.assertEqual(Exchange(home).bought(), bought)
            moved = self.run_job(home, "update_cnc_stoploss")
            self.assertTrue(moved["ok"], moved)
            home.ctl("flatten", "anna")
            eventually(lambda: self.sold(home) == bought, home.story)


if __name__ == "__main__":
    main()
