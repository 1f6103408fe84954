// Compiled as it is, and then with each mistake, which must not compile. See CMakeLists.txt.
#include "worker/jobs/registry.hpp"

namespace bullpen::jobs {

void act(const SignalsRole& signals, const StateRole& state, const PlacementRole& placement,
         const ProtectionRole& protection, Instant now) {
    (void)state.shares->ask_account(now);
    (void)placement.buyer.buy({}, now);
    (void)placement.protector.place_stop("INFY", {}, {}, now);
    (void)protection.protector.close({}, now);
    (void)protection.protector.cancel(1, now);
    (void)make_pattern_daily(signals);
    (void)make_hourly_candle_watchdog(protection);
    (void)make_sync(state);
    (void)make_place_orders_daily(placement);
    (void)make_update_cnc_stoploss(protection);
    (void)placement.inbox.read("signals.csv", 1);
#ifdef INBOX_WRITES
    (void)placement.inbox.create("signals.csv", 0600);
#endif
#ifdef INBOX_RENAMES
    (void)placement.inbox.rename("signals.csv", "done.csv");
#endif
#ifdef INBOX_REMOVES
    (void)placement.inbox.remove("signals.csv");
#endif
#ifdef INBOX_BY_ITS_PATH
    (void)placement.files.remove(placement.paths.inbox + "/signals.csv");
#endif
#ifdef PROTECTION_HAS_INBOX
    (void)protection.inbox.names();
#endif
#ifdef STATE_HAS_INBOX
    (void)state.inbox.names();
#endif
#ifdef SIGNALS_READS
    (void)signals.shares->ask_account(now);
#endif
#ifdef SIGNALS_BUYS
    (void)signals.buyer.buy({}, now);
#endif
#ifdef SIGNALS_CLOSES
    (void)signals.protector.close({}, now);
#endif
#ifdef SIGNALS_AS_STATE
    (void)make_sync(signals);
#endif
#ifdef SIGNALS_AS_PROTECTION
    (void)make_hourly_candle_watchdog(signals);
#endif
#ifdef STATE_BUYS
    (void)state.buyer.buy({}, now);
#endif
#ifdef STATE_CLOSES
    (void)state.protector.close({}, now);
#endif
#ifdef PROTECTION_BUYS
    (void)protection.buyer.buy({}, now);
#endif
#ifdef READER_BUYS
    (void)protection.shares.buy({}, now);
#endif
#ifdef BUYER_TAKES_STOPS
    (void)placement.buyer.delete_stop(1, now);
#endif
#ifdef PROTECTION_AS_PLACEMENT
    (void)make_place_orders_daily(protection);
#endif
#ifdef STATE_AS_PROTECTION
    (void)make_update_cnc_stoploss(state);
#endif
}

}  // namespace bullpen::jobs
